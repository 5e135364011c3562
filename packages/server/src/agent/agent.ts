// One agent a host: claims jobs, gives each a runner process, tells the store what it counts, and commits.
//
// The store fences every write by the attempt number, and every file goes under a name of this attempt: an agent
// that comes back from the dead can do no harm. Whatever an agent leaves behind, it or its successor removes.
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type JobMessage, jobErrorMessage } from '@alidade/contract'
import { JobError } from '@alidade/jobs'
import type { Logger } from 'pino'
import type { BlobStore } from '../blobs/blob-store.ts'
import type { JobRecord } from '../store/job-record.ts'
import type { Attempt, JobWork } from '../store/job-store.ts'
import type { RealityDataStore } from '../store/reality-data-store.ts'
import { fetchInputs } from './fetch-inputs.ts'
import { reportProgress } from './report-progress.ts'
import { removeAttempts, writeOutputs } from './publish-outputs.ts'
import { runAttempt } from './run-attempt.ts'

export interface AgentOptions {
  /** Stays the same over restarts: it is how an agent finds what its predecessor had under way. */
  name: string
  jobs: JobWork
  blobs: BlobStore
  realityData: Pick<RealityDataStore, 'get'>
  /** Emptied at start. */
  scratchDir: string
  /** Jobs at a time. */
  slots: number
  threadsPerJob: number
  memoryLimitMegabytes: number
  log: Logger
  /** How often to look for work that no notification told of, and to renew leases, in milliseconds. */
  pollMs?: number
  heartbeatMs?: number
}

export interface Agent {
  /** Stops the runners, gives their jobs back to the queue, and returns when all of that is done. */
  stop(): Promise<void>
}

export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { name, jobs, slots, log, pollMs = 2000 } = options
  await rm(options.scratchDir, { recursive: true, force: true })
  await mkdir(options.scratchDir, { recursive: true })
  const recovered = await jobs.recover(name)
  if (recovered.length > 0)
    log.warn({ jobIds: recovered }, 'put back on the queue what was under way before the restart')

  const stopping = new AbortController()
  const running = new Map<string, { controller: AbortController; done: Promise<void> }>()
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
    while (running.size < slots && !stopping.signal.aborted) {
      const job = await jobs.claim(name)
      if (job === undefined) return
      const controller = new AbortController()
      const done = work(options, job, controller.signal, stopping.signal)
        .catch((error: unknown) => log.error({ err: error, jobId: job.id }, 'the agent failed on a job'))
        .finally(() => {
          running.delete(job.id)
          look()
        })
      running.set(job.id, { controller, done })
    }
  }

  const unsubscribe = await jobs.onChange((cancelledJobId) => {
    if (cancelledJobId === undefined) look()
    else running.get(cancelledJobId)?.controller.abort(new Error('cancelled'))
  })
  const timer = setInterval(look, pollMs)
  look()

  return {
    stop: async () => {
      stopping.abort(new Error('the service stops'))
      clearInterval(timer)
      await unsubscribe()
      await claiming
      for (const { controller } of running.values()) controller.abort(stopping.signal.reason)
      await Promise.all([...running.values()].map(({ done }) => done))
    },
  }
}

/** One attempt from claim to commit. `signal` ends it; whether it was cancelled or we stop, `stopping` tells. */
async function work(
  options: AgentOptions,
  job: JobRecord,
  signal: AbortSignal,
  stopping: AbortSignal,
): Promise<void> {
  const { jobs, blobs, heartbeatMs = 3000 } = options
  const attempt: Attempt = { jobId: job.id, attempt: job.attempt }
  const log = options.log.child({ jobId: job.id, attempt: job.attempt })
  const folder = join(options.scratchDir, `${job.id}-${job.attempt}`)
  const stale = new AbortController()
  const ended = AbortSignal.any([signal, stale.signal])
  const progress = reportProgress(jobs, job, () => {
    stale.abort(new Error('this attempt is not the current one any more'))
  })
  const heartbeat = setInterval(() => {
    jobs.heartbeat(attempt).then(
      (held) => held || stale.abort(new Error('the lease was lost')),
      (error: unknown) => log.error({ err: error }, 'could not renew the lease'),
    )
  }, heartbeatMs)
  log.info({ type: job.type, org: job.org }, 'attempt begun')

  let errors: JobMessage[] = []
  try {
    const outputs = Object.fromEntries(job.outputs.map(({ name }) => [name, join(folder, 'outputs', name)]))
    for (const path of Object.values(outputs)) await mkdir(path, { recursive: true })
    const scratch = join(folder, 'scratch')
    await mkdir(scratch, { recursive: true })

    const inputs = await fetchInputs({
      ...options,
      job,
      folder: join(folder, 'inputs'),
      signal: ended,
      progress,
    })
    const result = await runAttempt({
      type: job.type,
      inputs,
      options: job.options,
      outputs,
      scratch,
      threads: options.threadsPerJob,
      memoryLimitMegabytes: options.memoryLimitMegabytes,
      signal: ended,
      onProgress: progress.report,
      onWarning: progress.warn,
      onLog: (text) => log.info({ runner: text.trimEnd() }, 'runner'),
    })
    switch (result.state) {
      case 'success': {
        await writeOutputs(blobs, job, outputs, ended)
        await progress.flush()
        const hours = (Date.now() - (job.startedAt?.getTime() ?? Date.now())) / 3_600_000
        if (await jobs.succeed(attempt, { processingUnits: Math.max(0, hours) })) {
          log.info({ peakMegabytes: result.peakMegabytes }, 'job succeeded')
          await removeAttempts(blobs, job, { upTo: job.attempt - 1 })
          return
        }
        break
      }
      case 'failed':
        errors = result.errors
        break
      case 'lost':
        log.warn({ cause: result.cause }, 'the runner was lost')
        await progress.flush()
        if (await jobs.retry(attempt, { countLoss: true })) return
        errors = [jobErrorMessage('WorkerLost', result.cause, '3')]
        break
      case 'cancelled':
        break
      default:
        throw new TypeError(`unexpected result ${JSON.stringify(result satisfies never)}`)
    }
  } catch (error) {
    if (!ended.aborted) {
      errors = [messageOf(error, job.id)]
      log.error({ err: error }, 'attempt failed')
    }
  } finally {
    clearInterval(heartbeat)
    await rm(folder, { recursive: true, force: true }).catch((error: unknown) =>
      log.error({ err: error }, 'scratch left'),
    )
  }

  // Not committed: cancelled, failed, stale, or the service stops.
  await progress.flush()
  if (stopping.aborted && errors.length === 0) {
    if (await jobs.retry(attempt, { countLoss: false })) log.info('given back to the queue')
    return
  }
  // Before the row says `failed`: a crash in between finds the job active and cleans up after its next attempt.
  await removeAttempts(blobs, job, { upTo: job.attempt })
  if (errors.length > 0 && (await jobs.fail(attempt, errors))) log.warn({ errors }, 'job failed')
  else log.info('attempt ended without a result')
}

function messageOf(error: unknown, jobId: string): JobMessage {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof JobError) return cause.jobMessage
    const { code, path } = cause as NodeJS.ErrnoException
    if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'NoSpace')
      return jobErrorMessage('DiskFull', path ?? 'the data folder')
  }
  return jobErrorMessage('Internal', jobId)
}
