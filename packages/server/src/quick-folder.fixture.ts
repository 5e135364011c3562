// Where tests put thousands of small files that need not outlive them.
import { statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'

/** Memory, where enough of it serves as a folder: on a disk the files of a database take ten times as long to make. */
export async function quickFolder(): Promise<string> {
  const memory = '/dev/shm'
  const freeBytes = await statfs(memory).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  )
  return freeBytes > 4e9 ? memory : tmpdir()
}
