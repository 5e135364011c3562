// One process a data folder. The lock is a file that holds its owner's pid; a lock whose owner is dead is taken over.
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'

/** Takes the lock or throws; the returned function gives it back. */
export async function lockFolder(path: string): Promise<() => Promise<void>> {
  const mine = `${path}.${randomUUID()}`
  await writeFile(mine, `${process.pid} ${await startTime(process.pid)}`)
  try {
    for (;;) {
      try {
        await link(mine, path) // fails if it exists: the one atomic step
        return () => rm(path, { force: true })
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      const owner = await readFile(path, 'utf8').catch(() => '')
      const [pid = '', started = ''] = owner.split(' ')
      if (owner !== '' && (await startTime(Number(pid))) === started) {
        throw new Error(`${path.replace(/\.lock$/, '')} is in use by process ${pid}; stop that one first`)
      }
      // Move the dead owner's lock aside instead of deleting it: of two processes that see it, one wins the rename.
      const stale = `${path}.${randomUUID()}`
      await rename(path, stale).catch(() => undefined)
      await rm(stale, { force: true })
    }
  } finally {
    await rm(mine, { force: true })
  }
}

/** Identifies a living process, so that a pid given to another program later is not taken for it; '' when dead. */
async function startTime(pid: number): Promise<string> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return ''
  }
  // Field 22 of /proc/<pid>/stat (proc(5)): start time in clock ticks; the name in field 2 may hold spaces.
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return stat === undefined ? 'alive' : (stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 'alive')
}
