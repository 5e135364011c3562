// What tiles have to know of the whole: a file of facts.
import { readFile, writeFile } from 'node:fs/promises'
import type { CloudFrame, Place, RigidMotion } from '@alidade/analysis'
import type { InputFile } from '../../job-type.ts'
import type { TileBounds } from '../../point-clouds/tiles/plan-tiles.ts'
import type { Thresholds } from '../thresholds.ts'

export interface Whole {
  /** Of each survey. */
  pointCounts: [number, number]
  spacings: [number, number]
  /** At the points of each survey, those of the other one to each of its own. */
  densityRatios: [number, number]
  /** Of the surveys as they lie, and as changes are told from them: without their shift where that is sure. */
  frames: { lying: CloudFrame; aligned: CloudFrame }
  /** Where the cells of surfaces begin. */
  origin: Place
  /** The first point of the earlier survey. */
  first: Place
  cellSize: number
  linkDistance: number
  /** What the later survey is moved back by. */
  shift: Place
  shiftDeviation: Place
  isAligned: boolean
  /** Of a later survey that was registered: its points are dealt out where this brings them. */
  motion?: RigidMotion | undefined
  /** Whether distances of the surveys as they lie are written. */
  isDistanceAsked: boolean
  /** Asked for: distances alone tell changes. Absent: surfaces are measured. */
  thresholds?: Thresholds | undefined
  /** How many further columns come with each point in the files of tiles: three of colours, or none. */
  columns: number
  /** Of each survey whose colours are compared, what makes 16 bits of them. Absent: none are. */
  colourSteps?: [number, number] | undefined
  tiles: TileBounds[]
  /** Points of so far around a tile are known to it. */
  halo: number
  /** Boxes around the points of each tile, of each survey as it lies: lowest x, y, z, then highest. */
  boxes: [number[][], number[][]]
}

export const wholeName = 'whole.json'

/** JSON has no infinite numbers, and edges of the outer tiles are such. */
export async function writeWhole(path: string, whole: Whole): Promise<void> {
  const text = JSON.stringify(whole, (_key, value) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  )
  await writeFile(path, text)
}

export async function readWhole({ segments }: InputFile): Promise<Whole> {
  const pieces = await Promise.all(segments.map(({ path }) => readFile(path)))
  return JSON.parse(Buffer.concat(pieces).toString('utf8'), (_key, value) =>
    typeof value === 'string' ? Number(value) : value,
  )
}

export function pointsName(epoch: 0 | 1, tile: number): string {
  return `points-${'AB'[epoch]}-${tile}`
}
