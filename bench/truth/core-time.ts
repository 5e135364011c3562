// How long the threads of a process ran, and how long they were ready to run but had to wait for a core. Linux only.
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

export interface CoreTime {
  runSeconds: number
  waitSeconds: number
}

export interface CoreTimeWatch {
  /** Sums over all threads up to now, those that have ended as they were last seen. */
  look(): CoreTime
  stop(): Promise<void>
}

/** Threads come and go within a run: looked at often, what an ended one is not seen to have done is little. */
const intervalMs = 20

export function watchCoreTime(pid: () => Promise<number | undefined>): CoreTimeWatch {
  const threads = new Map<string, CoreTime>()
  const stopping = new AbortController()
  const watching = (async () => {
    let known: number | undefined
    while (!stopping.signal.aborted) {
      known ??= await pid()
      if (known !== undefined) await lookAt(known)
      await delay(intervalMs)
    }
  })()

  async function lookAt(process: number): Promise<void> {
    for (const thread of await readdir(`/proc/${process}/task`).catch(() => [])) {
      const text = await readFile(`/proc/${process}/task/${thread}/schedstat`, 'utf8').catch(() => '')
      const [run, wait] = text.split(' ').map(Number)
      if (run !== undefined && wait !== undefined)
        threads.set(thread, { runSeconds: run / 1e9, waitSeconds: wait / 1e9 })
    }
  }

  return {
    look: () => {
      let [runSeconds, waitSeconds] = [0, 0]
      for (const thread of threads.values()) {
        runSeconds += thread.runSeconds
        waitSeconds += thread.waitSeconds
      }
      return { runSeconds, waitSeconds }
    },
    stop: async () => {
      stopping.abort()
      await watching
    },
  }
}
