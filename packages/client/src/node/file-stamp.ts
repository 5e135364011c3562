// Whether a file is still the one that was looked at.
import type { FileHandle } from 'node:fs/promises'

/**
 * Another one as soon as somebody has written to the file, or replaced it: the time of the last change is set by the
 * system itself. The size of the blocks is part of it, as another one makes other blocks.
 */
export async function stampOf(handle: FileHandle, blockBytes: number): Promise<string> {
  const { size, ino, mtimeNs, ctimeNs } = await handle.stat({ bigint: true })
  return [size, ino, mtimeNs, ctimeNs, blockBytes].join('-')
}

/** For a file that was meant to be left alone while it is sent. */
export function changedWhileSent(name: string, options?: ErrorOptions): RangeError {
  return new RangeError(`${name} changed during the upload; push again when nobody writes to it`, options)
}
