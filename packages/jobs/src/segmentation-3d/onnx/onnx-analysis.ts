// Classes of points by an ONNX model: the cloud is thinned to one point a voxel, cut into blocks, shown to the model, and each
// point gets the class of its voxel. docs/detectors.md says how a model has to be described.
import { decodeAttribute } from '@alidade/formats'
import { groundAnalysis } from '../../extract-ground/ground-analysis.ts'
import { cloudInput, inspectClouds } from '../../extract-ground/inspect.ts'
import { memoryMegabytes } from '../../extract-ground/memory-megabytes.ts'
import { boundsOfHeaders, optionsIn, rasterPlan } from '../../extract-ground/raster-plan.ts'
import { isReprojected, segmentedFiles } from '../../extract-ground/segmented-files.ts'
import { withGround } from '../../extract-ground/with-ground.ts'
import type { Division, InspectedFile, Inspection, JobContext } from '../../job-type.ts'
import { openInputFile } from '../../open-input-file.ts'
import { crsOfClouds } from '../../point-clouds/cloud.ts'
import { describeCloud } from '../../point-clouds/describe-cloud.ts'
import { plannedPoints } from '../../point-clouds/reading-work.ts'
import { releaseMemory } from '../../release-memory.ts'
import { runInParts } from '../../run-in-parts.ts'
import { inspectVectors } from '../als-inspect.ts'
import type { Analysis } from '../by-detector.ts'
import { bytesPerSample } from '../from-classes/class-points.ts'
import { filesOfTiles, memoryOfTile, sampleShare } from '../from-classes/given-costs.ts'
import { askedVectors } from '../from-classes/vector-classes.ts'
import { writeMade } from '../write-found.ts'
import { classifyVoxels } from './classify-voxels.ts'
import { CloudVoxels, metresOf, mostVoxelBytes } from './cloud-voxels.ts'
import { hasVectors, largestTile, onnxDivision, tileMegabytes } from './division.ts'
import { labelsOfVoxels } from './labelled-batches.ts'
import { isRunInTiles, mostTilePoints, planOnnx, type Step, tilesOfSmallest } from './plan.ts'
import { ModelPoints, modelVectors } from './model-vectors.ts'
import { openModel, tryModel } from './ready-model.ts'
import { writeResults } from './write-labelled.ts'

export const onnxAnalysis: Analysis = {
  plan: planOnnx,
  ...(groundAnalysis.optionFaults && { optionFaults: groundAnalysis.optionFaults }),
  inspect,
  run: (context) => run(context as JobContext<Step>),
  division: onnxDivision as Division,
}

/** Of a point in the files of tiles, with those around them and what is found for them. */
const scratchBytes = 90

/** As of the ground, and the room that confidences take, and voxels in memory. */
async function inspect(...[inputs, outputs, signal, options, detectors]: Parameters<Analysis['inspect']>) {
  const ground = await inspectClouds(inputs, outputs, signal, options)
  const found = ground.faults.length > 0 ? ground : await withFaultsOfVectors(ground, inputs, outputs, signal)
  if (found.faults.length > 0) return found
  const { headers, crs } = await describeCloud(cloudInput, inputs.pointClouds ?? [], signal)
  const clouds = segmentedFiles(
    headers.map((header) => ({ name: '', header })),
    { outputs, isReprojected: isReprojected(options) },
  )
  const values = headers.reduce((sum, { pointCount }, i) => sum + pointCount * clouds[i]!.length, 0)
  const confidences = options.saveConfidence === true ? values * Float32Array.BYTES_PER_ELEMENT : 0
  const { columns, rows } = rasterPlan(boundsOfHeaders(headers)!, optionsIn(crs))
  const points = headers.reduce((sum, { pointCount }) => sum + pointCount, 0)
  const withVectors = askedVectors(outputs).length > 0
  const filesBytes = points * scratchBytes + (withVectors ? filesOfTiles(points) : 0)
  // Nothing of the records stays.
  const held =
    memoryMegabytes([], columns * rows) + pointMegabytes(points, outputs) + modelMegabytes(detectors)
  const ofVectors =
    withVectors && isRunInTiles(points, outputs)
      ? memoryOfTile(largestTile * mostTilePoints, columns * rows, bytesPerSample)
      : 0
  return {
    ...found,
    resultBytes: found.resultBytes + confidences + (isRunInTiles(points, outputs) ? filesBytes : 0),
    memoryMegabytes: Math.ceil(Math.max(held, ofVectors)),
  }
}

/** At most: each point may be a voxel. What is computed from a point no header tells, nor how much a model makes of it. */
function pointMegabytes(points: number, outputs: readonly string[]): number {
  if (isRunInTiles(points, outputs)) return tileMegabytes(largestTile * mostTilePoints)
  const ofSamples = askedVectors(outputs).length > 0 ? sampleShare * bytesPerSample : 0
  return (points * (mostVoxelBytes + ofSamples)) / 1e6
}

function modelMegabytes(detectors: JobContext['detectors']): number {
  const files = detectors?.pointCloudSegmentationDetector?.files ?? []
  return files
    .flatMap(({ segments }) => segments)
    .reduce((sum, { sizeBytes }) => sum + (2 * sizeBytes) / 1e6, 0)
}

/** Vectors of a cloud without a known system have no place on the Earth. */
async function withFaultsOfVectors(
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
  const points = await pointsIn(context)
  if (!isRunInTiles(points, Object.keys(context.outputs))) return runInMemory(context)
  await runInParts(onnxDivision, context, {
    fromPoints: tilesOfSmallest * mostTilePoints,
    counting: { step: 'Classify_Points', part: 'tiles', points },
  })
}

async function pointsIn({ inputs }: Pick<JobContext, 'inputs'>): Promise<number> {
  // The run will say what is wrong with a file that cannot be opened.
  const opened = await Promise.all(
    (inputs.pointClouds ?? []).map((file) => openInputFile(file).catch(() => undefined)),
  )
  const pointClouds = opened.filter((file) => file !== undefined)
  try {
    return await plannedPoints(pointClouds)
  } finally {
    await Promise.all(pointClouds.map(({ source }) => source.close()))
  }
}

async function runInMemory(context: JobContext<Step>): Promise<void> {
  const { progress, signal, threads, memoryLimitMegabytes } = context
  const model = await openModel(context)
  let all: CloudVoxels
  await withGround(
    // All points have to be seen: what an earlier attempt had of the raster is no help.
    { ...context, kept: undefined },
    async ({ cloud, surface, region, clipInput, lazThreads }) => {
      all.scale()
      const metres = metresOf(crsOfClouds(cloud))
      const found = await classifyVoxels(all, { model, surface, metres, progress, signal, threads })
      releaseMemory()
      const labels = labelsOfVoxels(all.voxels, found)
      const labelled = { cloud, region, clipInput, labels, lazThreads }
      if (!hasVectors(context)) return writeResults(context, model, labelled)
      const points = new ModelPoints(cloud, context, { model })
      await writeResults(context, model, { ...labelled, labels: points.gathering(labels) })
      points.warnOfEmpty(cloud, context)
      const made = await modelVectors(points, context, { surface, region })
      await writeMade(made, { ...context, crs: crsOfClouds(cloud) })
    },
    {
      stay: false,
      mayGrow: !hasVectors(context),
      onOpened: async (cloud) => {
        const { voxels } = await tryModel(model, cloud, context)
        const { min } = boundsOfHeaders(cloud.headers)!
        all = new CloudVoxels({
          ...{ ...model, metres: metresOf(crsOfClouds(cloud)), min, memoryLimitMegabytes },
          expected: voxels.perPoint * cloud.pointCount,
        })
      },
      onBatch: ({ headers }, file, batch, columns) =>
        all.add(columns, batch.count, (name) => decodeAttribute(batch, headers[file]!, name)),
    },
  )
}
