// Features as 3D Tiles show them: boxes and areas as triangles, lines as lines, in metres about an origin.
import earcut from 'earcut'
import type { Vector3 } from './las-coordinates.ts'
import type { TileProperties } from './glb-property-table.ts'

export interface TiledBox {
  readonly center: Vector3
  /** Along its own axes. */
  readonly size: Vector3
  /** Row by row, from the box to the reference system; without it the axes are those of the system. */
  readonly rotation?: readonly number[]
  readonly properties: TileProperties
}

export interface TiledLine {
  /** One line or several that belong together. */
  readonly lines: readonly (readonly Vector3[])[]
  readonly properties: TileProperties
}

export interface TiledPolygon {
  /** Areas with their holes, the outer ring of each first; flat, but in any direction: roofs and walls alike. */
  readonly polygons: readonly (readonly (readonly Vector3[])[])[]
  readonly properties: TileProperties
}

/** Coordinates are in the reference system. */
export type TiledFeatures =
  | { readonly objects: readonly TiledBox[] }
  | { readonly lines: readonly TiledLine[] }
  | { readonly polygons: readonly TiledPolygon[] }

/** What is drawn of one feature: corners, and which of them make a triangle, or a piece of a line. */
export interface Drawing {
  readonly properties: TileProperties
  readonly corners: readonly Vector3[]
  /** Three corners a triangle, two a piece of a line. */
  readonly indices: readonly number[]
  /** One for each corner of triangles; absent for lines. */
  readonly normals?: readonly Vector3[]
}

export type Placement = (point: Vector3) => Vector3

export function boxDrawing({ center, size, rotation, properties }: TiledBox, place: Placement): Drawing {
  const r = rotation ?? [1, 0, 0, 0, 1, 0, 0, 0, 1]
  const corner = (signs: readonly number[]): Vector3 => {
    const [x, y, z] = signs.map((sign, axis) => (sign * size[axis]!) / 2) as [number, number, number]
    return place([
      center[0] + r[0]! * x + r[1]! * y + r[2]! * z,
      center[1] + r[3]! * x + r[4]! * y + r[5]! * z,
      center[2] + r[6]! * x + r[7]! * y + r[8]! * z,
    ])
  }
  const faces = boxFaces.map((face) => face.map(corner))
  return {
    properties,
    corners: faces.flat(),
    normals: faces.flatMap((face) => Array<Vector3>(4).fill(normalOf(face))),
    indices: faces.flatMap((_, i) => [0, 1, 2, 0, 2, 3].map((k) => 4 * i + k)),
  }
}

/** Anticlockwise seen from outside. */
const boxFaces: readonly (readonly (readonly number[])[])[] = [
  [[-1, -1, -1], [-1, 1, -1], [1, 1, -1], [1, -1, -1]],
  [[-1, -1, 1], [1, -1, 1], [1, 1, 1], [-1, 1, 1]],
  [[-1, -1, -1], [1, -1, -1], [1, -1, 1], [-1, -1, 1]],
  [[1, 1, -1], [-1, 1, -1], [-1, 1, 1], [1, 1, 1]],
  [[-1, 1, -1], [-1, -1, -1], [-1, -1, 1], [-1, 1, 1]],
  [[1, -1, -1], [1, 1, -1], [1, 1, 1], [1, -1, 1]],
] // biome-ignore format: one face a line

export function lineDrawing({ lines, properties }: TiledLine, place: Placement): Drawing {
  const indices: number[] = []
  let first = 0
  for (const { length } of lines) {
    for (let i = 0; i + 1 < length; i++) indices.push(first + i, first + i + 1)
    first += length
  }
  return { properties, corners: lines.flat().map(place), indices }
}

export function polygonDrawing({ polygons, properties }: TiledPolygon, place: Placement): Drawing {
  const corners: Vector3[] = []
  const normals: Vector3[] = []
  const indices: number[] = []
  for (const rings of polygons) {
    const placed = rings.map((ring) => open(ring).map(place))
    const normal = normalOf(placed[0] ?? [])
    for (const index of triangles(placed, normal)) indices.push(corners.length + index)
    for (const corner of placed.flat()) {
      corners.push(corner)
      normals.push(normal)
    }
  }
  return { properties, corners, normals, indices }
}

/** Of the plane nearest to a ring (Newell); straight up where it has no area. */
function normalOf(ring: readonly Vector3[]): Vector3 {
  const [origin] = ring
  let [x, y, z] = [0, 0, 0]
  for (const [i, a] of ring.entries()) {
    const b = ring[(i + 1) % ring.length]!
    const [ax, ay, az] = [a[0] - origin![0], a[1] - origin![1], a[2] - origin![2]]
    const [bx, by, bz] = [b[0] - origin![0], b[1] - origin![1], b[2] - origin![2]]
    x += ay * bz - az * by
    y += az * bx - ax * bz
    z += ax * by - ay * bx
  }
  const length = Math.hypot(x, y, z)
  return length > 0 ? [x / length, y / length, z / length] : [0, 0, 1]
}

/** Seen along the axis that the area faces most, which keeps it from being flattened to a line. */
function triangles(rings: readonly (readonly Vector3[])[], normal: Vector3): number[] {
  const away = normal.map(Math.abs)
  const dropped = away.indexOf(Math.max(...away))
  const [u, v] = [(dropped + 1) % 3, (dropped + 2) % 3]
  const flat = rings.flatMap((ring) => ring.flatMap((corner) => [corner[u]!, corner[v]!]))
  const holes = rings.slice(0, -1).map(({ length }) => length)
  for (let i = 1; i < holes.length; i++) holes[i]! += holes[i - 1]!
  const found = earcut(flat, holes)
  // Anticlockwise seen from where the normal points.
  const corner = (i: number): Vector3 => [flat[2 * found[i]!]!, flat[2 * found[i]! + 1]!, 0]
  const turned =
    found.length > 0 && normalOf([corner(0), corner(1), corner(2)])[2] > 0 !== normal[dropped]! > 0
  return turned ? found.reverse() : found
}

/** Without the repeated corner at its end. */
function open(ring: readonly Vector3[]): readonly Vector3[] {
  const [first, last] = [ring[0], ring.at(-1)]
  const closed = ring.length > 1 && first!.every((value, axis) => value === last![axis])
  return closed ? ring.slice(0, -1) : ring
}
