// Change detection on point clouds, first form: exact distances both ways, hysteresis, connected groups, boxes, volumes.
// README.md beside this file says how and with what limits.
import { compareClouds, type PointArrays } from '@alidade/analysis'
import { jobTypes, jobWarningMessage } from '@alidade/contract'
import { JobError } from '../job-error.ts'
import type { JobContext, JobType } from '../job-type.ts'
import { type Cloud, closeClouds, openCloud, readClouds } from './cloud.ts'
import { findChanges } from './find-changes.ts'
import { inspectClouds } from './inspect.ts'
import { writeLocations } from './write-locations.ts'
import { writeScene } from './write-scene.ts'
import { writeSegmented } from './write-segmented.ts'

/**
 * Share of a run that each step takes, measured with `bench/change-detection.ts` on random halves of the Autzen tiles
 * (2 x 2.66 M points, two threads). A compromise: reading takes 6 % of the time of LAS files, and up to a half with LAZ.
 */
const steps = {
  Prepare_Production: 2,
  Read_Clouds: 25,
  Compare_Clouds: 50,
  Cluster_Changes: 18,
  Write_Results: 5,
} as const
type Step = keyof typeof steps

export const changeDetection: JobType<Step> = {
  declaration: jobTypes.changeDetection,
  steps,
  inspect: async (inputs, outputs, signal) => inspectClouds(inputs, outputs, signal),
  run,
}

async function run(context: JobContext<Step>): Promise<void> {
  const { inputs, outputs, progress, signal, threads, warn } = context
  const opened: Cloud[] = []
  try {
    for (const name of ['modelA', 'modelB'] as const)
      opened.push(await openCloud(name, inputs[name] ?? [], signal))
    const [a, b] = opened as [Cloud, Cloud]
    const inspection = await inspectClouds({ modelA: a.files, modelB: b.files }, Object.keys(outputs), signal)
    for (const warning of inspection.warnings) warn(warning)
    const fault = inspection.faults[0]
    if (fault !== undefined) throw new JobError(fault.error)

    const reading = { progress, signal, threads }
    const [pointsA, pointsB] = (await readClouds([a, b], reading)) as [PointArrays, PointArrays]
    const count = pointsA.x.length + pointsB.x.length

    // Indexing and measuring both pass over all points.
    const comparing = progress.begin('Compare_Clouds', { total: 2 * count, unit: 'points' })
    const onAdvance = (points: number) => comparing.advance(points)
    const compared = await compareClouds(pointsA, pointsB, {
      threads,
      signal,
      onAdvance,
      onIndexed: onAdvance,
    })

    const clustering = progress.begin('Cluster_Changes', { total: 2 * count, unit: 'points' })
    const { changes, low, unseenGroups } = await findChanges(pointsA, pointsB, compared, {
      options: context.options,
      signal,
      onAdvance: (points) => clustering.advance(points),
    })
    if (unseenGroups > 0) warn(jobWarningMessage('Area_Unseen', String(unseenGroups)))

    const segmented = [
      {
        output: outputs.segmentedModel3DA,
        name: 'segmentedModel3DA',
        cloud: a,
        distance: compared.distanceA,
        epoch: 'A',
      },
      {
        output: outputs.segmentedModel3DB,
        name: 'segmentedModel3DB',
        cloud: b,
        distance: compared.distanceB,
        epoch: 'B',
      },
    ] as const
    const pointsToWrite = segmented.reduce(
      (sum, { output, cloud }) => sum + (output ? cloud.pointCount : 0),
      0,
    )
    const writing = progress.begin('Write_Results', {
      total: pointsToWrite + changes.length + 1,
      unit: 'records',
    })
    const found = { changes, low, a, b, distanceA: compared.distanceA, distanceB: compared.distanceB }
    if (outputs.objects3D) await writeScene(outputs.objects3D, found)
    if (outputs.exportedLocations3DGeoJSON) await writeLocations(outputs.exportedLocations3DGeoJSON, found)
    writing.advance(changes.length + 1)
    for (const { output, name, cloud, distance, epoch } of segmented) {
      if (output === undefined) continue
      await writeSegmented(output, name, {
        cloud,
        distance,
        changes,
        epoch,
        signal,
        onWritten: (points) => writing.advance(points),
      })
    }
  } finally {
    await closeClouds(opened)
  }
}
