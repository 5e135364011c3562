// What a run is going to cost, in order: the job's own parts, and around them what the engine does for every job.
import { type JobTypeName, jobTypes } from '@alidade/contract'
import { jobTypeImplementations, type PlannedPart, type PlannedRun } from '@alidade/jobs'

export interface PlanRunOptions extends PlannedRun {
  type: JobTypeName
  /** Bytes of inputs that have to be brought to this machine first. */
  bytesToFetch: number
}

/**
 * Seconds, on the machine that the costs of the jobs were measured on (`bench/truth/calibrate.ts`): until a runner is
 * ready, for a byte over a network of 1 Gbit/s, and to publish a result.
 */
const startSeconds = 0.3
const secondsPerByteFetched = 1 / 100e6
const publishSeconds = 0.03

export async function planRun({ type, bytesToFetch, ...run }: PlanRunOptions): Promise<PlannedPart[]> {
  const step = firstStep
  return [
    { step, part: 'fetch', total: bytesToFetch, secondsEach: secondsPerByteFetched },
    { step, part: 'start', total: 1, secondsEach: startSeconds },
    ...(await jobTypeImplementations[type].plan(run)),
    { step: lastStepOf(type), part: 'publish', total: run.outputs.length, secondsEach: publishSeconds },
  ]
}

/** Every job begins with it; the engine counts it. */
export const firstStep = 'Prepare_Production'

/** The step in which results are published. */
export function lastStepOf(type: JobTypeName): string {
  return jobTypes[type].steps.at(-1)!
}
