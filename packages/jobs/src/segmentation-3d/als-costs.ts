// What a segmentation is going to cost, from what the headers of its files tell.
import { classifySteps } from '@alidade/analysis'
import type { jobTypes } from '@alidade/contract'
import { filePart } from '../extract-ground/read-clouds.ts'
import { planExtractGround } from '../extract-ground/step-costs.ts'
import type { PlannedPart, PlannedRun } from '../job-type.ts'
import { headersOf } from '../point-clouds/reading-work.ts'

export type Step = (typeof jobTypes.segmentation3D.steps)[number]

/** Seconds of a thread: processor time of the stages on the second Autzen tile, taken once on a busy machine. */
const costs = { decode: 3e-8, thin: 1.9e-7, measure: 3.7e-6, classify: 9e-7, scene: 0.02 }
/** For each point of the cloud, of a run in memory; in tiles boxes around crowns are found by these, and merging has little to do. */
const vectorCosts = { objects3D: 2.4e-7, lines3D: 1e-8, polygons3D: 1e-7 }
/** Share of the points that are samples off the ground; the run finds the true one. */
const sampleShare = 0.3

/** Of tiles, for each point: to deal it out, to read it back, to have its class in the order of the cloud, to join its objects. */
const tileCosts = { deal: 7e-8, read: 1.2e-7, order: 3e-8, objects: 2e-8 }
/** Points of tiles with those around them, for each point of the cloud. */
const withHalo = 1.2

export async function planAls(run: PlannedRun): Promise<PlannedPart<Step>[]> {
  const ground = await planExtractGround(run)
  const headers = await headersOf(run.inputs.pointClouds ?? [])
  const points = pointsOf(headers)
  return [
    ...ground.filter(({ step }) => step !== 'Write_Results'),
    ...headers.map((header, i) => classifyPart(filePart(i), header?.pointCount ?? 0, costs.decode)),
    ...classifyParts(points, run.threads),
    ...ground.filter(({ step }) => step === 'Write_Results'),
    ...vectorParts(run, points, vectorCosts),
  ]
}

/** What one attempt does before there are tiles. */
export async function partsOfDivide(run: PlannedRun): Promise<PlannedPart<Step>[]> {
  const ground = await planExtractGround(run)
  return ground
    .filter(({ step }) => step !== 'Write_Results')
    .map((part) =>
      part.step === 'Read_Clouds' ? { ...part, secondsEach: part.secondsEach + tileCosts.deal } : part,
    )
}

/** Of so many points, those around the tile as well. */
export function partsOfTile(points: number, threads: number): PlannedPart<Step>[] {
  return [
    ...classifyParts(points, threads, tileCosts.read),
    classifyPart('things', 1, vectorCosts.objects3D * points),
  ]
}

/** The same for all tiles of a cloud. */
export function partsOfTiles(points: number, threads: number): PlannedPart<Step>[] {
  return partsOfTile(withHalo * points, threads)
}

/** Everything is read once more. */
export async function partsOfMerge(run: PlannedRun): Promise<PlannedPart<Step>[]> {
  const ground = await planExtractGround({ ...run, memoryLimitMegabytes: 0 })
  return [
    ...ground
      .filter(({ step }) => step === 'Write_Results')
      .map((part) =>
        part.part === 'scene' ? part : { ...part, secondsEach: part.secondsEach + tileCosts.order },
      ),
    ...vectorParts(run, pointsOf(await headersOf(run.inputs.pointClouds ?? [])), {
      ...vectorCosts,
      objects3D: tileCosts.objects,
    }),
  ]
}

export function secondsOf(parts: readonly PlannedPart<Step>[]): number {
  return parts.reduce((sum, { total, secondsEach }) => sum + total * secondsEach, 0)
}

/** Tiles have about so many points, half as many more at most, where jobs of four times as many are divided. */
const mostTilePoints = 4_000_000
const tilesOfSmallest = 4

export function pointsOfTile(fromPoints: number): number {
  return Math.min(mostTilePoints, fromPoints / tilesOfSmallest)
}

const largestTile = 1.5 * mostTilePoints

/** Clouds that are larger than the largest tile are segmented tile by tile in one process too. */
export function isRunInTiles(points: number): boolean {
  return points > largestTile
}

/** For each point of a run in tiles: dealt out, and what tiles leave to the merging. */
export const tileFileBytes = 50
/** Of a runner without points. */
const tileMegabytes = 350
/**
 * Of coordinates, classes and confidence 26; of heights, marks and numbers of samples 14; and of each sample, of which there may be as
 * many as points where little is ground, 150.
 */
const bytesPerPoint = 190

/** At the peak of a tile of so many points, beside a ground of so many cells. */
export function memoryOfTile(points: number, cells: number): number {
  return Math.ceil(tileMegabytes + (points * bytesPerPoint + cells * 2 * 4) / 1e6)
}

/** What a run in one process takes beside the ground: all points, or those of the largest tile. */
export function memoryOfPoints(points: number): number {
  const most = isRunInTiles(points) ? withHalo * largestTile : points
  return Math.ceil((most * bytesPerPoint) / 1e6)
}

function pointsOf(headers: Awaited<ReturnType<typeof headersOf>>): number {
  return headers.reduce((sum, header) => sum + (header?.pointCount ?? 0), 0)
}

function classifyParts(points: number, threads: number, readEach = 0): PlannedPart<Step>[] {
  const samples = Math.round(sampleShare * points)
  return [
    classifyPart('thin', Math.round(points), costs.thin + readEach),
    classifyPart('measure', samples, costs.measure / threads),
    classifyPart('classify', classifySteps * samples, costs.classify),
  ]
}

function classifyPart(part: string, total: number, secondsEach: number): PlannedPart<Step> {
  return { step: 'Classify_Points', part, total, secondsEach }
}

function vectorParts(
  { outputs }: PlannedRun,
  points: number,
  secondsEach: Readonly<Record<string, number>>,
): PlannedPart<Step>[] {
  return Object.entries(secondsEach).map(([part, seconds]) => ({
    ...{ step: 'Write_Results', part },
    total: outputs.includes(part) ? 1 : 0,
    secondsEach: costs.scene + seconds * points,
  }))
}
