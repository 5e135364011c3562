// What an attempt is to do, the whole of a job or a part of a divided one, and everything it needs within reach of a runner.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type JobTypeName, jobTypes, type OutputDeclaration } from '@alidade/contract/jobs'
import {
  type Division,
  jobTypeImplementations,
  laterPart,
  type PlannedPart,
  type PlannedRun,
  type WorkFiles,
} from '@alidade/jobs'
import type { Task } from '../runner/messages.ts'
import type { JobRecord } from '../store/job-record.ts'
import type { JobWork } from '../store/job-store.ts'
import { type FetchInputsOptions, fetchInputs } from './fetch-inputs.ts'
import { detectorsOf } from './input-reader.ts'
import { aroundParts, firstStep, lastStepOf, startSeconds } from './plan-run.ts'
import type { FolderToPublish } from './publish-outputs.ts'
import type { ProgressReporter } from './report-progress.ts'
import { bytesToFetch, fetchWorkFiles, type LocatedFile, locateWorkFiles } from './work-files.ts'

export interface PrepareOptions extends Omit<FetchInputsOptions, 'plan' | 'progress' | 'folder'> {
  jobs: Pick<JobWork, 'tiles'>
  /** Jobs with more points are divided; 0: none is. */
  divideFromPoints: number
  /** Of the attempt alone. */
  folder: string
  progress: Pick<ProgressReporter, 'plan' | 'report'>
}

export interface PreparedWork extends Pick<Task, 'inputs' | 'detectors' | 'outputs' | 'work'> {
  /** What the runner leaves, and where it goes. */
  results: FolderToPublish[]
  /** Steps that what the engine does before and after the run is counted in. */
  firstStep: string
  lastStep: string
  /** Of the whole of a job: what it is going to cost, and which version of its inputs it is of. */
  whole?: { plannedSeconds: number; version: string }
}

export async function prepareWork(options: PrepareOptions): Promise<PreparedWork> {
  return options.job.tile === undefined ? prepareJob(options) : prepareTile(options, options.job.tile)
}

async function prepareTile(
  options: PrepareOptions,
  tile: NonNullable<JobRecord['tile']>,
): Promise<PreparedWork> {
  const { job, blobs, folder, signal, progress } = options
  const container = { id: job.tileOf!, attempt: job.dividedAttempt! }
  const located = await locateWorkFiles(blobs, container, tile.files)
  const own = divisionOf(job.type).planTile(tile, {
    detectors: detectorsOf(job.inputs),
    threads: options.threadsPerJob,
  })
  const steps = { firstStep: own[0]!.step, lastStep: own.at(-1)!.step }
  const total = bytesToFetch(located)
  const { inputs, detectors } = await fetchInputs({
    ...options,
    folder: join(folder, 'inputs'),
    wants: (input, name) => tile.inputs[input]?.includes(name) ?? false,
    plan: async (_run, bytes) => {
      const parts = aroundParts(own, { ...steps, bytesToFetch: bytes, workBytesToFetch: total, results: 1 })
      progress.plan(parts)
      return parts
    },
  })
  const counted = counter(total, (done) =>
    progress.report({ step: steps.firstStep, part: 'fetch work', done, total }),
  )
  const files = await fetchWorkFiles(blobs, located, join(folder, 'work'), { signal, onBytes: counted })
  const results = await emptyFolder(folder, 'results')
  return {
    inputs,
    detectors,
    outputs: {},
    work: { kind: 'tile', tile, files, results },
    results: [{ path: results, container: { id: job.id, attempt: job.attempt } }],
    ...steps,
  }
}

async function prepareJob(options: PrepareOptions): Promise<PreparedWork> {
  const { job, blobs, folder, signal, progress } = options
  const outputs: Task['outputs'] = {}
  const results: FolderToPublish[] = []
  const declared: Record<string, OutputDeclaration> = jobTypes[job.type].outputs
  for (const { name, realityDataId } of job.outputs) {
    const path = await emptyFolder(folder, 'outputs', name)
    outputs[name] = { folder: path, name, reference: `rds:${realityDataId}` }
    results.push({
      path,
      container: { id: realityDataId, attempt: job.attempt },
      declared: declared[name],
    })
  }
  const merging =
    job.dividedAttempt === undefined ? undefined : await locateParts(options, job.dividedAttempt)
  let planned: PlannedWork | undefined
  const { inputs, detectors, plannedSeconds, version } = await fetchInputs({
    ...options,
    folder: join(folder, 'inputs'),
    plan: async (run, bytes) => {
      planned = await planWork(options, run, { bytes, merging })
      progress.plan(planned.parts, planned.span)
      return planned.parts
    },
  })
  const { kind, firstStep, lastStep } = planned!
  if (kind === 'divide') {
    const shared = await emptyFolder(folder, 'shared')
    const container = { id: job.id, attempt: job.attempt }
    return {
      inputs,
      detectors,
      outputs,
      work: { kind, shared, fromPoints: options.divideFromPoints },
      results: [{ path: shared, container }],
      firstStep,
      lastStep,
    }
  }
  if (merging === undefined)
    return { inputs, detectors, outputs, results, firstStep, lastStep, whole: { plannedSeconds, version } }
  const counted = counter(merging.bytes, (done) =>
    progress.report({ step: firstStep, part: 'fetch work', done, total: merging.bytes }),
  )
  const fetch = (located: LocatedFile[], name: string): Promise<WorkFiles> =>
    fetchWorkFiles(blobs, located, join(folder, 'work', name), { signal, onBytes: counted })
  const divided = await fetch(merging.divided, 'divided')
  const tiles: { tile: (typeof merging.tiles)[number]['tile']; results: WorkFiles }[] = []
  for (const [index, { tile, files }] of merging.tiles.entries())
    tiles.push({ tile, results: await fetch(files, String(index)) })
  return { inputs, detectors, outputs, work: { kind: 'merge', divided, tiles }, results, firstStep, lastStep }
}

/** What the dividing attempt and all tiles have left. */
async function locateParts({ jobs, blobs, job }: PrepareOptions, dividedAttempt: number) {
  const divided = await locateWorkFiles(blobs, { id: job.id, attempt: dividedAttempt })
  const tiles = await Promise.all(
    (await jobs.tiles(job.id)).map(async ({ tile, container }) => ({
      tile,
      files: await locateWorkFiles(blobs, container),
    })),
  )
  return { divided, tiles, bytes: bytesToFetch([...divided, ...tiles.flatMap(({ files }) => files)]) }
}

interface PlannedWork {
  kind: 'whole' | 'divide' | 'merge'
  parts: PlannedPart[]
  /** Of the job's percentage. */
  span: { from: number; to: number }
  firstStep: string
  lastStep: string
}

async function planWork(
  { job, divideFromPoints }: PrepareOptions,
  run: PlannedRun,
  { bytes, merging }: { bytes: number; merging: Awaited<ReturnType<typeof locateParts>> | undefined },
): Promise<PlannedWork> {
  const { plan, division } = jobTypeImplementations[job.type]
  const lastStep = lastStepOf(job.type)
  if (merging !== undefined) {
    const parts = await divisionOf(job.type).planMerge(
      run,
      merging.tiles.map(({ tile }) => tile),
    )
    const steps = { firstStep: parts[0]!.step, lastStep }
    const around = {
      ...steps,
      bytesToFetch: bytes,
      workBytesToFetch: merging.bytes,
      results: run.outputs.length,
    }
    return {
      kind: 'merge',
      parts: aroundParts(parts, around),
      span: { from: job.percentage, to: 100 },
      ...steps,
    }
  }
  if (divideFromPoints > 0 && (await division?.isLarge(run, divideFromPoints))) {
    const { parts: own, tiles, laterSeconds } = await division!.planDivide(run, divideFromPoints)
    const steps = { firstStep, lastStep: own.at(-1)!.step }
    const parts = aroundParts(own, { ...steps, bytesToFetch: bytes, results: 1 })
    // Never begun here: the percentage comes to where they would.
    const later = { step: lastStep, part: laterPart, total: 1, secondsEach: laterSeconds }
    const starts = { step: lastStep, part: 'starts', total: tiles + 1, secondsEach: startSeconds }
    return {
      kind: 'divide',
      parts: [...parts, later, starts],
      span: { from: 0, to: 100 },
      ...steps,
    }
  }
  const around = { firstStep, lastStep, bytesToFetch: bytes, results: run.outputs.length }
  return {
    kind: 'whole',
    parts: aroundParts(await plan(run), around),
    span: { from: 0, to: 100 },
    firstStep,
    lastStep,
  }
}

function divisionOf(type: JobTypeName): Division {
  const { division } = jobTypeImplementations[type]
  if (division === undefined) throw new TypeError(`${type} cannot be divided`)
  return division
}

async function emptyFolder(...path: [string, ...string[]]): Promise<string> {
  const folder = join(...path)
  await mkdir(folder, { recursive: true })
  return folder
}

/** Adds up, and tells the sum each time; told at once where there is nothing to come. */
function counter(total: number, tell: (done: number) => void): (count: number) => void {
  let done = 0
  if (total === 0) tell(0)
  return (count) => {
    done += count
    tell(done)
  }
}
