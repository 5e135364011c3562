// A quadtree of features: the largest ones of each square are in its own tile, the others in those of its quarters.
import type { Vector3 } from './las-coordinates.ts'
import type { Drawing } from './tile-features.ts'

export interface TiledDrawing extends Drawing {
  readonly min: Vector3
  readonly max: Vector3
  /** Diagonal of the box around it. */
  readonly metres: number
}

export interface Tile {
  /** `r` for the root, and a digit for each quarter on the way. */
  readonly name: string
  readonly drawings: readonly TiledDrawing[]
  readonly children: readonly Tile[]
  /** Around everything here and below. */
  readonly min: Vector3
  readonly max: Vector3
  /** What is missing as long as the children are: the largest feature below. */
  readonly errorMetres: number
}

const deepest = 16

export function measured(drawing: Drawing): TiledDrawing {
  const { min, max } = around(drawing.corners)
  return { ...drawing, min, max, metres: distance(min, max) }
}

/** Undefined without features. */
export function tileTree(drawings: readonly TiledDrawing[], mostPerTile: number): Tile | undefined {
  if (drawings.length === 0) return undefined
  const largestFirst = [...drawings].sort((a, b) => b.metres - a.metres)
  const { min, max } = around(drawings.map(middleOf))
  return tileOf('r', largestFirst, { min, max }, mostPerTile)
}

function tileOf(
  name: string,
  largestFirst: readonly TiledDrawing[],
  square: { min: Vector3; max: Vector3 },
  mostPerTile: number,
): Tile {
  const whole = largestFirst.length <= mostPerTile || name.length > deepest
  const own = whole ? largestFirst : largestFirst.slice(0, mostPerTile)
  const rest = largestFirst.slice(own.length)
  const [middleX, middleY] = middleOf(square)
  const quarters: TiledDrawing[][] = [[], [], [], []]
  for (const drawing of rest) {
    const [x, y] = middleOf(drawing)
    quarters[(x < middleX ? 0 : 1) + (y < middleY ? 0 : 2)]!.push(drawing)
  }
  const children = quarters.flatMap((quarter, i) => {
    if (quarter.length === 0) return []
    const [minX, maxX] = i % 2 === 0 ? [square.min[0], middleX] : [middleX, square.max[0]]
    const [minY, maxY] = i < 2 ? [square.min[1], middleY] : [middleY, square.max[1]]
    return [tileOf(`${name}${i}`, quarter, { min: [minX, minY, 0], max: [maxX, maxY, 0] }, mostPerTile)]
  })
  const boxes = [...own, ...children]
  const min = around(boxes.map((box) => box.min)).min
  const max = around(boxes.map((box) => box.max)).max
  return { name, drawings: own, children, min, max, errorMetres: rest[0]?.metres ?? 0 }
}

export function middleOf({ min, max }: { min: Vector3; max: Vector3 }): [x: number, y: number, z: number] {
  return [(min[0] + max[0]) / 2, (min[1] + max[1]) / 2, (min[2] + max[2]) / 2]
}

function around(points: readonly Vector3[]): { min: Vector3; max: Vector3 } {
  const min: [number, number, number] = [Infinity, Infinity, Infinity]
  const max: [number, number, number] = [-Infinity, -Infinity, -Infinity]
  for (const point of points) {
    for (const [axis, value] of point.entries()) {
      if (value < min[axis]!) min[axis] = value
      if (value > max[axis]!) max[axis] = value
    }
  }
  return { min, max }
}

function distance(a: Vector3, b: Vector3): number {
  return Math.hypot(b[0] - a[0], b[1] - a[1], b[2] - a[2])
}
