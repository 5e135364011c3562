// What a run is going to cost, in order: the job's own parts, and around them what the engine does for every job.
import { type JobTypeName, jobTypes } from '@alidade/contract/jobs'
import { jobTypeImplementations, type PlannedPart, type PlannedRun } from '@alidade/jobs'
import { pieces } from '@alidade/jobs/load'

export interface PlanRunOptions extends PlannedRun {
  type: JobTypeName
  /** Bytes of inputs that have to be brought to this machine first. */
  bytesToFetch: number
}

/**
 * Seconds, on the machine that the costs of the jobs were measured on (`bench/truth/calibrate.ts`): until a runner is
 * ready, for a byte over a network of 1 Gbit/s, and to publish a file.
 */
export const startSeconds = 0.65
/** What a runner loads, and what comes after that. */
export const startPieces = pieces.length + 1
const secondsPerByteFetched = 1 / 100e6
const publishSeconds = 0.01

export async function planRun({ type, bytesToFetch, ...run }: PlanRunOptions): Promise<PlannedPart[]> {
  const parts = await jobTypeImplementations[type].plan(run)
  return aroundParts(parts, {
    firstStep,
    lastStep: lastStepOf(type),
    bytesToFetch,
    results: run.outputs.length,
  })
}

export interface AroundParts {
  /** Of what comes before the parts and after them. */
  firstStep: string
  lastStep: string
  bytesToFetch: number
  /** Of files of the same job, where it is divided. */
  workBytesToFetch?: number
  /** To be published: each has a file at least. */
  results: number
}

/** The parts with what the engine does before and after them. */
export function aroundParts(
  parts: readonly PlannedPart[],
  { firstStep: step, lastStep, bytesToFetch, workBytesToFetch, results }: AroundParts,
): PlannedPart[] {
  const fetching = (part: string, total: number) => ({
    step,
    part,
    total,
    secondsEach: secondsPerByteFetched,
  })
  return [
    fetching('fetch', bytesToFetch),
    ...(workBytesToFetch === undefined ? [] : [fetching('fetch work', workBytesToFetch)]),
    { step, part: 'start', total: startPieces, secondsEach: startSeconds / startPieces },
    ...parts,
    {
      step: lastStep,
      part: 'publish',
      total: Math.max(results, filesOf(parts)),
      secondsEach: publishSeconds,
    },
  ]
}

function filesOf(parts: readonly PlannedPart[]): number {
  return parts.reduce((sum, { files = 0 }) => sum + files, 0)
}

/** Every job begins with it; the engine counts it. */
export const firstStep = 'Prepare_Production'

/** The step in which results are published. */
export function lastStepOf(type: JobTypeName): string {
  return jobTypes[type].steps.at(-1)!
}
