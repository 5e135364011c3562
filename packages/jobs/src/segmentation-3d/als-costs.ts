// What a segmentation is going to cost, from what the headers of its files tell.
import { classifySteps } from '@alidade/analysis'
import type { jobTypes } from '@alidade/contract'
import { measuredCosts as groundCosts } from '../extract-ground/measured-costs.ts'
import { filePart } from '../extract-ground/read-clouds.ts'
import { planExtractGround, workOf as workOfGround } from '../extract-ground/step-costs.ts'
import type { PlannedPart, PlannedRun } from '../job-type.ts'
import { headersOf, pointsOfHeaders, type Work } from '../point-clouds/reading-work.ts'
import { measuredCosts } from './measured-costs.ts'
import { uprightSteps } from './found-vectors.ts'
import { samplePartOf } from './tiles/sample-part.ts'

export type Step = (typeof jobTypes.segmentation3D.steps)[number]

const costs = { ...groundCosts, ...measuredCosts }

interface WorkPart extends Omit<PlannedPart<Step>, 'secondsEach'> {
  work: Work<keyof typeof costs>[]
}

/** Share of the points that are samples off the ground; the run finds the true one. */
const sampleShare = 0.3

/** Of the dividing: points are looked at for where samples begin. */
export const cornerPart = 'corner'
/** Of tiles, for each point: to deal it out, to look at it for the corner of all, to read it back, to have its class in the order of the cloud, to join its objects. */
const tileCosts = { deal: 7e-8, look: 1.2e-7, read: 1.2e-7, order: 3e-8, objects: 2e-8 }
/** Points of tiles with those around them, for each point of the cloud. */
const withHalo = 1.2

export async function planAls(run: PlannedRun): Promise<PlannedPart<Step>[]> {
  return (await workOf(run)).map(costing)
}

/** Every part of a run in memory, with the count that is expected and the work that a count is. */
export async function workOf(run: PlannedRun): Promise<WorkPart[]> {
  const ground: WorkPart[] = await workOfGround(run)
  const headers = await headersOf(run.inputs.pointClouds ?? [])
  const points = pointsOfHeaders(headers)
  const isWriting = ({ step }: WorkPart) => step === 'Write_Results'
  return [
    ...ground.filter((part) => !isWriting(part)),
    ...headers.map((header, i) =>
      classifyPart(filePart(i), header?.pointCount ?? 0, [{ cost: 'decode', unitsEach: 1, threads: 1 }]),
    ),
    ...classifyParts(points, run.threads),
    ...ground.filter(isWriting),
    ...vectorParts(run, samplesOf(points)),
  ]
}

function costing({ work, ...part }: WorkPart): PlannedPart<Step> {
  const secondsEach = work.reduce((sum, one) => sum + (costs[one.cost] * one.unitsEach) / one.threads, 0)
  return { ...part, secondsEach }
}

/** What one attempt does before there are tiles. */
export async function partsOfDivide(run: PlannedRun): Promise<PlannedPart<Step>[]> {
  const ground = await planExtractGround(run)
  const before = ground
    .filter(({ step }) => step !== 'Write_Results')
    .map((part) =>
      part.step === 'Read_Clouds' ? { ...part, secondsEach: part.secondsEach + tileCosts.deal } : part,
    )
  const points = withHalo * pointsOfHeaders(await headersOf(run.inputs.pointClouds ?? []))
  const corner = { part: cornerPart, total: Math.round(points), secondsEach: tileCosts.look } as const
  return [await samplePartOf(run), ...before, { step: 'Find_Ground', ...corner }]
}

/** Of so many points, those around the tile as well. */
export function partsOfTile(points: number, threads: number): PlannedPart<Step>[] {
  const reading = (part: PlannedPart<Step>) =>
    part.part === 'thin' ? { ...part, secondsEach: part.secondsEach + tileCosts.read } : part
  const things = vectorPart('objects3D', samplesOf(points))
  return [
    ...classifyParts(points, threads).map(costing).map(reading),
    { ...costing(things), step: 'Classify_Points', part: 'things' },
  ]
}

/** The same for all tiles of a cloud. */
export function partsOfTiles(points: number, threads: number): PlannedPart<Step>[] {
  return partsOfTile(withHalo * points, threads)
}

/** Everything is read once more, and boxes are joined that tiles have found. */
export async function partsOfMerge(run: PlannedRun): Promise<PlannedPart<Step>[]> {
  const ground = await planExtractGround({ ...run, memoryLimitMegabytes: 0 })
  const points = pointsOfHeaders(await headersOf(run.inputs.pointClouds ?? []))
  const joining = tileCosts.objects * points
  return [
    ...ground
      .filter(({ step }) => step === 'Write_Results')
      .map((part) =>
        part.part === 'scene' ? part : { ...part, secondsEach: part.secondsEach + tileCosts.order },
      ),
    ...vectorParts(run, samplesOf(points))
      .map(costing)
      .map((part) =>
        part.part === 'objects3D' ? { ...part, total: Math.min(1, part.total), secondsEach: joining } : part,
      ),
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

export const largestTile = 1.5 * mostTilePoints

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

function samplesOf(points: number): number {
  return Math.round(sampleShare * points)
}

function classifyParts(points: number, threads: number): WorkPart[] {
  const samples = samplesOf(points)
  return [
    classifyPart('thin', Math.round(points), [{ cost: 'thin', unitsEach: 1, threads: 1 }]),
    classifyPart('measure', samples, [{ cost: 'measure', unitsEach: 1, threads }]),
    classifyPart('classify', classifySteps * samples, [{ cost: 'classify', unitsEach: 1, threads: 1 }]),
  ]
}

function classifyPart(part: string, total: number, work: WorkPart['work']): WorkPart {
  return { step: 'Classify_Points', part, total, work }
}

type VectorName = 'objects3D' | 'lines3D' | 'polygons3D'

function vectorParts({ outputs }: PlannedRun, samples: number): WorkPart[] {
  return (['objects3D', 'lines3D', 'polygons3D'] as const).map((name) => ({
    ...vectorPart(name, samples),
    ...(!outputs.includes(name) && { total: 0 }),
  }))
}

/** Objects are counted by the samples, the others all at once. */
function vectorPart(name: VectorName, samples: number): WorkPart {
  const total = name === 'objects3D' ? Math.max(1, uprightSteps * samples) : 1
  const work: WorkPart['work'] = [
    { cost: 'scene', unitsEach: 1 / total, threads: 1 },
    { cost: name, unitsEach: samples / total, threads: 1 },
  ]
  return { step: 'Write_Results', part: name, total, work }
}
