/** Outlines of buildings in plan: their cells' edges, with fewer corners, and right angles where they nearly are some. */
import type { Footprints } from './building-footprints.ts'
import { medianOf } from './median.ts'
import { BinnedPoints, fittedRing } from './outline-fit.ts'
import { mainDirection, rightAngledRing } from './outline-right-angles.ts'
import { areaOfRing, type Ring, ringsOf } from './outline-rings.ts'
import { cellWithin } from './plan-cells.ts'
import { simplifiedRing } from './outline-simplify.ts'

export type BuildingOutline = {
  /** Its number in the footprints. */
  readonly building: number
  /** Counter-clockwise, not closed. */
  readonly outer: Ring
  /** Clockwise. */
  readonly inner: readonly Ring[]
  /** Of the roof: the median over those of its cells that have one. */
  readonly height: number
}

/** Of the edge of a cell: how far corners of the staircase of cells may lie off. */
const stairTolerance = 1.1

/** In the coordinates of the cloud, in order of their numbers. */
export function buildingOutlines(footprints: Footprints): BuildingOutline[] {
  return [...eachOutline(footprints)]
}

/** The same, one at a time. */
export function* eachOutline({
  plan,
  building,
  buildings,
  roofTop,
  roof,
}: Footprints): Generator<BuildingOutline, void> {
  const cellsOf: number[][] = Array.from({ length: buildings + 1 }, () => [])
  for (let at = 0; at < building.length; at++) if (building[at]! > 0) cellsOf[building[at]!]!.push(at)
  const { cellSize, firstColumn, firstRow, columns } = plan
  const placed = ([column, row]: readonly [number, number]): [number, number] => [
    (column + firstColumn) * cellSize,
    (row + firstRow) * cellSize,
  ]
  const roofOf: Ring[] = Array.from({ length: buildings + 1 }, () => [])
  for (let i = 0; i < roof.x.length; i++) {
    const at = cellWithin(plan, roof.x[i]!, roof.y[i]!)
    if (at === undefined) continue
    roofOf[building[at]!]!.push([roof.x[i]! / cellSize - firstColumn, roof.y[i]! / cellSize - firstRow])
  }
  for (let number = 1; number <= buildings; number++) {
    const cells = cellsOf[number]!
    const simple = ringsOf(building, columns, number, cells)
      .map((ring) => withArea(simplifiedRing(ring, stairTolerance), ring))
      .filter((ring) => ring.length >= 3)
    const direction = mainDirection(simple)
    const points = new BinnedPoints(roofOf[number]!)
    const rings = simple.map((ring) =>
      fittedRing(rightAngledRing(ring, direction, stairTolerance), points).map(placed),
    )
    const outer = rings.reduce((a, b) => (areaOfRing(b) > areaOfRing(a) ? b : a))
    const inner = rings.filter((ring) => areaOfRing(ring) < 0)
    const heights = Float64Array.from(cells, (at) => roofTop[at]!)
    const height = medianOf(heights.filter((one) => one > Number.NEGATIVE_INFINITY))
    yield { building: number, outer, inner, height }
  }
}

/** What is narrow may be simplified to a line: then its own corners stay, as long as it is no hole. */
function withArea(simple: Ring, ring: Ring): Ring {
  return simple.length < 3 && areaOfRing(ring) > 0 ? ring : simple
}
