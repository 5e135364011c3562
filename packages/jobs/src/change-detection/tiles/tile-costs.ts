// What tiles are as work: how large they are, what they take, and what putting their results together takes.
import { describingPasses } from '@alidade/analysis'
import type { LasHeader } from '@alidade/formats'
import type { JobContext, PlannedPart, Tile } from '../../job-type.ts'
import { samplePlaces } from '../../point-clouds/tiles/partition.ts'
import { measuredCosts } from '../measured-costs.ts'
import { registrationAsked } from '../register.ts'
import { expectedCells, pointsPerCell, type Step } from '../step-costs.ts'
import { areThresholdsAsked } from '../thresholds.ts'
import { describingParts, findingParts, findingTotal } from './find-in-tiles.ts'
import { partsOfTile } from './work-on-tile.ts'

/** Tiles have about so many points, where jobs of four times as many are divided. */
export const mostTilePoints = 4_000_000
export const tilesOfSmallest = 4

export function pointsOfTile(fromPoints: number): number {
  return Math.min(mostTilePoints, fromPoints / tilesOfSmallest)
}
/** Of a runner without points, and for each point of a tile. */
const tileMegabytes = 300
const tileBytesPerPoint = 180
/** Of a point whose colours are compared, in its tile and in the comparison. */
const colourBytesPerPoint = 30
/**
 * Seconds for a point, to deal it out and to put what its tile has found together with the rest: of one thread, by
 * `bench/divided.ts`, beside the search for a shift, whose cost is known.
 */
export const dealSeconds = 1e-8
export const spacingSeconds = 6e-8
export const mergeSeconds = { settle: 5e-8, surfaces: 1.2e-8, evidence: 6e-8, describe: 1e-8 } as const

/** For a point of those gathered each time that it is passed over, and for a cell of footprints. */
const describingSeconds = {
  outline: measuredCosts.outlineCells / pointsPerCell / describingPasses,
  volumes: measuredCosts.volumes,
  changes: measuredCosts.describe + measuredCosts.describeCells / pointsPerCell,
}

export interface TileFacts {
  number: number
  /** In the tile and around it. */
  points: number
  /** Whether distances are measured twice: as the surveys lie, and as they would without their shift. */
  isTwofold: boolean
  /** Whether distances alone tell changes, and no surface is measured. */
  isByDistance: boolean
  withColours: boolean
}

/** Until the first of some points in a row is there. */
const placeSeconds = 1e-4

/** Looking at both surveys to plan the tiles: of LAZ whole chunks are decoded, on one thread. */
export function samplePart(surveys: readonly (readonly LasHeader[])[], options: JobContext['options']) {
  const files = surveys.flatMap((headers) =>
    samplePlaces(headers).map(({ places, points }, file) => {
      const { compressed, pointCount } = headers[file]!
      const read = measuredCosts[compressed ? 'readLaz' : 'readLas'] * Math.min(pointCount, points)
      return { places, seconds: places * (placeSeconds + read) }
    }),
  )
  const total = sum(files.map(({ places }) => places))
  const secondsEach = sum(files.map(({ seconds }) => seconds)) / Math.max(1, total)
  // What is registered has been read by then.
  const step: Step = registrationAsked(options) === undefined ? 'Read_Clouds' : 'Compare_Clouds'
  return { step, part: 'places', total, secondsEach }
}

/** What is done with the points of each tile. */
export type TileWork = Omit<TileFacts, 'number' | 'points'>

export function factsOf({ facts }: Tile): TileFacts {
  return facts as unknown as TileFacts
}

export function partsOf({ points, ...work }: TileFacts, threads: number): PlannedPart<Step>[] {
  const { compare, measure } = partsOfTile(points, work)
  const each = {
    index: measuredCosts.index / Math.min(2, threads),
    distances: measuredCosts.distances / threads,
    alignedIndex: measuredCosts.index / Math.min(2, threads),
    alignedDistances: measuredCosts.distances / threads,
    cells: measuredCosts.cells / threads,
    offsets: measuredCosts.offsets / threads,
    colours: measuredCosts.colours,
  }
  const listed = (step: Step, parts: Record<string, number>) =>
    Object.entries(parts).map(([part, total]) => ({
      ...{ step, part, total },
      secondsEach: each[part as keyof typeof each],
    }))
  return [
    { step: 'Read_Clouds', part: 'points', total: points, secondsEach: measuredCosts.readLas },
    ...listed('Compare_Clouds', compare),
    ...listed('Cluster_Changes', measure),
  ]
}

export function partsOfMerge(
  points: number,
  tiles: number,
  options: JobContext['options'],
): PlannedPart<Step>[] {
  const step = 'Cluster_Changes'
  // As in memory; what is gathered tells it.
  const cells = expectedCells * points
  const gathered = pointsPerCell * cells
  const expected = { outline: describingPasses * gathered, volumes: cells, changes: gathered }
  return [
    ...findingParts.map((part) => ({
      ...({ step, part, total: findingTotal(part, tiles, areThresholdsAsked(options)) } as const),
      secondsEach: (mergeSeconds[part] * points) / tiles,
    })),
    ...describingParts.map(
      (part) =>
        ({ step, part, total: Math.ceil(expected[part]), secondsEach: describingSeconds[part] }) as const,
    ),
  ]
}

export function secondsOf(parts: readonly PlannedPart<Step>[]): number {
  return sum(parts.map(({ total, secondsEach }) => total * secondsEach))
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** At its peak, of so many points. */
export function memoryOfTile({ points, withColours }: TileFacts): number {
  const bytesPerPoint = tileBytesPerPoint + (withColours ? colourBytesPerPoint : 0)
  return Math.ceil(tileMegabytes + (bytesPerPoint * points) / 1e6)
}
