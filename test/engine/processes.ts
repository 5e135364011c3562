// Eyes on the processes of this machine, and a number generator to disturb them by.
import { readdirSync, readlinkSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * Pids of the processes whose working folder lies in `folder`, which may be gone meanwhile. A few hundred links that are
 * read one after the other take 2 ms, with a promise for each 18.
 */
export async function processesIn(folder: string): Promise<number[]> {
  const numbered = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return numbered.filter((pid) => folderOf(pid).startsWith(`${folder}/`)).map(Number)
}

function folderOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return ''
  }
}

/** How long until none of these processes is left, in milliseconds. */
export async function millisecondsUntilGone(pids: readonly number[]): Promise<number> {
  const began = performance.now()
  while ((await Promise.all(pids.map(isAlive))).includes(true)) {
    if (performance.now() - began > 30_000) throw new Error(`of the processes ${pids} some are left`)
    await delay(10)
  }
  return performance.now() - began
}

/** A zombie has ended; when its parent takes note of it is not the point here. */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return stat !== undefined && stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z'
}

/** A number generator with a seed, so that a run can be repeated. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
