// Classes of points by an ONNX model: the cloud is thinned to one point a voxel, cut into blocks, shown to the model, and each
// point gets the class of its voxel. docs/detectors.md says how a model has to be described.
import { join } from 'node:path'
import { classificationField } from '@alidade/formats'
import { exportSrsFrom } from '../../point-clouds/export-srs.ts'
import { asJobError } from '../../point-clouds/format-faults.ts'
import { groundAnalysis, refuseNothing } from '../../extract-ground/ground-analysis.ts'
import { cloudInput } from '../../extract-ground/inspect.ts'
import { boundsOfHeaders } from '../../extract-ground/raster-plan.ts'
import { filePart } from '../../extract-ground/read-clouds.ts'
import { isReprojected, segmentedFiles } from '../../extract-ground/segmented-files.ts'
import { type FoundGround, withGround } from '../../extract-ground/with-ground.ts'
import { writeFiles } from '../../extract-ground/write-clouds.ts'
import { type ClassFeeds, type ClassLabel, writeSceneIfAsked } from '../../extract-ground/write-scene.ts'
import { JobError } from '../../job-error.ts'
import type { InspectedFile, Inspection, JobContext } from '../../job-type.ts'
import { type Cloud, crsOfClouds } from '../../point-clouds/cloud.ts'
import { describeCloud } from '../../point-clouds/describe-cloud.ts'
import { headersOf } from '../../point-clouds/reading-work.ts'
import { releaseMemory } from '../../release-memory.ts'
import { inspectVectors } from '../als-inspect.ts'
import type { Analysis } from '../by-detector.ts'
import { writeMade } from '../write-found.ts'
import { classifyVoxels } from './classify-voxels.ts'
import { CloudVoxels, metresOf, requireAttributes } from './cloud-voxels.ts'
import { confidenceColumn, type LabelledOptions, labelledBatches } from './labelled-batches.ts'
import { modelVectors } from './model-vectors.ts'
import { planOnnx, type Step } from './plan.ts'
import { type PointModel, pointModelOf } from './point-model.ts'
import { unpackModel } from './unpack-model.ts'

export const onnxAnalysis: Analysis = {
  plan: planOnnx,
  ...(groundAnalysis.optionFaults && { optionFaults: groundAnalysis.optionFaults }),
  inspect,
  run: (context) => run(context as JobContext<Step>),
}

/** As of the ground, and the room that confidences take. */
async function inspect(...[inputs, outputs, signal, options, detectors]: Parameters<Analysis['inspect']>) {
  const ground = await groundAnalysis.inspect(inputs, outputs, signal, options, detectors)
  const found = ground.faults.length > 0 ? ground : await withVectors(ground, inputs, outputs, signal)
  if (options.saveConfidence !== true || found.faults.length > 0) return found
  const headers = await headersOf(inputs.pointClouds ?? [])
  const clouds = segmentedFiles(
    headers.map((header) => ({ name: '', header })),
    { outputs, isReprojected: isReprojected(options) },
  )
  const values = headers.reduce((sum, header, i) => sum + (header?.pointCount ?? 0) * clouds[i]!.length, 0)
  return { ...found, resultBytes: found.resultBytes + values * Float32Array.BYTES_PER_ELEMENT }
}

/** Vectors of a cloud without a known system have no place on the Earth. */
async function withVectors(
  ground: Inspection,
  ...[inputs, outputs, signal]: [Record<string, InspectedFile[]>, string[], AbortSignal]
): Promise<Inspection> {
  const { crs } = await describeCloud(cloudInput, inputs.pointClouds ?? [], signal)
  const { faults, warnings } = inspectVectors(outputs, crs)
  return {
    ...ground,
    faults: [...ground.faults, ...faults],
    warnings: [...ground.warnings, ...warnings],
  }
}

async function run(context: JobContext<Step>): Promise<void> {
  const { detectors, options, progress, signal, threads, scratch, memoryLimitMegabytes } = context
  const detector = detectors!.pointCloudSegmentationDetector!
  const model = pointModelOf(await unpackModel(detector, join(scratch, 'model.onnx'), signal))
  let points: CloudVoxels | undefined
  const pointsOf = (cloud: Cloud): CloudVoxels => {
    if (points !== undefined) return points
    requireClasses(cloud, model)
    requireAttributes(cloud, model.features)
    const { min } = boundsOfHeaders(cloud.headers)!
    const metres = metresOf(crsOfClouds(cloud))
    points = new CloudVoxels({ ...model, metres, min, memoryLimitMegabytes })
    return points
  }
  await withGround(
    // All points have to be seen: what an earlier attempt had of the raster is no help.
    { ...context, kept: undefined },
    async ({ cloud, surface, region, clipInput }) => {
      const all = pointsOf(cloud)
      all.scale()
      const metres = metresOf(crsOfClouds(cloud))
      const found = await classifyVoxels(all, { model, surface, metres, progress, signal, threads })
      const made = await modelVectors(cloud, context, { model, voxels: all.voxels, found, surface, region })
      releaseMemory()
      const counts = await writeLabelled(cloud, context, {
        ...{ voxels: all.voxels, found, region, signal, threads },
        codes: Uint8Array.from(model.labels, ({ classification }) => classification),
        saveConfidence: options.saveConfidence === true,
      })
      refuseNothing(counts, region, clipInput)
      await writeSceneIfAsked(cloud, context, labelsOf(model))
      await writeMade(made, { ...context, crs: crsOfClouds(cloud) })
    },
    {
      stay: false,
      onBatch: (cloud, file, batch, columns) => pointsOf(cloud).add(batch, cloud.headers[file]!, columns),
    },
  )
}

/** JobError for a file whose points cannot hold the class codes. */
function requireClasses({ files, headers }: FoundGround['cloud'], { labels, shownName }: PointModel): void {
  for (const [i, { pointFormat }] of headers.entries()) {
    const { mask } = classificationField(pointFormat)
    const label = labels.find(({ classification }) => classification > mask)
    if (label === undefined) continue
    const problem = `its label '${label.name}' has the class code ${label.classification}, and points of ${files[i]!.name}, of format ${pointFormat}, hold 0 to ${mask}.`
    throw new JobError('Detector_Failed', [shownName, problem])
  }
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
      ...{ cloud, file, exportCrs, signal, threads, warn },
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
