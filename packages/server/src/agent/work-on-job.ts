// One attempt at a job, from claim to commit: fetches the inputs, has a runner compute, tells the store what it counts,
// publishes what it wrote and says how it ended.
//
// The store fences every word by the attempt number, and every file goes under that number: an attempt that comes back
// from the dead can do no harm.
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Divided, JobError } from '@alidade/jobs'
import type { Logger } from 'pino'
import type { ContainerKey } from '../blobs/blob-store.ts'
import { jobMessageOf } from '../runner/job-message-of.ts'
import { isDatabaseAway } from '../store/database-away.ts'
import type { JobRecord } from '../store/job-record.ts'
import type { Attempt, JobWork } from '../store/job-store.ts'
import type { AgentOptions } from './agent.ts'
import { type AttemptLimits, limitAttempt } from './attempt-limits.ts'
import { endInTime } from './end-in-time.ts'
import { insist } from './insist.ts'
import type { KeptFolders } from './kept-folders.ts'
import { firstStep as jobsFirstStep, startSeconds } from './plan-run.ts'
import { prepareWork } from './prepare-work.ts'
import { publishFolders } from './publish-outputs.ts'
import { type ProgressReporter, reportProgress } from './report-progress.ts'
import { type AttemptResult, endedBy, runAttempt } from './run-attempt.ts'
import { removeUnneeded } from './sweep-containers.ts'

export interface WorkOptions extends AgentOptions {
  kept: KeptFolders
  /** How many jobs or tiles this agent works on at a time. */
  places: number
}

/** `signal` ends the attempt; whether its job was cancelled or we stop, `stopping` tells. */
export async function workOnJob(
  options: WorkOptions,
  job: JobRecord,
  signal: AbortSignal,
  stopping: AbortSignal,
): Promise<void> {
  const { jobs, blobs, now, heartbeatMs = 3000, endGraceMs = 8000 } = options
  const attempt: Attempt = { jobId: job.id, attempt: job.attempt }
  const log = options.log.child({ jobId: job.id, attempt: job.attempt })
  const folder = join(options.scratchDir, `${job.id}-${job.attempt}`)
  const stale = new AbortController()
  const heartbeat = setInterval(() => {
    jobs.heartbeat(attempt).then(
      (current) => current || stale.abort(new Error('this attempt is not the current one any more')),
      (error: unknown) => log.error({ err: error }, 'could not renew the lease'),
    )
  }, heartbeatMs)
  const limits = limitAttempt({
    stallMinutes: options.stallMinutes,
    timeLimitMinutes: job.timeLimitMinutes ?? options.timeLimitMinutes,
    startedAt: job.startedAt ?? now(),
    now,
  })
  const removeFiles = async () => {
    const ids = [...job.outputs.map(({ realityDataId }) => realityDataId), job.id]
    const written = ids.flatMap((id) =>
      Array.from({ length: job.attempt }, (_, i) => ({ id, attempt: i + 1 })),
    )
    const ofTiles = merged ?? (await filesOfDivided(jobs, job).catch(() => []))
    await removeUnneeded({ jobs, blobs }, [...written, ...ofTiles]).catch((error: unknown) =>
      log.error({ err: error }, 'files of ended attempts are left to the sweep'),
    )
  }
  const release = async () => {
    try {
      await jobs.release(attempt)
    } catch (error) {
      log.error({ err: error }, 'the lease is left to lapse')
    }
    if (job.dividedAttempt === undefined) return
    await jobs
      .forgetTiles()
      .catch((error: unknown) => log.error({ err: error }, 'tiles are left to the sweep'))
  }
  const removeFolder = () =>
    rm(folder, { recursive: true, force: true }).catch((error: unknown) =>
      log.error({ err: error }, 'scratch left'),
    )
  // Whoever waits for the job need not wait for its runner to end.
  let toldAtOnce = Promise.resolve(false)
  const failAtOnce = () => {
    const errors = [(limits.signal.reason as JobError).jobMessage]
    toldAtOnce = jobs.fail(attempt, errors).catch((error: unknown) => {
      log.error({ err: error }, 'could not tell yet that the job has failed')
      return false
    })
  }
  limits.signal.addEventListener('abort', failAtOnce, { once: true })
  let late: Promise<void> | undefined
  // With the end of the job its tiles are gone, and with them what tells where their files are.
  const merged = job.tile === undefined ? await filesOfDivided(jobs, job).catch(() => []) : undefined
  log.info(
    {
      type: job.type,
      org: job.org,
      percentage: job.percentage,
      ...(job.tile && { tile: job.tile.name, tileOf: job.tileOf }),
    },
    'attempt begun',
  )
  const began = performance.now()
  const takenOver: Record<string, number> = {}
  try {
    const progress = reportProgress(jobs, job, {
      onStale: () => stale.abort(new Error('this attempt is not the current one any more')),
      onError: (error) => log.error({ err: error }, 'could not write the progress'),
      onCaughtUp: (percentage) =>
        log.info(
          { percentage, reworkSeconds: (performance.now() - began) / 1000, takenOver },
          'caught up with the attempt that was lost',
        ),
    })
    const ended = AbortSignal.any([signal, stale.signal, limits.signal])
    const work = attemptJob(options, job, { folder, ended, progress, limits, log, takenOver })
    const result = await endInTime(work, ended, endGraceMs)
    if (result === undefined) {
      log.error('went on without what would not end')
      // Should it end one day, what it still wrote goes too.
      late = work.then(removeFiles).then(removeFolder)
      void late.then(() => log.warn('what would not end has ended'))
    }
    if (Object.keys(takenOver).length > 0)
      log.info({ takenOver }, 'did not do again what an earlier attempt had kept')
    await progress.flush()
    const settling = { attempt, result: result ?? endedBy(ended), began, stopping, log }
    let goesOn = false
    if (await toldAtOnce) log.warn({ errors: [limits.signal.reason.jobMessage] }, 'job failed')
    else
      goesOn = await insist(() => settle(options, job, settling), {
        signal: stopping,
        onError: (error) => log.error({ err: error }, 'could not tell how the attempt ended; trying again'),
      })
    await removeFiles()
    if (!goesOn) await options.kept.remove(job.id)
  } finally {
    limits.stop()
    await removeFolder()
    // While something is still computing the lease is kept.
    void late?.then(() => clearInterval(heartbeat)).then(release)
    if (late === undefined) {
      clearInterval(heartbeat)
      await release()
    }
  }
}

/** What the other attempts at a divided job have written. */
async function filesOfDivided(
  jobs: Pick<JobWork, 'tiles'>,
  { id, tileOf = id, dividedAttempt }: JobRecord,
): Promise<ContainerKey[]> {
  if (dividedAttempt === undefined) return []
  const tiles = await jobs.tiles(tileOf)
  return [{ id: tileOf, attempt: dividedAttempt }, ...tiles.map(({ container }) => container)]
}

interface AttemptParts {
  folder: string
  ended: AbortSignal
  progress: ProgressReporter
  limits: AttemptLimits
  log: Logger
  /** What this attempt did not have to do again: how many results of which part. */
  takenOver: Record<string, number>
}

/** Everything between claim and commit. Never rejects: whatever goes wrong is a result. */
async function attemptJob(
  options: WorkOptions,
  job: JobRecord,
  { folder, ended, progress, limits, log, takenOver }: AttemptParts,
): Promise<AttemptResult> {
  const report = (counts: Parameters<ProgressReporter['report']>[0]) => {
    limits.counted(counts)
    progress.report(counts)
  }
  try {
    const scratch = join(folder, 'scratch')
    await mkdir(scratch, { recursive: true })
    // Looked up in the database, which may be away for a while.
    const patiently = <T>(ask: () => Promise<T>) =>
      insist(ask, {
        signal: ended,
        passes: isDatabaseAway,
        onError: (error) => log.error({ err: error }, 'the database cannot be reached; trying again'),
      })
    const realityData: AgentOptions['realityData'] = {
      get: (org, id) => patiently(() => options.realityData.get(org, id)),
      bucket: (org, iTwinId) => patiently(() => options.realityData.bucket(org, iTwinId)),
    }
    const { inputs, detectors, outputs, work, results, firstStep, lastStep, whole } = await prepareWork({
      ...options,
      realityData,
      job,
      folder,
      signal: ended,
      progress: { plan: progress.plan, report },
    })
    const result = await runAttempt({
      type: job.type,
      inputs,
      ...(detectors && { detectors }),
      options: job.options,
      outputs,
      ...(work && { work }),
      scratch,
      threads: options.threadsPerJob,
      ...(whole &&
        isWorthKeeping(options, whole.plannedSeconds) && {
          kept: {
            folder: options.kept.folderOf(job.id),
            fingerprint: JSON.stringify([job.id, job.type, whole.version, job.options]),
            leaveBytes: options.kept.leaveBytes(),
            blockPoints: options.keepBlockPoints ?? defaultBlockPoints,
          },
        }),
      loggedAs: job.id,
      memoryLimitMegabytes: options.memoryLimitMegabytes,
      signal: ended,
      // A part of a divided job does not begin the job anew.
      onProgress: (counts) => report(counts.step === jobsFirstStep ? { ...counts, step: firstStep } : counts),
      onWarning: progress.warn,
      onKept: (name, outcome) => {
        const part = name.split('-')[0]!
        if (outcome === 'taken') takenOver[part] = (takenOver[part] ?? 0) + 1
        else log.warn({ name }, 'what an earlier attempt kept is not believed')
      },
      onLog: (text) => log.info({ runner: text.trimEnd() }, 'runner'),
      ...(options.runner !== undefined && { runner: options.runner }),
    })
    if (result.state !== 'success') return result
    const publishing = { step: lastStep, signal: ended, progress: { report } }
    return { ...result, results: await publishFolders(options.blobs, results, publishing) }
  } catch (error) {
    if (ended.aborted) return endedBy(ended)
    log.error({ err: error }, 'attempt failed')
    return {
      state: 'failed',
      errors: [jobMessageOf(error, { writingTo: 'the data folder', loggedAs: job.id })],
      peakMegabytes: 0,
    }
  }
}

/** Two seconds of one thread; 12 bytes a point of distances. */
const defaultBlockPoints = 4_000_000

function isWorthKeeping({ keepFromSeconds }: AgentOptions, plannedSeconds: number): boolean {
  return keepFromSeconds > 0 && plannedSeconds >= keepFromSeconds
}

interface SettleOptions {
  attempt: Attempt
  result: AttemptResult
  /** When the attempt began, by `performance.now()`. */
  began: number
  stopping: AbortSignal
  log: Logger
}

/** Whatever an attempt is to do, it has to be started. */
function withStarts({ tiles, mergeSeconds }: Divided): Divided {
  return {
    tiles: tiles.map((tile) => ({ ...tile, seconds: tile.seconds + startSeconds })),
    mergeSeconds: mergeSeconds + startSeconds,
  }
}

/**
 * Tells the row how the attempt ended, and whether the job goes on in another one. A row that was cancelled, or is at another
 * attempt, does not change.
 */
async function settle(
  { jobs, now, places }: WorkOptions,
  job: JobRecord,
  { attempt, result, began, stopping, log }: SettleOptions,
): Promise<boolean> {
  switch (result.state) {
    case 'success': {
      const { divided, peakMegabytes, results } = result
      // Of a divided job each attempt counts its own time; others may have worked on it meanwhile.
      const isPart = divided !== undefined || job.dividedAttempt !== undefined
      const startedAt = job.startedAt ?? now()
      const milliseconds = isPart ? performance.now() - began : now().getTime() - startedAt.getTime()
      const processingUnits = Math.max(0, milliseconds) / 3_600_000
      if (divided !== undefined) {
        if (!(await jobs.divide(attempt, { ...withStarts(divided), places, processingUnits }))) break
        log.info({ peakMegabytes, tiles: divided.tiles.length }, 'job divided')
        return true
      }
      if (!(await jobs.succeed(attempt, { processingUnits, results }))) break
      log.info({ peakMegabytes }, job.tile === undefined ? 'job succeeded' : 'tile done')
      return false
    }
    case 'failed':
      if (!(await jobs.fail(attempt, result.errors))) break
      log.warn({ errors: result.errors }, 'job failed')
      return false
    case 'lost': {
      log.warn({ cause: result.cause }, 'the runner was lost')
      // While the whole service is told to stop, its runners may have been told too.
      const left = await jobs.retry(attempt, stopping.aborted ? undefined : { cause: result.cause })
      if (left === undefined) break
      if (left === 'failed') log.warn({ cause: result.cause }, 'job failed')
      return left === 'active'
    }
    case 'cancelled':
      if (!stopping.aborted || !(await jobs.retry(attempt))) break
      log.info('given back to the queue')
      return true
    default:
      throw new TypeError(`unexpected result ${JSON.stringify(result satisfies never)}`)
  }
  log.info('attempt ended without a result')
  return false
}
