// Sweeps at start, when a crash may have left files, and every hour.
import type { Logger } from 'pino'
import type { BlobStore } from '../blobs/blob-store.ts'
import type { JobWork } from '../store/job-store.ts'
import { sweepContainers } from './sweep-containers.ts'

export interface SweeperOptions {
  jobs: Pick<JobWork, 'unneeded'>
  blobs: BlobStore
  log: Logger
  now: () => Date
}

export interface Sweeper {
  /** Returns when a sweep under way has ended. */
  stop(): Promise<void>
}

const intervalMs = 60 * 60 * 1000

export function startSweeper(options: SweeperOptions): Sweeper {
  const stopping = new AbortController()
  let sweeping: Promise<void> = Promise.resolve()
  const run = () => {
    sweeping = sweeping.then(() => sweep(options, stopping.signal))
  }
  run()
  const timer = setInterval(run, intervalMs)
  return {
    stop: async () => {
      clearInterval(timer)
      stopping.abort(new Error('the service stops'))
      await sweeping
    },
  }
}

async function sweep({ log, now, ...options }: SweeperOptions, signal: AbortSignal): Promise<void> {
  try {
    const containers = await sweepContainers(options, { now: now(), signal })
    if (containers.length > 0) log.info({ containers }, 'removed files that nothing refers to')
    await options.blobs.sweep({ now: now(), signal })
  } catch (error) {
    if (!signal.aborted) log.error({ err: error }, 'could not sweep')
  }
}
