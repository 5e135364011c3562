// What classifying by a model is going to cost. How fast a model is nobody knows before it runs: its size is the guess until the run
// has tried it, and the number of voxels, which the run counts, follows from that of points.
import { blockPasses } from '@alidade/analysis'
import { type jobTypes, pointInputDefaults } from '@alidade/contract/jobs'
import { keptSurface, planExtractGround } from '../../extract-ground/step-costs.ts'
import { laterPart, type PartCost, type PlannedPart, type PlannedRun } from '../../job-type.ts'
import { headersOf, pointsOfHeaders } from '../../point-clouds/reading-work.ts'
import { type ForeseenVoxels, foreseenVoxels } from './foreseen-voxels.ts'
import { samplePartOf } from '../tiles/sample-part.ts'
import { trialRuns } from './model-rate.ts'
import type { PointModel } from './point-model.ts'
import { partsAfterTiles, partsOfTile, vectorParts } from '../from-classes/given-costs.ts'
import { askedVectors } from '../from-classes/vector-classes.ts'

export type Step = (typeof jobTypes.segmentation3D.steps)[number]

/**
 * Seconds to thin a point out, and to find its voxel again, by `bench/truth/shares.ts` on the Autzen tiles, with load 18: core time of the
 * parts beyond that of decoding and encoding, of which two cores do half each.
 */
const [thinSeconds, findSeconds] = [3.5e-7, 3e-7]
const normalSeconds = 2e-6
/** For a voxel and each time that it is looked at for its blocks; and to start an engine. */
const [blockSeconds, engineSeconds] = [4e-8, 0.11]
/**
 * For a point and byte of the model; to make the numbers of a point and hand them over, which one thread does; and to make a class of
 * its scores: with the one of next to nothing, on CSite3 and the AHN tile (`--fixtures model-csite3,model-ahn`).
 */
const [secondsPerByte, showSeconds, answerSeconds] = [2e-11, 1.4e-7, 1e-7]
/** To load a model and try it. */
const trialSeconds = 0.25
/** To deal a point out to its tile, and to put together what tiles have found for it. */
const [dealSeconds, mergeSeconds] = [1e-7, 1e-7]
/** To gather a point for vectors as it is written. */
const gatherSeconds = 2e-7
/** Of the voxels: those of classes that vectors are made of. */
const vectorShare = 0.5

/** Clouds of more points go tile by tile even in one process: voxels of more would take more than 2 GB, with samples for vectors. */
const [inTilesFromPoints, withVectorsInTilesFromPoints] = [8_000_000, 6_000_000]
/** Tiles have about so many points, where jobs of four times as many are divided. */
export const mostTilePoints = 4_000_000
export const tilesOfSmallest = 4

export function tilePointsOf(fromPoints: number): number {
  return Math.min(mostTilePoints, fromPoints / tilesOfSmallest)
}

export function isRunInTiles(points: number, outputs: readonly string[]): boolean {
  return points > (askedVectors(outputs).length > 0 ? withVectorsInTilesFromPoints : inTilesFromPoints)
}

/** What is known of a model. */
export interface ModelCosts
  extends Partial<Pick<PointModel, 'features' | 'blockSizeMetres' | 'overlapMetres'>> {
  /** Of a core, for a point. */
  seconds: number
  voxels: Pick<ForeseenVoxels, 'perPoint'>
}

/** Vectors that are made tile by tile. */
export const vectorTilesPart = 'vectors of tiles'

export const trialPart = {
  step: 'Prepare_Production',
  ...{
    part: 'trial',
    total: trialRuns(pointInputDefaults),
    secondsEach: trialSeconds / trialRuns(pointInputDefaults),
  },
} as const

export function modelSecondsBySize(detectors: PlannedRun['detectors']): number {
  const files = detectors?.pointCloudSegmentationDetector?.files ?? []
  const segments = files.flatMap((file) => file.segments)
  return segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) * secondsPerByte
}

export async function planOnnx(run: PlannedRun): Promise<PlannedPart<Step>[]> {
  const points = await pointsOf(run)
  const costs = await costsBySize(run)
  const inTiles = isRunInTiles(points, run.outputs)
  const [read, ground, write] = await aroundClassifying(
    run,
    inTiles ? [dealSeconds, mergeSeconds] : [thinSeconds, findSeconds],
  )
  const classify = inTiles
    ? [tilesPart(points, costs, run.threads)]
    : classifyParts(points, costs, run.threads)
  const before: PlannedPart<Step>[] = inTiles ? [trialPart, await samplePartOf(run)] : [trialPart]
  const kept = inTiles ? [await keptSurface(run)] : []
  const vectors = await partsOfVectors(run, inTiles)
  return [...before, ...read, ...ground, ...kept, ...classify, ...write, ...vectors]
}

/** Making vectors of the voxels that were written, and writing them. */
async function partsOfVectors(run: PlannedRun, inTiles: boolean): Promise<PlannedPart<Step>[]> {
  const { outputs } = run
  if (askedVectors(outputs).length === 0) return []
  const { perPoint } = foreseenVoxels(await headersOf(run.inputs.pointClouds ?? []))
  const voxels = Math.ceil(vectorShare * (await pointsOf(run)) * perPoint)
  const writing = (part: PlannedPart<Step>): PlannedPart<Step> => ({ ...part, step: 'Write_Results' })
  if (!inTiles) {
    const { making, scenes } = vectorParts(outputs, voxels)
    return [...making.map(writing), ...scenes]
  }
  const { whole, joining, scenes } = partsAfterTiles(outputs, voxels)
  const secondsEach = voxels > 0 ? secondsOf(partsOfVectorTile(voxels)) / voxels : 0
  const tiles = { part: vectorTilesPart, total: voxels, secondsEach }
  return [{ step: 'Write_Results', ...tiles }, writing(whole), writing(joining), ...scenes]
}

/** Of so many voxels that are dealt out to it, with those around it. */
export function partsOfVectorTile(voxels: number): PlannedPart<Step>[] {
  return partsOfTile(voxels, 1)
}

/** Of a model that has not been tried. */
async function costsBySize({ inputs, detectors }: PlannedRun): Promise<ModelCosts> {
  const voxels = foreseenVoxels(await headersOf(inputs.pointClouds ?? []))
  return { seconds: modelSecondsBySize(detectors), voxels }
}

export async function planDividing(run: PlannedRun, fromPoints: number) {
  const [read, ground] = await aroundClassifying(run, [dealSeconds, mergeSeconds])
  const laterSeconds = await secondsAfterDividing(run, await costsBySize(run))
  const before: PlannedPart<Step>[] = [trialPart, await samplePartOf(run)]
  const parts = [...before, ...read, ...ground, await keptSurface(run)]
  return { parts, tiles: Math.ceil((await pointsOf(run)) / tilePointsOf(fromPoints)), laterSeconds }
}

export async function planMerging(run: PlannedRun): Promise<PlannedPart<Step>[]> {
  const [, , write] = await aroundClassifying(run, [dealSeconds, mergeSeconds])
  return [...write, ...(await partsOfVectors(run, true))]
}

/** What is known of the parts of any run once the model was tried. */
export async function partsAhead(run: PlannedRun, costs: ModelCosts): Promise<PartCost[]> {
  const points = await pointsOf(run)
  const later = await secondsAfterDividing(run, costs)
  return [
    ...classifyParts(points, costs, run.threads),
    tilesPart(points, costs, run.threads),
    { step: 'Write_Results', part: laterPart, secondsEach: later },
  ]
}

async function secondsAfterDividing(run: PlannedRun, costs: ModelCosts): Promise<number> {
  return secondsOf([tilesPart(await pointsOf(run), costs, run.threads), ...(await planMerging(run))])
}

/** Voxels among so many points, as models are shown them: where blocks overlap again and again. */
export function classifyParts(points: number, costs: ModelCosts, threads: number): PlannedPart<Step>[] {
  const { features = [], blockSizeMetres = 1, overlapMetres = 0, seconds } = costs
  const voxels = points * costs.voxels.perPoint
  const shown = voxels * (1 + (2 * overlapMetres) / blockSizeMetres) ** 2
  const describes = features.some((name) => name.startsWith('normal'))
  const part = (name: string, total: number, secondsEach: number): PlannedPart<Step> => ({
    ...{ step: 'Classify_Points', part: name, total: Math.ceil(total), secondsEach },
  })
  return [
    part('normals', describes ? voxels : 0, normalSeconds),
    part('blocks', blockPasses * voxels, blockSeconds),
    part('engines', threads, engineSeconds),
    part('voxels', shown, Math.max(showSeconds, (showSeconds + answerSeconds + seconds) / threads)),
  ]
}

/** The parts of a tile of so many points, with those around it. */
export function tileParts(points: number, costs: ModelCosts, threads: number): PlannedPart<Step>[] {
  const part = { step: 'Classify_Points', total: points } as const
  return [
    { ...part, part: 'thin', secondsEach: thinSeconds },
    ...classifyParts(points, costs, threads),
    { ...part, part: 'find', secondsEach: findSeconds },
  ]
}

function tilesPart(points: number, costs: ModelCosts, threads: number): PlannedPart<Step> {
  const secondsEach = points > 0 ? secondsOf(tileParts(points, costs, threads)) / points : 0
  return { step: 'Classify_Points', part: 'tiles', total: points, secondsEach }
}

/** Reading, the ground and writing, with what reading and writing take more for each point than those of the ground. */
async function aroundClassifying(run: PlannedRun, [reading, writing]: readonly [number, number]) {
  const gathering = askedVectors(run.outputs).length > 0 ? gatherSeconds : 0
  // Nothing is kept in memory from reading to writing.
  const parts: PlannedPart<Step>[] = await planExtractGround({ ...run, memoryLimitMegabytes: 0 })
  const of = (step: Step, more = 0) =>
    parts
      .filter((part) => part.step === step)
      .map((part) => ({
        ...part,
        secondsEach: part.secondsEach + (part.part?.startsWith('file') ? more : 0),
      }))
  return [of('Read_Clouds', reading), of('Find_Ground'), of('Write_Results', writing + gathering)] as const
}

export async function pointsOf({ inputs }: Pick<PlannedRun, 'inputs'>): Promise<number> {
  const headers = await headersOf(inputs.pointClouds ?? [])
  return pointsOfHeaders(headers)
}

export function secondsOf(parts: readonly PlannedPart[]): number {
  return parts.reduce((sum, { total, secondsEach }) => sum + total * secondsEach, 0)
}
