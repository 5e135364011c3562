// What classifying by a model is going to cost. How fast a model is nobody knows before it runs: its size is the guess until the run
// has tried it, and that of voxels, which the run counts, is the number of points.
import { planExtractGround } from '../../extract-ground/step-costs.ts'
import type { jobTypes } from '@alidade/contract'
import type { PlannedPart, PlannedRun } from '../../job-type.ts'

export type Step = (typeof jobTypes.segmentation3D.steps)[number]

/**
 * Seconds to thin a point out, and to find its voxel again, by `bench/onnx-clouds.ts` on a machine with load 20: as much
 * of the measured cost of reading as they took of its time there.
 */
const [thinSeconds, findSeconds] = [1.5e-7, 2e-7]
const normalSeconds = 2e-6
/** For a point and byte of the model; and to make the numbers of a point and hand them over, which one thread does. */
const [secondsPerByte, showSeconds] = [2e-11, 4e-7]
/** To load a model and try it. */
const trialSeconds = 0.5
/** Of the points of a common survey. */
const voxelsPerPoint = 0.5

export async function planOnnx(run: PlannedRun): Promise<PlannedPart<Step>[]> {
  // Nothing is kept in memory from reading to writing.
  const parts: PlannedPart<Step>[] = await planExtractGround({ ...run, memoryLimitMegabytes: 0 })
  const points = parts.reduce((sum, { step, total }) => sum + (step === 'Read_Clouds' ? total : 0), 0)
  const files = run.detectors?.pointCloudSegmentationDetector?.files ?? []
  const modelBytes = files
    .flatMap(({ segments }) => segments)
    .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const more = { Read_Clouds: thinSeconds, Write_Results: findSeconds } as Partial<Record<Step, number>>
  const costly = parts.map(
    (part): PlannedPart<Step> => ({
      ...part,
      secondsEach: part.secondsEach + (part.part?.startsWith('file') ? (more[part.step] ?? 0) : 0),
    }),
  )
  const writing = costly.findIndex(({ step }) => step === 'Write_Results')
  const classifying: PlannedPart<Step>[] = [
    { step: 'Classify_Points', part: 'normals', total: 0, secondsEach: normalSeconds },
    {
      ...{ step: 'Classify_Points', part: 'voxels', total: Math.ceil(points * voxelsPerPoint) },
      secondsEach: secondsPerVoxel(modelBytes * secondsPerByte, run.threads),
    },
  ]
  return [trialPart, ...costly.slice(0, writing), ...classifying, ...costly.slice(writing)]
}

export const trialPart = {
  step: 'Prepare_Production',
  ...{ part: 'trial', total: 1, secondsEach: trialSeconds },
} as const

/** Of the time of a run, where the model takes so much of one core for a point. */
export function secondsPerVoxel(modelSeconds: number, threads: number): number {
  return Math.max(showSeconds, (showSeconds + modelSeconds) / threads)
}
