// Objects, lines and polygons of a cloud whose classes are known: what a given segmentation is for. README.md of the folder above
// says what is made of which class.
import { bytesPerCell } from '../../extract-ground/kept-records.ts'
import { boundsOfHeaders, optionsIn, rasterPlan } from '../../extract-ground/raster-plan.ts'
import { withCloud } from '../../extract-ground/with-cloud.ts'
import { withGround } from '../../extract-ground/with-ground.ts'
import { inspectClouds } from '../../extract-ground/inspect.ts'
import { JobError } from '../../job-error.ts'
import type { Division, InspectedFile, Inspection, JobContext } from '../../job-type.ts'
import { type Cloud, crsOfClouds } from '../../point-clouds/cloud.ts'
import { describeCloud } from '../../point-clouds/describe-cloud.ts'
import { releaseMemory } from '../../release-memory.ts'
import { runInParts } from '../../run-in-parts.ts'
import { isRunInTiles, type Step } from '../als-costs.ts'
import { inspectVectors } from '../als-inspect.ts'
import { alsAnalysis } from '../als-analysis.ts'
import type { Analysis } from '../by-detector.ts'
import { writeMade } from '../write-found.ts'
import { bytesPerSample, ClassPoints } from './class-points.ts'
import { cloudsOnly, givenDivision } from './division.ts'
import { emptyOutputs, faultsOf, ignoredOptions, refuseWrong } from './given-faults.ts'
import {
  countedInTiles,
  filesOfTiles,
  largestDealt,
  memoryOfTile,
  planGiven,
  sampleShare,
} from './given-costs.ts'
import { makeVectors } from './make-vectors.ts'
import { labelsOfScene, labelsOfSceneFile, segmentationInput } from './scene-labels.ts'
import { askedVectors, vectorClasses } from './vector-classes.ts'

export const givenAnalysis: Analysis = {
  plan: planGiven,
  ...(alsAnalysis.optionFaults && { optionFaults: alsAnalysis.optionFaults }),
  inspect,
  run: (context) => run(context as JobContext<Step>),
  division: givenDivision as Division,
}

const baseMegabytes = 350

async function inspect(
  inputs: Record<string, InspectedFile[]>,
  outputs: string[],
  signal: AbortSignal,
  options: JobContext['options'] = {},
  detectors: JobContext['detectors'] = {},
): Promise<Inspection> {
  const [scene, ...clouds] = inputs[segmentationInput] ?? []
  const wrong = faultsOf([...Object.keys(inputs), ...Object.keys(detectors)], outputs)
  const given = { ...inputs, [segmentationInput]: clouds }
  const found = await inspectClouds(given, outputs, signal, options, segmentationInput)
  const warnings = [...found.warnings, ...ignoredOptions(options)]
  if (found.faults.some(({ input }) => input === segmentationInput))
    return { ...found, warnings, faults: [...wrong, ...found.faults] }
  const { crs, headers, pointCount } = await describeCloud(segmentationInput, clouds, signal)
  const vectors = inspectVectors(outputs, crs, segmentationInput)
  try {
    const classes = vectorClasses(await labelsOfScene(scene!))
    warnings.push(...vectors.warnings, ...emptyOutputs(classes, outputs, { input: segmentationInput }))
  } catch (error) {
    if (!(error instanceof JobError)) throw error
    wrong.push({ input: segmentationInput, error: error.jobMessage })
  }
  const { columns, rows } = rasterPlan(boundsOfHeaders(headers)!, optionsIn(crs))
  const cells = columns * rows
  const inTiles = isRunInTiles(pointCount)
  const held = inTiles ? 0 : pointCount * sampleShare * bytesPerSample
  const whole = Math.ceil(baseMegabytes + (cells * bytesPerCell + held) / 1e6)
  return {
    faults: [...wrong, ...found.faults, ...vectors.faults],
    warnings,
    resultBytes: found.resultBytes + pointCount * sampleShare + (inTiles ? filesOfTiles(pointCount) : 0),
    memoryMegabytes: inTiles ? Math.max(whole, memoryOfTile(largestDealt, cells)) : whole,
  }
}

async function run(context: JobContext<Step>): Promise<void> {
  refuseWrong(context)
  const points = await withCloud(
    cloudsOnly(context),
    async ({ cloud }) => cloud.pointCount,
    segmentationInput,
  )
  if (!isRunInTiles(points)) return runInMemory(context)
  const counting = { ...countedInTiles, points }
  await runInParts(givenDivision, context, { fromPoints: Infinity, counting })
}

async function runInMemory(context: JobContext<Step>): Promise<void> {
  const { inputs, outputs, options, warn, signal, memoryLimitMegabytes } = context
  const asked = Object.keys(outputs)
  for (const warning of ignoredOptions(options)) warn(warning)
  const classes = vectorClasses(await labelsOfSceneFile(inputs[segmentationInput]![0]!))
  let points: ClassPoints | undefined
  const pointsOf = (cloud: Cloud) =>
    (points ??= new ClassPoints(cloud, { classes, outputs: askedVectors(asked), memoryLimitMegabytes }))
  await withGround(
    // All points have to be seen: what an earlier attempt had of the raster is no help.
    { ...cloudsOnly(context), kept: undefined },
    async ({ cloud, surface, region }) => {
      const crs = crsOfClouds(cloud)
      const { faults, warnings } = inspectVectors(asked, crs, segmentationInput)
      if (faults[0] !== undefined) throw new JobError(faults[0].error)
      for (const warning of warnings) warn(warning)
      const found = pointsOf(cloud)
      const { samples, makings, place } = found
      for (const warning of emptyOutputs(classes, asked, { samples: found, input: segmentationInput }))
        warn(warning)
      const made = await makeVectors(samples, makings, { ...context, place, surface, region })
      releaseMemory()
      await writeMade(made, { ...context, crs, signal })
    },
    {
      ...{ input: segmentationInput, stay: false },
      onBatch: (cloud, file, batch, columns) =>
        pointsOf(cloud).addBatch(batch, cloud.headers[file]!, columns),
    },
  )
}
