// Which shift by three or seven parameters stands for the way of a system to WGS 84 where there are no grids.
import type { Area, Helmert, ProjDatabase, ProjSystem } from './proj-database.ts'

export interface Shift {
  /** Of the transformation in EPSG. */
  code: number
  name: string
  accuracyMetres: number | null
  /** Metres, arc-seconds, parts per million, rotations as of a position vector. */
  towgs84: string
  gridIsBetter: boolean
}

/** The most accurate one whose area holds the middle of the system's; of equals the one of the smallest area. */
export function bestShift(database: ProjDatabase, { base, area }: ProjSystem): Shift | undefined {
  const middle = middleOf(area)
  const candidates = database.helmerts(base).filter((one) => holds(one.area, middle))
  const inaccuracy = ({ accuracyMetres }: Helmert) => accuracyMetres ?? Infinity
  candidates.sort(
    (a, b) => inaccuracy(a) - inaccuracy(b) || sizeOf(a.area) - sizeOf(b.area) || b.code - a.code,
  )
  const [best] = candidates
  if (!best) return undefined
  const grids = database.grids(base).filter((grid) => holds(grid.area, middle))
  const gridIsBetter = grids.some(({ accuracyMetres }) => (accuracyMetres ?? Infinity) < inaccuracy(best))
  const { code, name, accuracyMetres } = best
  return { code, name, accuracyMetres, towgs84: towgs84Of(best), gridIsBetter }
}

function towgs84Of({ code, method, translation, rotation, rotationUnit, scale, scaleUnit }: Helmert): string {
  if (!rotation) return translation.join(',')
  const arcSeconds = {
    9101: 648_000 / Math.PI,
    9104: 1,
    9113: 0.324,
    9109: 648_000 / Math.PI / 1e6,
    1031: 0.001,
  }[rotationUnit ?? 0]
  const millionths = { 9202: 1, 1028: 0.001 }[scaleUnit ?? 0]
  if (arcSeconds === undefined || millionths === undefined || scale === undefined)
    throw new Error(`EPSG:${code} has units ${rotationUnit} and ${scaleUnit}`)
  // A coordinate frame turns the other way round.
  const sign = method === 9607 ? -1 : 1
  const turned = rotation.map((angle) => Number((angle * arcSeconds * sign).toPrecision(12)) + 0)
  return [...translation, ...turned, scale * millionths].join(',')
}

export function middleOf({ west, south, east, north }: Area): [lon: number, lat: number] {
  const middle = (west + (east < west ? east + 360 : east)) / 2
  return [middle > 180 ? middle - 360 : middle, (south + north) / 2]
}

function holds({ west, south, east, north }: Area, [lon, lat]: readonly [number, number]): boolean {
  const inside = west <= east ? lon >= west && lon <= east : lon >= west || lon <= east
  return inside && lat >= south && lat <= north
}

function sizeOf({ west, south, east, north }: Area): number {
  return (east - west + (east < west ? 360 : 0)) * (north - south)
}
