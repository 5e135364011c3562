// One agent a host: claims jobs while it has slots free, tells who is cancelled, and stops in good order.
import { mkdir, rm } from 'node:fs/promises'
import type { Logger } from 'pino'
import type { WorkBlobs } from '../blobs/blob-store.ts'
import type { DiskWatch } from '../disk/watch-disk.ts'
import type { DetectorStore } from '../store/detector-store.ts'
import type { JobWork } from '../store/job-store.ts'
import type { RealityDataStore } from '../store/reality-data-store.ts'
import { openKeptFolders } from './kept-folders.ts'
import { workOnJob } from './work-on-job.ts'

export interface AgentOptions {
  /** Stays the same over restarts: it is how an agent finds what its predecessor had under way. */
  name: string
  jobs: JobWork
  blobs: WorkBlobs
  realityData: Pick<RealityDataStore, 'get' | 'bucket'>
  /** The library of detectors; absent: there is none. */
  detectors?: Pick<DetectorStore, 'resolveContainer'>
  /** Emptied at start. */
  scratchDir: string
  /** Where jobs keep results of long parts for their next attempt. */
  keptDir: string
  /** Jobs that are expected to take less keep nothing, in seconds; 0: no job does. */
  keepFromSeconds: number
  /** Points of a block that is kept by itself: some seconds of work. */
  keepBlockPoints?: number
  /** The disk of `keptDir`: when it is low, what is kept there goes first. */
  keptDisk?: Pick<DiskWatch, 'space'>
  /** Jobs at a time. */
  slots: number
  threadsPerJob: number
  /** The most that one job may use, and what all that run may use together. */
  memoryLimitMegabytes: number
  memoryMegabytes: number
  /** Jobs with more points are divided into tiles; 0: none is. */
  divideFromPoints: number
  /** How long an attempt may count nothing, and a job take that names no limit of its own; 0 for no limit. */
  stallMinutes: number
  timeLimitMinutes: number
  log: Logger
  now: () => Date
  /** While true nothing is claimed; asked before each claim. */
  paused?: () => boolean
  /** How often to look for work that no notification told of, and to renew leases, in milliseconds. */
  pollMs?: number
  heartbeatMs?: number
  /** How long an attempt that was told to end may take before it is left alone; a runner is killed after two seconds. */
  endGraceMs?: number
  /** The program of the runners; tests name one that misbehaves. */
  runner?: string
}

export interface Agent {
  /** Stops the runners, gives their jobs back to the queue, and returns when all of that is done. */
  stop(): Promise<void>
}

interface Running {
  jobId: string
  tileOf: string | undefined
  controller: AbortController
  done: Promise<void>
}

export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { name, jobs, log, memoryLimitMegabytes, pollMs = 2000 } = options
  // Each job may use its limit, and the machine has to hold those of all that run.
  const places = Math.min(
    options.slots,
    Math.max(1, Math.floor(options.memoryMegabytes / memoryLimitMegabytes)),
  )
  if (places < options.slots)
    log.warn(
      { slots: options.slots, places, memoryLimitMegabytes },
      'memory for fewer jobs at a time than slots',
    )
  // Runners of a predecessor that was killed write for up to a second more.
  await rm(options.scratchDir, { recursive: true, force: true, maxRetries: 8, retryDelay: 100 })
  await mkdir(options.scratchDir, { recursive: true })
  const recovered = await jobs.recover(name)
  if (recovered.length > 0)
    log.warn({ jobIds: recovered }, 'put back on the queue what was under way before the restart')

  const kept = await openKeptFolders({ keptDir: options.keptDir, jobs, disk: options.keptDisk, log })

  const stopping = new AbortController()
  const running = new Set<Running>()
  let claiming: Promise<void> | undefined
  let wanted = false

  /** Fills the free slots. Called again while it runs, it starts over when done. */
  function look(): void {
    if (claiming !== undefined) {
      wanted = true
      return
    }
    claiming = claimAll()
      .catch((error: unknown) => log.error({ err: error }, 'could not claim a job'))
      .finally(() => {
        claiming = undefined
        if (wanted) {
          wanted = false
          look()
        }
      })
  }

  async function claimAll(): Promise<void> {
    while (running.size < places && !stopping.signal.aborted && !options.paused?.()) {
      const working = [...running].map(({ jobId }) => jobId)
      const job = await jobs.claim(name, { memoryLimitMegabytes, working })
      if (job === undefined) return
      const controller = new AbortController()
      const done = workOnJob({ ...options, kept, places }, job, controller.signal, stopping.signal)
        .catch((error: unknown) => log.error({ err: error, jobId: job.id }, 'the agent failed on a job'))
        .finally(() => {
          running.delete(entry)
          look()
        })
      const entry: Running = { jobId: job.id, tileOf: job.tileOf, controller, done }
      running.add(entry)
    }
  }

  const unsubscribe = await jobs.onChange((cancelledJobId) => {
    if (cancelledJobId === undefined) return look()
    for (const { jobId, tileOf, controller } of running) {
      if (jobId === cancelledJobId || tileOf === cancelledJobId) controller.abort(new Error('cancelled'))
    }
  })
  const timer = setInterval(look, pollMs)
  look()

  return {
    stop: async () => {
      stopping.abort(new Error('the service stops'))
      clearInterval(timer)
      await unsubscribe()
      await claiming
      for (const { controller } of running) controller.abort(stopping.signal.reason)
      await Promise.all([...running].map(({ done }) => done))
      await kept.stop()
    },
  }
}
