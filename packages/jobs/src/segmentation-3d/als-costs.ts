// What a segmentation is going to cost, from what the headers of its files tell.
import {
  footprintCell,
  footprintWork,
  groundOptions,
  joinSteps,
  poleSteps,
  segmentOptions,
} from '@alidade/analysis'
import type { jobTypes } from '@alidade/contract'
import type { LasHeader } from '@alidade/formats'
import { measuredCosts as groundCosts } from '../extract-ground/measured-costs.ts'
import { filePart } from '../extract-ground/read-clouds.ts'
import { planGroundOfTiles, workOf as workOfGround } from '../extract-ground/step-costs.ts'
import { boundsOfHeaders, foreseenCells, isAbsurd, rasterPlan } from '../extract-ground/raster-plan.ts'
import type { PlannedPart, PlannedRun } from '../job-type.ts'
import type { Bounds } from '../point-clouds/describe-cloud.ts'
import { headersOf, pointsOfHeaders, type Work } from '../point-clouds/reading-work.ts'
import { uprightSteps } from './found-vectors.ts'
import { measuredCosts } from './measured-costs.ts'
import { foundSteps } from './tiles/found-in-tile.ts'
import { samplePartOf } from './tiles/sample-part.ts'

export type Step = (typeof jobTypes.segmentation3D.steps)[number]

const costs = { ...groundCosts, ...measuredCosts }

interface WorkPart extends Omit<PlannedPart<Step>, 'secondsEach'> {
  work: Work<keyof typeof costs>[]
}

/** What is expected of a cloud, or of a part of one. */
interface Expected {
  points: number
  /** Off the ground; the run finds the true number. */
  samples: number
  /** How far its points lie from each other in plan, in metres, `mostApart` at most: what there is to be done for each goes with that. */
  apart: number
  /** Of the raster of buildings. */
  cells: number
}

const mostApart = 2

/** Share of the points that are samples. */
const sampleShare = 0.3
/** Cells of buildings and samples on them, for each sample. */
const roofShare = 0.3
/** Wires, for each sample. */
const linesShare = 1e-5

/** Of the dividing: points are looked at for where samples begin. */
export const cornerPart = 'corner'
/** Of tiles, for each point: to deal it out, to look at it for the corner of all, to read it back, to keep its class, to have that in the order of the cloud. */
const tileCosts = { deal: 7e-8, look: 1.2e-7, read: 1.2e-7, keep: 3e-8, order: 3e-8 }
/** Of the merging: to read what a tile has found, of a cell to be joined with others each time that it is counted, of a thing to be put among all. */
const mergeCosts = { found: 0.003, join: 1.7e-7, object: 1.5e-5, line: 5e-4 }
/** Cells of buildings and things, for each point. */
const [cellsPerPoint, thingsPerPoint] = [0.03, 5e-4]
/** Points of tiles with those around them, for each point of the cloud. */
const withHalo = 1.2

export async function planAls(run: PlannedRun): Promise<PlannedPart<Step>[]> {
  return (await workOf(run)).map(costing)
}

/** Every part of a run in memory, with the count that is expected and the work that a count is. */
export async function workOf(run: PlannedRun): Promise<WorkPart[]> {
  const ground = await workOfGround(run)
  const headers = await headersOf(run.inputs.pointClouds ?? [])
  const expected = expectedOf(headers)
  const isWriting = ({ step }: { step: string }) => step === 'Write_Results'
  return [
    ...ground.filter((part) => !isWriting(part)),
    ...headers.map((header, i) =>
      classifyPart(filePart(i), header?.pointCount ?? 0, [{ cost: 'decode', unitsEach: 1, threads: 1 }]),
    ),
    ...classifyParts(expected, run.threads),
    ...ground.filter(isWriting).map(ofGivenClasses),
    ...vectorParts(run, expected),
  ]
}

/** Classes are known already where results are written. */
function ofGivenClasses({ work, ...part }: Awaited<ReturnType<typeof workOfGround>>[number]): WorkPart {
  return { ...part, work: work.map((one) => ({ ...one, cost: one.cost === 'classify' ? 'give' : one.cost })) }
}

export function expectedOf(headers: readonly (LasHeader | undefined)[]): Expected {
  const known = headers.filter((header) => header !== undefined).filter(({ pointCount }) => pointCount > 0)
  const points = pointsOfHeaders(known)
  const bounds = boundsOfHeaders(known)
  if (bounds === undefined) return { points, samples: 0, apart: 0, cells: 0 }
  const metres = known.find(({ crs }) => crs !== undefined)?.crs?.linearUnit.metres ?? 1
  const stated = known.reduce((sum, header) => sum + areaOf(header.bounds), 0)
  // Where bounds are absurd points fill less by far.
  const ground = groundOptions(1 / metres)
  const plan = rasterPlan(bounds, ground)
  const site = foreseenCells(plan, points) * ground.cellSize ** 2
  const [covered, area] = isAbsurd(plan, points)
    ? [Math.min(stated, site), Math.min(areaOf(bounds), site)]
    : [stated, areaOf(bounds)]
  const cell = footprintCell(Math.sqrt(covered / points), segmentOptions(1 / metres))
  return {
    points,
    samples: samplesOf(points),
    apart: Math.min(mostApart, metres * Math.sqrt(covered / points)),
    cells: Math.ceil(area / cell ** 2),
  }
}

function areaOf({ min, max }: Bounds): number {
  return (max[0]! - min[0]!) * (max[1]! - min[1]!)
}

/** What is yet to come once samples are known, of those parts of a run in memory, or of a tile, that go with their number. */
export function partsOfSamples(
  outputs: readonly string[],
  samples: number,
  apart: number,
): PlannedPart<Step>[] {
  const expected = { points: 0, samples, apart, cells: 0 }
  return [
    ...classifyParts(expected, 1).filter(({ part }) => ['roofs', 'wires', 'poles'].includes(part!)),
    thingsPart(expected),
    ...vectorParts({ outputs }, expected).filter(({ total }) => total > 0),
  ].map(costing)
}

function costing({ work, ...part }: WorkPart): PlannedPart<Step> {
  const secondsEach = work.reduce((sum, one) => sum + (costs[one.cost] * one.unitsEach) / one.threads, 0)
  return { ...part, secondsEach }
}

/** What one attempt does before there are tiles. */
export async function partsOfDivide(run: PlannedRun): Promise<PlannedPart<Step>[]> {
  const before = (await planGroundOfTiles(run)).map((part) =>
    part.step === 'Read_Clouds' ? { ...part, secondsEach: part.secondsEach + tileCosts.deal } : part,
  )
  const points = withHalo * pointsOfHeaders(await headersOf(run.inputs.pointClouds ?? []))
  const corner = { part: cornerPart, total: Math.round(points), secondsEach: tileCosts.look } as const
  return [await samplePartOf(run), ...before, { step: 'Find_Ground', ...corner }]
}

/** Of so many points, those around the tile as well. */
export function partsOfTile(points: number, apart: number, threads: number): PlannedPart<Step>[] {
  const whole = { step: 'Classify_Points', total: Math.round(points) } as const
  // A tile is where points are: a raster around its roofs has no more cells than it has points, by far.
  const expected = { points, samples: samplesOf(points), apart, cells: cellsOfTile * points }
  return [
    { ...whole, part: 'read', secondsEach: tileCosts.read },
    ...classifyParts(expected, threads).map(costing),
    { ...whole, part: 'keep', secondsEach: tileCosts.keep },
    costing(thingsPart(expected)),
  ]
}

/** Of the raster of buildings, for each point. */
const cellsOfTile = 0.5

/** What a tile finds among its samples. */
function thingsPart({ samples, apart }: Pick<Expected, 'samples' | 'apart'>): WorkPart {
  return classifyPart('things', foundSteps * samples, objectsWork(apart))
}

function objectsWork(apart: number): WorkPart['work'] {
  return [
    { cost: 'objects3D', unitsEach: 1, threads: 1 },
    { cost: 'objectsApart', unitsEach: apart, threads: 1 },
  ]
}

/** The same for all tiles of a cloud. */
export async function partsOfTiles({ inputs, threads }: PlannedRun): Promise<PlannedPart<Step>[]> {
  const { points, apart } = expectedOf(await headersOf(inputs.pointClouds ?? []))
  return partsOfTile(withHalo * points, apart, threads)
}

/** Of a tile whose cells of buildings are so large, in metres: they are as large as samples lie apart, and some more. */
export function apartIn(footprintCellMetres: number): number {
  return Math.min(mostApart, footprintCellMetres / footprintCell(1, segmentOptions()))
}

/** Everything is read once more, and what tiles have found is joined. */
export async function partsOfMerge(run: PlannedRun, tiles: number): Promise<PlannedPart<Step>[]> {
  const memoryless = { ...run, memoryLimitMegabytes: 0 }
  const expected = expectedOf(await headersOf(run.inputs.pointClouds ?? []))
  const cells = Math.round(cellsPerPoint * expected.points)
  const things = Math.round(thingsPerPoint * expected.points)
  const own: Record<string, Partial<Pick<PlannedPart, 'total' | 'secondsEach'>>> = {
    objects3D: { total: things, secondsEach: mergeCosts.object },
    lines3D: { secondsEach: mergeCosts.line },
  }
  const writing = (await workOf(memoryless)).filter(({ step }) => step === 'Write_Results').map(costing)
  const isVectors = ({ part }: PlannedPart) => vectorNames.some((name) => name === part)
  const clouds = writing.filter((part) => !isVectors(part))
  return [
    ...clouds.map((part) =>
      part.part === 'scene' ? part : { ...part, secondsEach: part.secondsEach + tileCosts.order },
    ),
    { step: 'Write_Results', part: 'found', total: tiles, secondsEach: mergeCosts.found },
    { step: 'Write_Results', part: 'join', total: joinSteps * cells, secondsEach: mergeCosts.join },
    ...writing.filter(isVectors).map((part) => (part.total > 0 ? { ...part, ...own[part.part!] } : part)),
  ]
}

export function secondsOf(parts: readonly PlannedPart<Step>[]): number {
  return parts.reduce((sum, { total, secondsEach }) => sum + total * secondsEach, 0)
}

/** Tiles have about so many points, half as many more at most. */
export const mostTilePoints = 4_000_000
const ofLargest = 1.5
export const largestTile = ofLargest * mostTilePoints

/** Clouds that are larger than the largest tile are segmented tile by tile, in one process too; no others are divided. */
export function isRunInTiles(points: number, tilePoints: number = mostTilePoints): boolean {
  return points > ofLargest * tilePoints
}

/** Of given classes, which are the same in any tiles: smaller ones where jobs of fewer than four of these are divided. */
const tilesOfSmallest = 4

export function pointsOfTile(fromPoints: number): number {
  return Math.min(mostTilePoints, fromPoints / tilesOfSmallest)
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

function classifyParts({ points, samples, apart, cells }: Expected, threads: number): WorkPart[] {
  const alone = (cost: Work<keyof typeof costs>['cost'], total: number) =>
    classifyPart(cost, Math.round(total), [{ cost, unitsEach: 1, threads: 1 }])
  const raster = { columns: cells, rows: 1 }
  return [
    alone('heights', points),
    alone('thin', points),
    classifyPart('measure', samples, [{ cost: 'measure', unitsEach: 1, threads }]),
    alone('roofs', samples),
    alone('footprints', footprintWork(raster, points)),
    alone('wires', samples),
    classifyPart('poles', poleSteps * samples, [
      { cost: 'poles', unitsEach: 1, threads: 1 },
      { cost: 'polesApart', unitsEach: apart, threads: 1 },
    ]),
    classifyPart('classes', Math.round(points), [{ cost: 'assign', unitsEach: 1, threads: 1 }]),
  ]
}

function classifyPart(part: string, total: number, work: WorkPart['work']): WorkPart {
  return { step: 'Classify_Points', part, total, work }
}

const vectorNames = ['objects3D', 'lines3D', 'polygons3D'] as const

function vectorParts(
  { outputs }: { outputs: readonly string[] },
  { samples, apart }: Pick<Expected, 'samples' | 'apart'>,
): WorkPart[] {
  const totals = {
    objects3D: uprightSteps * samples,
    lines3D: Math.round(linesShare * samples),
    polygons3D: Math.round(roofShare * samples),
  }
  return vectorNames.map((part): WorkPart => {
    const total = outputs.includes(part) ? Math.max(1, totals[part]) : 0
    const work: WorkPart['work'] = [
      { cost: 'scene', unitsEach: 1 / Math.max(1, total), threads: 1 },
      ...(part === 'objects3D' ? objectsWork(apart) : [{ cost: part, unitsEach: 1, threads: 1 } as const]),
    ]
    return { step: 'Write_Results', part, total, work, files: total > 0 ? 1 : 0 }
  })
}
