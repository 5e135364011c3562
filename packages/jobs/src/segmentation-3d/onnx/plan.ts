// What classifying by a model is going to cost. How fast a model is nobody knows before it runs: its size is the guess, and the
// count of voxels, which the run corrects, is that of points.
import { planExtractGround } from '../../extract-ground/step-costs.ts'
import type { jobTypes } from '@alidade/contract'
import { vectorParts } from '../from-classes/given-costs.ts'
import type { PlannedPart, PlannedRun } from '../../job-type.ts'

export type Step = (typeof jobTypes.segmentation3D.steps)[number]

/**
 * Seconds to thin a point out, and to find its voxel again, by `bench/onnx-clouds.ts` on a machine with load 20: as much
 * of the measured cost of reading as they took of its time there.
 */
const [thinSeconds, findSeconds] = [1.5e-7, 2e-7]
const normalSeconds = 2e-6
/** For a voxel and byte of the model, and for a voxel of the smallest model. */
const [secondsPerByte, voxelSeconds] = [2e-11, 4e-7]
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
  const each = (voxelSeconds + modelBytes * secondsPerByte) / run.threads
  const classifying: PlannedPart<Step>[] = [
    { step: 'Classify_Points', part: 'normals', total: 0, secondsEach: normalSeconds },
    { step: 'Classify_Points', part: 'voxels', total: Math.ceil(points * voxelsPerPoint), secondsEach: each },
  ]
  const voxels = Math.ceil(points * voxelsPerPoint)
  const { making, scenes } = vectorParts(run.outputs, voxels)
  return [...costly.slice(0, writing), ...classifying, ...making, ...costly.slice(writing), ...scenes]
}
