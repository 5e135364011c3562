// How the making of vectors of a large given segmentation is divided. One attempt finds the ground, looks at what is the same for all
// of the place, and deals out the points of classes that are made into areas and crowns; a tile makes these with the points around it;
// merging joins areas that edges cut through, and makes lines and poles, of which there are few samples, as a whole.
import type { PointArrays } from '@alidade/analysis'
import { classificationField, type LasHeader, type PointBatch } from '@alidade/formats'
import type { Step as GroundStep } from '../../extract-ground/step-costs.ts'
import { withCloud } from '../../extract-ground/with-cloud.ts'
import { JobError } from '../../job-error.ts'
import type {
  Division,
  JobContext,
  MergeContext,
  PlannedRun,
  StepProgress,
  Tile,
  TileContext,
  WorkFolder,
} from '../../job-type.ts'
import { type Cloud, crsOfClouds } from '../../point-clouds/cloud.ts'
import { releaseMemory } from '../../release-memory.ts'
import { pointsOfTile, secondsOf, type Step } from '../als-costs.ts'
import { inspectVectors } from '../als-inspect.ts'
import { type CloudTile, dealCloud, filesOfTile } from '../tiles/cloud-in-tiles.ts'
import { samplePart } from '../tiles/sample-part.ts'
import { writeMade } from '../write-found.ts'
import { ClassPoints } from './class-points.ts'
import {
  memoryOfTile,
  partsOfDivide,
  partsOfMerge,
  partsOfTile,
  partsOfTiles,
  pointsIn,
} from './given-costs.ts'
import { emptyOutputs, ignoredOptions, refuseWrong } from './given-faults.ts'
import { haloMetres, makeTile, tileAttributes, wholeMakings } from './make-tile.ts'
import { makeVectors } from './make-vectors.ts'
import { NearPoints } from './near-points.ts'
import {
  type PlaceFacts,
  readPlace,
  readSamples,
  seenGroundName,
  writePlace,
  writeSamples,
} from './place-files.ts'
import { labelsOfSceneFile, segmentationInput } from './scene-labels.ts'
import { vectorsOfTiles, writeTileVectors } from './tile-vectors.ts'
import { askedVectors, isOfWhole, type Makings, vectorClasses } from './vector-classes.ts'

export const givenDivision: Division<Step> = {
  isLarge: async (run, fromPoints) => (await pointsIn(run)) > fromPoints,
  planDivide,
  divide,
  planTile: (tile) => partsOfTile(factsOf(tile).points),
  runTile,
  planMerge: (run, tiles) => partsOfMerge(run, factsOf(tiles[0]!)),
  merge,
}

interface GivenTile extends CloudTile {
  place: PlaceFacts
  makings: [number, Makings][]
  /** Points of the cloud, samples that are made into vectors as a whole, and tiles. */
  cloudPoints: number
  wholeSamples: number
  tiles: number
}

const factsOf = ({ facts }: Pick<Tile, 'facts'>) => facts as unknown as GivenTile

/** Other tiles of segmentations know nothing of a place. */
export function isGivenTile({ facts }: Pick<Tile, 'facts'>): boolean {
  return facts.place !== undefined
}

async function planDivide(run: PlannedRun, fromPoints: number) {
  const points = await pointsIn(run)
  return {
    parts: await partsOfDivide(run),
    tiles: Math.ceil(points / pointsOfTile(fromPoints)),
    laterSeconds: secondsOf([...partsOfTiles(points), ...(await partsOfMerge(run))]),
  }
}

/** As runs of clouds know it: without the scene. */
export function cloudsOnly(context: JobContext<Step>) {
  const inputs = {
    ...context.inputs,
    [segmentationInput]: (context.inputs[segmentationInput] ?? []).slice(1),
  }
  return { ...context, inputs } as unknown as JobContext<GroundStep>
}

async function divide(context: JobContext<Step>, shared: WorkFolder, fromPoints: number) {
  const { inputs, outputs, options, warn, memoryLimitMegabytes } = context
  const asked = Object.keys(outputs)
  refuseWrong(context)
  for (const warning of ignoredOptions(options)) warn(warning)
  const classes = vectorClasses(await labelsOfSceneFile(inputs[segmentationInput]![0]!))
  let sampling: StepProgress | undefined
  let points: ClassPoints | undefined
  const near = new NearPoints()
  const dealing = {
    ...{ input: segmentationInput, tilePoints: pointsOfTile(fromPoints), attributes: tileAttributes },
    onOpened: async (cloud: Cloud) => {
      points = new ClassPoints(cloud, {
        ...{ classes, outputs: askedVectors(asked), memoryLimitMegabytes, isKept: isOfWhole },
      })
      const { step, part, total } = samplePart(cloud.headers)
      sampling = context.progress.begin(step, { part, total, unit: 'places' })
    },
    onPlace: () => sampling?.advance(1),
    halo: (cloud: Cloud) => haloMetres / (crsOfClouds(cloud)?.linearUnit.metres ?? 1),
    choose: ({ headers }: Cloud, file: number, batch: PointBatch, places: PointArrays) => {
      points!.addBatch(batch, headers[file]!, places)
      chooseNear(near, points!, batch, headers[file]!, places)
      return near
    },
  }
  return dealCloud(cloudsOnly(context), shared, dealing, async ({ cloud, surface, tiles }) => {
    const { faults, warnings } = inspectVectors(asked, crsOfClouds(cloud), segmentationInput)
    if (faults[0] !== undefined) throw new JobError(faults[0].error)
    for (const warning of warnings) warn(warning)
    const { samples, makings, place } = points!
    for (const warning of emptyOutputs(classes, asked, { samples: points!, input: segmentationInput }))
      warn(warning)
    const wholeSamples = samples.count
    await writeSamples(
      shared,
      samples,
      [...makings].flatMap(([code, one]) => (isOfWhole(one) ? [code] : [])),
    )
    const filled = tiles.filter((tile) => tile.points > 0)
    const worked = filled.length > 0 ? filled : tiles.slice(0, 1)
    const facts = {
      ...{ place: await writePlace(shared, place), makings: [...makings] },
      ...{ cloudPoints: cloud.pointCount, wholeSamples, tiles: worked.length },
    }
    const run = {
      inputs: { [segmentationInput]: [cloud.files[0]!, ...cloud.files] },
      outputs: asked,
      threads: 1,
    }
    return {
      tiles: worked.map((tile) => ({
        name: `tile ${tile.number + 1} of ${tiles.length}`,
        files: [...filesOfTile(tile), seenGroundName],
        inputs: {},
        seconds: secondsOf(partsOfTile(tile.points)),
        memoryMegabytes: memoryOfTile(tile.points, surface.height.length),
        facts: { ...tile, ...facts },
      })),
      mergeSeconds: secondsOf(await partsOfMerge(run, facts)),
    }
  })
}

function chooseNear(
  near: NearPoints,
  points: ClassPoints,
  { records, count }: PointBatch,
  header: LasHeader,
  { x, y, z }: PointArrays,
): void {
  near.begin(count)
  const { offset, mask } = classificationField(header.pointFormat)
  for (let i = 0, at = offset; i < count; i++, at += header.pointRecordLength) {
    const code = records[at]! & mask
    if (points.isOfNear(code)) near.add(code, x[i]!, y[i]!, z[i]!)
  }
}

async function runTile(context: TileContext<Step>): Promise<void> {
  const { tile, files, results, signal } = context
  const facts = factsOf(tile)
  const place = await readPlace(facts.place, files, signal)
  await writeTileVectors(results, await makeTile(context, { place, makings: new Map(facts.makings) }))
  releaseMemory()
}

async function merge(context: MergeContext<Step>): Promise<void> {
  const { outputs, divided, signal, tiles } = context
  const facts = factsOf(tiles[0]!.tile)
  const place = await readPlace(facts.place, divided, signal)
  const makings = new Map(facts.makings)
  await withCloud(
    cloudsOnly(context),
    async ({ cloud, region: regionOf }) => {
      if (cloud.pointCount !== facts.cloudPoints)
        throw new JobError('InputData_Changed', [cloud.files[0]!.name, segmentationInput])
      const region = await regionOf()
      const samples = await readSamples(divided, signal)
      const made = await makeVectors(samples, wholeMakings(makings), {
        ...context,
        place,
        surface: undefined,
        region,
      })
      const { objects3D, polygons3D } = await vectorsOfTiles(tiles, { ...context, place, makings, region })
      await writeMade(
        {
          objects3D: [...objects3D, ...made.objects3D],
          lines3D: made.lines3D,
          polygons3D,
        },
        { ...context, outputs, crs: crsOfClouds(cloud), signal },
      )
    },
    segmentationInput,
  )
}
