// Objects, lines and polygons that a segmented cloud is made into: buildings, crowns of trees, poles and wires.
import { createHash } from 'node:crypto'
import {
  type BuildingOutline,
  crownOptions,
  eachOutline,
  type OrientedBox,
  type Pace,
  pacedTreeCrowns,
  paceSteps,
  orientedBox,
  type PlanRegion,
  type PointArrays,
  segmentClass,
  type Segmentation,
  wireLine,
} from '@alidade/analysis'
import type { LineGraph, Rings, Vector3 } from '@alidade/formats'
import { nameOfClass } from './class-labels.ts'

export interface Found {
  guid: string
  labelId: number
  label: string
  /** Absent where the classes came with the cloud. */
  confidence?: number
}
export interface FoundObject extends Found {
  box: OrientedBox
}
export interface FoundLine extends Found, Omit<LineGraph, 'labelId' | 'confidence'> {
  labelId: number
  length: number
}
export interface FoundPolygon extends Found, Omit<Rings, 'labelId' | 'confidence'> {
  labelId: number
}

/** Of a building without samples. */
export const unknownConfidence = 0.5

/** Fewer samples are no object: a box around three points says nothing. */
export const fewestSamples = 8

export interface ObjectsOptions {
  unitsPerMetre: number
  /** What has its middle elsewhere is left out. */
  region: PlanRegion | undefined
}

/** Each sample is counted once for each of these while boxes are found: on the way to crowns, and with its own. */
export const uprightSteps = 2

/** Boxes around buildings, crowns of trees and poles. `pace` counts as of `findUpright`. */
export async function findObjects(
  segmentation: Segmentation,
  { unitsPerMetre, region }: ObjectsOptions,
  pace: Pace,
): Promise<FoundObject[]> {
  const { samples, footprints } = segmentation
  const { plan, building } = footprints
  const buildingAt = (x: number, y: number) => {
    const column = Math.floor(x / plan.cellSize) - plan.firstColumn
    const row = Math.floor(y / plan.cellSize) - plan.firstRow
    const isIn = column >= 0 && row >= 0 && column < plan.columns && row < plan.rows
    return isIn ? building[row * plan.columns + column]! : 0
  }
  const buildings = buildingGroups(segmentation, buildingAt)
    .filter((of) => of.length >= fewestSamples)
    .map((of) => boxAround(samples, of, segmentClass.building, segmentation.sampleConfidence))
  const upright = await findUpright(segmentation, unitsPerMetre, pace)
  return [...buildings, ...upright].filter((one) => isWithin(one, region))
}

/** Samples of buildings by the number of the building that they are on. */
export function buildingGroups(
  { samples, sampleClasses }: Pick<Segmentation, 'samples' | 'sampleClasses'>,
  buildingAt: (x: number, y: number) => number,
): number[][] {
  return groupsOf(
    Uint32Array.from(sampleClasses, (code, i) =>
      code === segmentClass.building ? buildingAt(samples.x[i]!, samples.y[i]!) : 0,
    ),
  )
}

/** Crowns of trees and poles; with `isWanted` those whose highest sample, or axis, is. */
export async function findUpright(
  segmentation: Segmentation,
  unitsPerMetre: number,
  pace: Pace,
  isWanted: (x: number, y: number) => boolean = () => true,
): Promise<FoundObject[]> {
  const { samples, sampleClasses, sampleHeights, sampleConfidence, poles } = segmentation
  const isHigh = sampleClasses.map((code) => (code === segmentClass.highVegetation ? 1 : 0))
  const crownOf = await pacedTreeCrowns(pace, samples, sampleHeights, isHigh, crownOptions(unitsPerMetre))
  const found: FoundObject[] = []
  let looked = 0
  for (const of of groupsOf(crownOf)) {
    looked += of.length
    if (looked > paceSteps) {
      await pace(looked)
      looked = 0
    }
    if (of.length < fewestSamples) continue
    const apex = of.reduce((top, i) => (sampleHeights[i]! > sampleHeights[top]! ? i : top))
    if (isWanted(samples.x[apex]!, samples.y[apex]!))
      found.push(boxAround(samples, of, segmentClass.highVegetation, sampleConfidence))
  }
  for (const { x, y, samples: of } of poles)
    if (isWanted(x, y)) found.push(boxAround(samples, of, segmentClass.pole, sampleConfidence))
  return found
}

export function isWithin({ box }: Pick<FoundObject, 'box'>, region: PlanRegion | undefined): boolean {
  return region === undefined || region.contains(box.center[0], box.center[1])
}

function boxAround(
  samples: PointArrays,
  of: ArrayLike<number>,
  labelId: number,
  confidence: Float32Array,
): FoundObject {
  return asObject(labelId, meanOf(confidence, of), orientedBox(samples, of))
}

export function asObject(labelId: number, confidence: number, box: OrientedBox): FoundObject {
  return { ...about(labelId, confidence, [...box.center, ...box.size]), box }
}

export interface LinesOptions extends ObjectsOptions {
  withWidth: boolean
  /** Shorter ones are left out; in the unit of the cloud. */
  leastLength: number
}

/** Vertices of a wire are about so far apart. */
const stepMetres = 5

/** `pace` is told of each wire. */
export async function findLines(
  segmentation: Pick<Segmentation, 'samples' | 'sampleConfidence' | 'wires'>,
  options: LinesOptions,
  pace: Pace,
): Promise<FoundLine[]> {
  const { unitsPerMetre, region, withWidth, leastLength } = options
  const found: FoundLine[] = []
  for (const wire of segmentation.wires) {
    await pace(1)
    const line = wireLine(segmentation.samples, wire, stepMetres * unitsPerMetre, withWidth)
    const [x, y] = line.vertices[line.vertices.length >> 1]!
    if (line.length < leastLength || (region !== undefined && !region.contains(x, y))) continue
    const confidence = meanOf(segmentation.sampleConfidence, wire.samples)
    found.push({ ...about(segmentClass.wire, confidence, line.vertices.flat()), ...line })
  }
  return found
}

/** What `findPolygons` tells its pace in all: cells of buildings, and samples on them. */
export function polygonsWork({ footprints: { building, roof } }: Pick<Segmentation, 'footprints'>): number {
  return building.reduce((sum, number) => sum + (number > 0 ? 1 : 0), roof.x.length)
}

/** Outlines of buildings, level at the height of their roofs. */
export async function findPolygons(
  segmentation: Segmentation,
  { region }: Pick<ObjectsOptions, 'region'>,
  pace: Pace,
): Promise<FoundPolygon[]> {
  const sure = confidenceOfBuildings(segmentation)
  const found: FoundPolygon[] = []
  const { building, buildings, roof } = segmentation.footprints
  const cells = new Uint32Array(buildings + 1)
  for (const number of building) if (number > 0) cells[number]!++
  await pace(roof.x.length)
  let looked = 0
  for (const outline of eachOutline(segmentation.footprints)) {
    found.push(...asPolygon(outline, sure[outline.building]!, region))
    looked += cells[outline.building]!
    if (looked < cellsAtATime) continue
    await pace(looked)
    looked = 0
  }
  return found
}

/** Outlines of so many take some tens of milliseconds. */
const cellsAtATime = 2048

/** None where its middle is outside of the region. */
export function asPolygon(
  { outer, inner, height }: BuildingOutline,
  confidence: number,
  region: PlanRegion | undefined,
): FoundPolygon[] {
  const level = (ring: readonly (readonly [number, number])[]) =>
    ring.map(([x, y]): Vector3 => [x, y, height])
  const [mx, my] = [0, 1].map((axis) => outer.reduce((sum, at) => sum + at[axis]! / outer.length, 0))
  if (region !== undefined && !region.contains(mx!, my!)) return []
  const found = about(segmentClass.building, confidence, outer.flat())
  return [{ ...found, outer: level(outer), inner: inner.map(level) }]
}

function confidenceOfBuildings({
  footprints,
  samples,
  sampleClasses,
  sampleConfidence,
}: Segmentation): number[] {
  const { plan, building, buildings } = footprints
  const [sum, count] = [new Float64Array(buildings + 1), new Uint32Array(buildings + 1)]
  for (let i = 0; i < sampleClasses.length; i++) {
    if (sampleClasses[i] !== segmentClass.building) continue
    const column = Math.floor(samples.x[i]! / plan.cellSize) - plan.firstColumn
    const row = Math.floor(samples.y[i]! / plan.cellSize) - plan.firstRow
    if (column < 0 || row < 0 || column >= plan.columns || row >= plan.rows) continue
    const number = building[row * plan.columns + column]!
    sum[number]! += sampleConfidence[i]!
    count[number]!++
  }
  return Array.from(sum, (value, number) => (count[number]! > 0 ? value / count[number]! : unknownConfidence))
}

/** Which places have each number, from 1 on. */
export function groupsOf(numbers: Uint32Array): number[][] {
  const groups: number[][] = []
  for (let i = 0; i < numbers.length; i++) {
    if (numbers[i] === 0) continue
    const at = numbers[i]! - 1
    const group = groups[at]
    if (group === undefined) groups[at] = [i]
    else group.push(i)
  }
  return groups.filter((group) => group !== undefined)
}

export function meanOf(values: Float32Array, of: ArrayLike<number>): number {
  let sum = 0
  for (let k = 0; k < of.length; k++) sum += values[of[k]!]!
  return of.length > 0 ? sum / of.length : 0
}

/**
 * The same place and class have the same id, whoever finds them. Confidences are to three places: the last digits of a mean depend on
 * the order of what it is of, which is another one in tiles.
 */
export function about(
  labelId: number,
  confidence: number | undefined,
  numbers: readonly number[],
  label = nameOfClass(labelId),
): Found {
  const facts = [labelId, ...numbers.map((value) => value.toFixed(3))].join(' ')
  const hex = createHash('sha256').update(facts).digest('hex')
  // Version 8 of RFC 9562 (section 5.8): bits of our own choice.
  const guid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
  return {
    ...{ guid, labelId, label },
    ...(confidence !== undefined && { confidence: Math.round(1000 * confidence) / 1000 }),
  }
}
