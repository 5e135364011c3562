// Sweeps every hour, and for the first time when the service has run for a while: a start deletes nothing, so that
// whoever started it on the wrong folder or database has time to notice.
import type { Logger } from 'pino'
import type { BlobStore, SweepResult } from '../blobs/blob-store.ts'
import type { JobWork } from '../store/job-store.ts'
import { type SweepContainersOptions, type SweptContainer, sweepContainers } from './sweep-containers.ts'

export interface SweeperOptions extends SweepContainersOptions {
  blobs: SweepContainersOptions['blobs'] & Pick<BlobStore, 'sweep'>
  jobs: SweepContainersOptions['jobs'] & Pick<JobWork, 'forgetTiles'>
  log: Logger
  now: () => Date
  /** Told of every sweep: what it removed, or undefined where it failed. */
  onSwept?: (swept: Swept | undefined) => void
  /** Until the first sweep, and from one to the next, in milliseconds. */
  firstMs?: number
  intervalMs?: number
}

export interface Swept {
  containers: SweptContainer[]
  /** What half uploads and crashes left in containers that stay. */
  leftovers: SweepResult
}

export interface Sweeper {
  /** Returns when a sweep under way has ended. */
  stop(): Promise<void>
}

const minuteMs = 60 * 1000

export function startSweeper(options: SweeperOptions): Sweeper {
  const { firstMs = 10 * minuteMs, intervalMs = 60 * minuteMs } = options
  const stopping = new AbortController()
  let sweeping: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout
  const runAfter = (milliseconds: number) => {
    timer = setTimeout(() => {
      sweeping = sweep(options, stopping.signal).finally(() => {
        if (!stopping.signal.aborted) runAfter(intervalMs)
      })
    }, milliseconds)
  }
  runAfter(firstMs)
  return {
    stop: async () => {
      stopping.abort(new Error('the service stops'))
      clearTimeout(timer)
      await sweeping
    },
  }
}

async function sweep(options: SweeperOptions, signal: AbortSignal): Promise<void> {
  const { log, now, onSwept } = options
  try {
    await options.jobs.forgetTiles()
    const containers = await sweepContainers(options, { now: now(), signal })
    if (containers.length > 0) log.info({ containers }, 'removed files that nothing refers to')
    const leftovers = await options.blobs.sweep({ now: now(), signal })
    if (leftovers.filesRemoved > 0) log.info(leftovers, 'removed what half uploads left')
    onSwept?.({ containers, leftovers })
  } catch (error) {
    if (signal.aborted) return
    log.error({ err: error }, 'could not sweep')
    onSwept?.(undefined)
  }
}
