// The cloud with the labels that were found for its points, and the scene that tells of it.
import type { PlanRegion } from '@alidade/analysis'
import type { LazThreads } from '@alidade/formats'
import { refuseNothing } from '../../extract-ground/ground-analysis.ts'
import { filePart } from '../../extract-ground/read-clouds.ts'
import { segmentedFiles } from '../../extract-ground/segmented-files.ts'
import { writeFiles } from '../../extract-ground/write-clouds.ts'
import { type ClassFeeds, type ClassLabel, writeSceneIfAsked } from '../../extract-ground/write-scene.ts'
import type { JobContext } from '../../job-type.ts'
import type { Cloud } from '../../point-clouds/cloud.ts'
import { exportSrsFrom } from '../../point-clouds/export-srs.ts'
import { asJobError } from '../../point-clouds/format-faults.ts'
import {
  confidenceColumn,
  type LabelledOptions,
  type LabelSource,
  labelledBatches,
} from './labelled-batches.ts'
import type { Step } from './plan.ts'
import type { PointModel } from './point-model.ts'

export interface LabelledCloud {
  cloud: Cloud
  region: PlanRegion | undefined
  /** Name of the input that says which region. */
  clipInput: string | undefined
  labels: LabelSource
  /** For the reading and writing of all files; absent: each starts its own. */
  lazThreads?: LazThreads
}

/** All results of a run, whether it was done in one piece or in tiles. */
export async function writeResults(
  context: JobContext<Step>,
  model: PointModel,
  { cloud, region, clipInput, labels, lazThreads }: LabelledCloud,
): Promise<void> {
  const { options, signal, threads } = context
  const counts = await writeLabelled(cloud, context, {
    ...{ labels, region, signal, threads, lazThreads },
    codes: Uint8Array.from(model.labels, ({ classification }) => classification),
    saveConfidence: options.saveConfidence === true,
  })
  refuseNothing(counts, region, clipInput)
  await writeSceneIfAsked(cloud, context, labelsOf(model))
}

/** How many points each file of the segmented cloud has got. */
async function writeLabelled(
  cloud: Cloud,
  { outputs, options, progress, signal, threads, warn }: JobContext<Step>,
  labelled: LabelledOptions,
): Promise<number[]> {
  const exportCrs = exportSrsFrom(options.exportSrs)
  const filesOf = segmentedFiles(
    cloud.files.map(({ name }, i) => ({ name, header: cloud.headers[i] })),
    {
      outputs: Object.keys(outputs),
      isReprojected: exportCrs !== undefined,
      outputName: (output) => outputs[output]!.name,
    },
  )
  const written: number[] = []
  for (const [file, { name, source }] of cloud.files.entries()) {
    const header = cloud.headers[file]!
    const writing = progress.begin('Write_Results', {
      ...{ part: filePart(file), total: header.pointCount, unit: 'points' },
    })
    const targets = filesOf[file]!.map((target) => ({
      file: target,
      path: outputs[target.output]!.path(target.name),
    }))
    const count = await writeFiles(targets, labelledBatches(source, header, labelled), {
      ...{ cloud, file, exportCrs, signal, threads, warn, lazThreads: labelled.lazThreads },
      ...(labelled.saveConfidence && { extraBytes: [confidenceColumn] }),
      onRead: (points) => writing.advance(points),
    }).catch((error: unknown) => {
      throw asJobError(error, cloud.input, name)
    })
    written.push(count)
  }
  return written
}

/** Labels that share a class code share its entry. */
function labelsOf({ labels }: PointModel): ClassLabel[] {
  const names = new Map<number, string>()
  const feeds = new Map<number, ClassFeeds>()
  for (const { classification, name, object, contour, line } of labels) {
    const known = names.get(classification)
    names.set(classification, known === undefined ? name : `${known}, ${name}`)
    feeds.set(classification, {
      ...feeds.get(classification),
      ...(object && { Object: true }),
      ...(contour && { Contour: true }),
      ...(line && { Line: true }),
    })
  }
  return [...names].sort(([a], [b]) => a - b).map(([code, name]) => [code, name, feeds.get(code)!])
}
