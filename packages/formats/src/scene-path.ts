// Paths inside a ContextScene: `<reference id>:<relative path>`, or a path beside the scene itself.
import { FormatError } from './format-error.ts'

export type ScenePath = {
  /** Key in `References`; undefined for a path beside the scene. */
  readonly referenceId?: string
  /** Relative, with forward slashes, without `.` and `..`; empty for the reference itself. */
  readonly relativePath: string
}

/**
 * `0:sub\file.las` as reference `0` and `sub/file.las`. FormatError `Invalid` for what leads out of the folder:
 * `..`, absolute paths, drive letters, NUL.
 */
export function splitScenePath(path: string): ScenePath {
  const match = /^(\d+):(.*)$/s.exec(path)
  const relativePath = safeRelativePath(match ? match[2]! : path, path)
  return match ? { referenceId: match[1]!, relativePath } : { relativePath }
}

/** The reality data behind a reference `rds:<guid>`, in lower case; undefined for other references. */
export function realityDataIdOf(referencePath: string): string | undefined {
  const guid = /^rds:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/?$/i.exec(referencePath.trim())
  return guid?.[1]?.toLowerCase()
}

function safeRelativePath(path: string, whole: string): string {
  const forward = path.replaceAll('\\', '/')
  const parts = forward.split('/').filter((part) => part !== '' && part !== '.')
  const escapes = forward.startsWith('/') || parts.includes('..') || /^[A-Za-z]:/.test(forward)
  if (escapes || forward.includes('\0') || forward.includes(':')) {
    const shown = JSON.stringify(whole.slice(0, 80))
    throw new FormatError('Invalid', 'scene path', `expected <reference id>:<relative path>, got ${shown}`)
  }
  return parts.join('/')
}
