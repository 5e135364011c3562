// Eyes on the processes of this machine, and a number generator to disturb them by.
import { readdir, readlink } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

/** Pids of the processes whose working folder lies in `folder`, which may be gone meanwhile. */
export async function processesIn(folder: string): Promise<number[]> {
  const pids: number[] = []
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const cwd = await readlink(`/proc/${name}/cwd`).catch(() => '')
    if (cwd.startsWith(`${folder}/`)) pids.push(Number(name))
  }
  return pids
}

/** How long until none of these processes is left, in milliseconds. */
export async function millisecondsUntilGone(pids: readonly number[]): Promise<number> {
  const began = performance.now()
  while (pids.some(isAlive)) {
    if (performance.now() - began > 30_000) throw new Error(`of the processes ${pids} some are left`)
    await delay(10)
  }
  return performance.now() - began
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** A number generator with a seed, so that a run can be repeated. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
