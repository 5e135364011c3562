// Which folders of the host may be shown as reality data: those below the roots that the operator names, and never what
// the service keeps for itself. Asked again whenever a file is opened, so that it holds for what changes later too.
import { lstat, realpath } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'

export interface LinkedRoots {
  /** The same folder by its real path. Throws `FolderRefused`. */
  admit(folder: string): Promise<string>
}

/** Why a folder is not shown; the message is for the administrator who named it. */
export class FolderRefused extends Error {
  override readonly name = 'FolderRefused'
}

/**
 * @param roots absolute paths, from the settings
 * @param own folders of the service itself: its keys, its database, what it keeps of all tenants
 */
export function openLinkedRoots(roots: readonly string[], own: readonly string[]): LinkedRoots {
  return {
    admit: async (folder) => {
      if (!isAbsolute(folder) || folder.includes('\0')) throw new FolderRefused('must be an absolute path')
      const real = await realpath(resolve(folder)).catch(() => undefined)
      const allowed = await realPaths(roots)
      // Whether it is there is nobody's business outside of the roots.
      if (real === undefined || !allowed.some((root) => isWithin(root, real))) {
        const outside = 'must be a folder below one of the roots that --link-roots names'
        throw new FolderRefused(
          allowed.length === 0 ? 'cannot be linked: --link-roots names no root' : outside,
        )
      }
      for (const kept of await realPaths(own)) {
        if (isWithin(kept, real) || isWithin(real, kept))
          throw new FolderRefused('must not hold, or be part of, what the service keeps for itself')
      }
      if (!(await lstat(real)).isDirectory()) throw new FolderRefused('must be a folder')
      return real
    },
  }
}

/** Those that are there; one that is not yet there is taken as far as it is. */
async function realPaths(paths: readonly string[]): Promise<string[]> {
  return Promise.all(paths.map((path) => realAsFarAsItIs(resolve(path))))
}

async function realAsFarAsItIs(path: string): Promise<string> {
  const real = await realpath(path).catch(() => undefined)
  if (real !== undefined) return real
  const above = dirname(path)
  return above === path ? path : join(await realAsFarAsItIs(above), relative(above, path))
}

/** Whether `path` is `folder` or below it; both are real paths. */
export function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}
