// The model of a run: unpacked, suited to the cloud, and tried before anything of the cloud is read.
import { join } from 'node:path'
import { classificationField } from '@alidade/formats'
import { JobError } from '../../job-error.ts'
import type { JobContext } from '../../job-type.ts'
import type { Cloud } from '../../point-clouds/cloud.ts'
import { requireAttributes } from './cloud-voxels.ts'
import { secondsPerPoint, trialRuns } from './model-rate.ts'
import { foreseenVoxels } from './foreseen-voxels.ts'
import { type ModelCosts, modelSecondsBySize, partsAhead, type Step, trialPart } from './plan.ts'
import { type PointModel, pointModelOf } from './point-model.ts'
import { unpackModel } from './unpack-model.ts'

const input = 'pointCloudSegmentationDetector'

export async function openModel({
  detectors,
  scratch,
  signal,
}: Pick<JobContext, 'detectors' | 'scratch' | 'signal'>): Promise<PointModel> {
  return pointModelOf(await unpackModel(detectors![input]!, join(scratch, 'model.onnx'), signal))
}

/**
 * What the model takes of a core for a point, and of how many voxels, which the percentage is told. JobError for a model that does not suit the
 * cloud, or cannot be loaded.
 */
export async function tryModel(
  model: PointModel,
  cloud: Cloud,
  context: JobContext<Step>,
): Promise<Pick<ModelCosts, 'seconds' | 'voxels'>> {
  requireClasses(cloud, model)
  requireAttributes(cloud, model.features)
  const { detectors, outputs, options, progress, signal, threads } = context
  const { step, part } = trialPart
  const total = trialRuns(model)
  const trying = progress.begin(step, { part, total, unit: 'runs' })
  const voxels = foreseenVoxels(cloud.headers, model)
  let runs = 0
  const onRun = () => {
    trying.advance(1)
    runs++
  }
  const { shown } = voxels
  const seconds = (await secondsPerPoint(model, { shown, onRun, signal })) ?? modelSecondsBySize(detectors)
  const run = { inputs: { pointClouds: cloud.files }, outputs: Object.keys(outputs), options, threads }
  trying.advance(total - runs, await partsAhead(run, { ...model, seconds, voxels }))
  return { seconds, voxels }
}

/** JobError for a file whose points cannot hold the class codes. */
function requireClasses({ files, headers }: Cloud, { labels, shownName }: PointModel): void {
  for (const [i, { pointFormat }] of headers.entries()) {
    const { mask } = classificationField(pointFormat)
    const label = labels.find(({ classification }) => classification > mask)
    if (label === undefined) continue
    const problem = `its label '${label.name}' has the class code ${label.classification}, and points of ${files[i]!.name}, of format ${pointFormat}, hold 0 to ${mask}.`
    throw new JobError('Detector_Failed', [shownName, problem])
  }
}
