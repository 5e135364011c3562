/** Outlines of buildings in plan: their cells' edges, with fewer corners, and right angles where they nearly are some. */
import type { Footprints } from './building-footprints.ts'
import { medianOf } from './median.ts'
import { rightAngledRing, mainDirection } from './outline-right-angles.ts'
import { areaOfRing, type Ring, ringsOf } from './outline-rings.ts'
import { simplifiedRing } from './outline-simplify.ts'

export type BuildingOutline = {
  /** Its number in the footprints. */
  readonly building: number
  /** Counter-clockwise, not closed. */
  readonly outer: Ring
  /** Clockwise. */
  readonly inner: readonly Ring[]
  /** Of the roof: the median over its cells. */
  readonly height: number
}

/** Of the edge of a cell: how far corners of the staircase of cells may lie off. */
const stairTolerance = 1.1
/**
 * Of the edge of a cell: a cell counts as a whole wherever a point lies in it, so that the outermost cells reach over the edge of the
 * roof by half of themselves on average.
 */
const cellExcess = 0.5

/** In the coordinates of the cloud, in order of their numbers. */
export function buildingOutlines({ plan, building, buildings, roofTop }: Footprints): BuildingOutline[] {
  const cellsOf: number[][] = Array.from({ length: buildings + 1 }, () => [])
  for (let at = 0; at < building.length; at++) if (building[at]! > 0) cellsOf[building[at]!]!.push(at)
  const { cellSize, firstColumn, firstRow, columns } = plan
  const placed = ([column, row]: readonly [number, number]): [number, number] => [
    (column + firstColumn) * cellSize,
    (row + firstRow) * cellSize,
  ]
  const outlines: BuildingOutline[] = []
  for (let number = 1; number <= buildings; number++) {
    const cells = cellsOf[number]!
    const simple = ringsOf(building, columns, number, cells)
      .map((ring) => simplifiedRing(ring, stairTolerance))
      .filter((ring) => ring.length >= 3)
    const direction = mainDirection(simple)
    const rings = simple.map((ring) =>
      movedIn(rightAngledRing(ring, direction, stairTolerance), cellExcess).map(placed),
    )
    const outer = rings.reduce((a, b) => (areaOfRing(b) > areaOfRing(a) ? b : a))
    const inner = rings.filter((ring) => areaOfRing(ring) < 0)
    const height = medianOf(Float64Array.from(cells, (at) => roofTop[at]!))
    outlines.push({ building: number, outer, inner, height })
  }
  return outlines
}

/** Every edge moved to its left, into the piece; an edge too short for it becomes a corner. */
function movedIn(ring: Ring, by: number): Ring {
  const moved = ring.map((corner, i): [number, number] => {
    const [ax, ay] = unit(ring.at(i - 1)!, corner)
    const [bx, by2] = unit(corner, ring[(i + 1) % ring.length]!)
    // Along the bisector of the normals (-ay, ax) and (-by2, bx), so far that both edges move alike.
    const [nx, ny] = [-ay - by2, ax + bx]
    const scale = (2 * by) / Math.max(0.5, nx * nx + ny * ny)
    return [corner[0] + nx * scale, corner[1] + ny * scale]
  })
  const kept: Ring = []
  for (const [i, corner] of moved.entries()) {
    const next = (i + 1) % ring.length
    const [before, after] = [unit(ring[i]!, ring[next]!), unit(corner, moved[next]!)]
    const isTurned = before[0] * after[0] + before[1] * after[1] <= 0
    if (!isTurned) kept.push(moved[next]!)
    else
      kept[Math.max(0, kept.length - 1)] = [
        (corner[0] + moved[next]![0]) / 2,
        (corner[1] + moved[next]![1]) / 2,
      ]
  }
  const isPiece = kept.length >= 3 && areaOfRing(kept) * areaOfRing(ring) > 0
  return isPiece ? kept : ring
}

function unit(a: readonly [number, number], b: readonly [number, number]): [number, number] {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]]
  const length = Math.hypot(dx, dy)
  return length > 0 ? [dx / length, dy / length] : [0, 0]
}
