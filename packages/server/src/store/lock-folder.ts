// One process a data folder. The lock is a file that names its owner; a lock whose owner is dead is taken over.
import { randomUUID } from 'node:crypto'
import { link, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** Takes the lock or throws; the returned function gives it back. */
export async function lockFolder(path: string): Promise<() => Promise<void>> {
  for (;;) {
    const [pid, started] = [process.pid, (await startOf(process.pid)) ?? '']
    // Named after its owner: a claim that is seen before it is written through must not be taken for a dead one's.
    const claim = `${path}.${pid}.${started}.${randomUUID()}`
    await writeFile(claim, `${pid} ${started}`)
    try {
      if (await take(path, claim)) return () => rm(path, { force: true })
    } finally {
      await rm(claim, { force: true })
    }
    await delay(10 + Math.random() * 40) // another process starts too: let one of us be first
  }
}

/**
 * Whoever finds a dead owner's lock removes it only while no other claim is alive. A claim is written before the others
 * are looked for, so of two processes the later one sees the earlier, and nobody removes a lock that was taken over
 * after it was last read.
 */
async function take(path: string, claim: string): Promise<boolean> {
  if (await linked(claim, path)) return true
  const owner = await contentOf(path)
  if (owner === undefined) return false
  if (await isAlive(owner)) {
    const [pid] = owner.split(' ')
    throw new Error(`${path.replace(/\.lock$/, '')} is in use by process ${pid}; stop that one first`)
  }
  const [folder, prefix] = [dirname(path), `${basename(path)}.`]
  for (const name of await readdir(folder)) {
    const other = join(folder, name)
    if (!name.startsWith(prefix) || other === claim) continue
    const [pid, started] = name.slice(prefix.length).split('.')
    if (await isAlive(`${pid} ${started}`)) return false
    await rm(other, { force: true })
  }
  if ((await contentOf(path)) !== owner) return false
  await rm(path, { force: true })
  return linked(claim, path)
}

/** Appears whole or not at all: the one atomic step. False when the lock exists. */
async function linked(claim: string, path: string): Promise<boolean> {
  try {
    await link(claim, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function contentOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function isAlive(owner: string): Promise<boolean> {
  const [pid = '', started = ''] = owner.split(' ')
  const now = await startOf(Number(pid))
  // A pid given to another program since then names a process that started at another time. Where the system does not
  // tell times, a living pid has to do.
  return now !== undefined && (now === started || now === '' || started === '')
}

/** When a living process started, '' if the system does not tell; undefined when there is no such process. */
async function startOf(pid: number): Promise<string | undefined> {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined
  }
  // /proc/<pid>/stat (proc(5)): state in field 3, start time in clock ticks in field 22; the name in field 2 may hold
  // spaces. A zombie has ended and only waits for its parent to notice.
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' ? undefined : (fields[19] ?? '')
}
