// Opens a file of a linked folder, and nothing else: whatever its name says, whatever links, pipes or devices lie on its
// way, now or from the next moment on. What may not be opened is as if it were not there.
import { constants } from 'node:fs'
import { type FileHandle, lstat, open, readlink, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { type FileVersion, fileVersion } from '@alidade/jobs'
import { isWithin } from './linked-roots.ts'

export interface OpenedLinkedFile {
  handle: FileHandle
  /** Its real path, inside the folder. */
  path: string
  facts: FileFacts
}

export interface FileFacts {
  sizeBytes: number
  version: FileVersion
  createdAt: Date
  lastModified: Date
}

/**
 * Undefined for a name that is no plain file inside `folder`, which must be a real path. A link is followed as long as it
 * stays in the folder. The caller closes the handle.
 */
export async function openLinkedFile(folder: string, name: string): Promise<OpenedLinkedFile | undefined> {
  const path = await realPathOf(folder, name)
  if (path === undefined) return undefined
  // A device may act on being opened; a pipe would keep us waiting for its writer.
  if (!(await lstat(path).catch(missing))?.isFile()) return undefined
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    missing,
  )
  if (handle === undefined) return undefined
  try {
    const stat = await handle.stat({ bigint: true })
    // Between the look and the opening anything may have been put in its place, or in that of a folder above it: what
    // counts is what was opened.
    if (stat.isFile() && (await isAt(handle, path))) return { handle, path, facts: factsOf(stat) }
  } catch (error) {
    await handle.close()
    throw error
  }
  await handle.close()
  return undefined
}

/** Where a name leads, if that is inside the folder. */
export async function realPathOf(folder: string, name: string): Promise<string | undefined> {
  if (name.split('/').some((segment) => ['', '.', '..'].includes(segment)) || name.includes('\0'))
    return undefined
  const path = await realpath(join(folder, name)).catch(missing)
  return path !== undefined && path !== folder && isWithin(folder, path) ? path : undefined
}

/** The kernel says where the opened file is; elsewhere than on Linux the path is resolved once more. */
async function isAt(handle: FileHandle, path: string): Promise<boolean> {
  if (process.platform === 'linux') return (await readlink(`/proc/self/fd/${handle.fd}`)) === path
  if ((await realpath(path).catch(missing)) !== path) return false
  const [opened, named] = await Promise.all([handle.stat({ bigint: true }), lstat(path, { bigint: true })])
  return opened.dev === named.dev && opened.ino === named.ino
}

export function factsOf(stat: {
  size: bigint
  dev: bigint
  ino: bigint
  mtimeNs: bigint
  birthtime: Date
  mtime: Date
}): FileFacts {
  return {
    sizeBytes: Number(stat.size),
    version: fileVersion(stat),
    // Some file systems do not keep it.
    createdAt: stat.birthtime.getTime() > 0 ? stat.birthtime : stat.mtime,
    lastModified: stat.mtime,
  }
}

/** For `.catch()`: what is not there, what links lead round in circles to, and what may not be read is undefined. */
export function missing(error: NodeJS.ErrnoException): undefined {
  const codes = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'EACCES', 'EPERM', 'ENAMETOOLONG', 'ESTALE']
  if (codes.includes(error.code ?? '')) return undefined
  throw error
}
