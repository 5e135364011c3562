// A disk of a few hundred kilobytes, so that a full one need not be imagined. Mounting it takes root.
import { execFile } from 'node:child_process'
import { mkdtemp, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface SmallDisk {
  path: string
  remove(): Promise<void>
}

/** The disk, or why there can be none here. */
export async function mountSmallDisk(kilobytes: number): Promise<SmallDisk | { problem: string }> {
  const path = await mkdtemp(join(tmpdir(), 'alidade-disk-'))
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', path])
  } catch (error) {
    await rmdir(path)
    return { problem: (error as { stderr?: string }).stderr?.trim() || (error as Error).message }
  }
  return {
    path,
    remove: async () => {
      await run('umount', [path])
      await rmdir(path)
    },
  }
}
