// Annotations in space from arrays of coordinates, as analyses make them.
import type { Vector3 } from './las-coordinates.ts'
import type { SceneLine3D } from './scene-lines.ts'
import type { SceneObject3D } from './scene-objects.ts'
import type { ScenePolygon3D } from './scene-polygons.ts'

export interface Labelled {
  readonly labelId: number
  /** 0 to 1; left out for what is known. */
  readonly confidence?: number
}

const labelInfo = ({ labelId, confidence }: Labelled) => ({
  LabelId: labelId,
  ...(confidence !== undefined && { Confidence: confidence }),
})
const position = ([x, y, z]: Vector3) => ({ x, y, z })

export interface OrientedBox extends Labelled {
  readonly center: Vector3
  /** Whole lengths of the edges. */
  readonly size: Vector3
  /** Nine numbers, row-major: from the axes of the box to those of the reference system. */
  readonly rotation: ArrayLike<number>
}

export function sceneObject3D(box: OrientedBox): SceneObject3D {
  const { center, size, rotation: r } = box
  if (r.length !== 9) throw new RangeError(`expected 9 numbers of a rotation, got ${r.length}`)
  const [[xmin, xmax], [ymin, ymax], [zmin, zmax]] = ([0, 1, 2] as const).map((axis) => [
    center[axis] - size[axis] / 2,
    center[axis] + size[axis] / 2,
  ]) as [[number, number], [number, number], [number, number]]
  return {
    LabelInfo: labelInfo(box),
    RotatedBox3D: {
      Box3D: { xmin, ymin, zmin, xmax, ymax, zmax },
      Rotation: {
        ...{ M_00: r[0]!, M_01: r[1]!, M_02: r[2]! },
        ...{ M_10: r[3]!, M_11: r[4]!, M_12: r[5]! },
        ...{ M_20: r[6]!, M_21: r[7]!, M_22: r[8]! },
      },
    },
  }
}

export interface LineGraph extends Labelled {
  readonly vertices: readonly Vector3[]
  /** One for each vertex. */
  readonly diameters: ArrayLike<number>
  /** Pairs of positions in `vertices`. */
  readonly segments: readonly (readonly [number, number])[]
}

/** The mean diameter is that along the segments, by their lengths. */
export function sceneLine3D(line: LineGraph): SceneLine3D {
  const { vertices, diameters: widths, segments } = line
  if (widths.length !== vertices.length)
    throw new RangeError(`expected ${vertices.length} diameters, got ${widths.length}`)
  let [length, area, most, sum] = [0, 0, 0, 0]
  for (const [a, b] of segments) {
    const segment = distance(vertices[a]!, vertices[b]!)
    length += segment
    area += (segment * (widths[a]! + widths[b]!)) / 2
  }
  for (let i = 0; i < widths.length; i++) {
    most = Math.max(most, widths[i]!)
    sum += widths[i]!
  }
  return {
    LabelInfo: labelInfo(line),
    Length: length,
    MeanDiameter: length > 0 ? area / length : sum / Math.max(1, widths.length),
    MaxDiameter: most,
    Vertices: new Map(vertices.map((at, i) => [String(i), { Position: position(at), Diameter: widths[i]! }])),
    Segments: segments.map(([VertexId1, VertexId2]) => ({ VertexId1, VertexId2 })),
  }
}

export interface Rings extends Labelled {
  /** Closed or not. */
  readonly outer: readonly Vector3[]
  readonly inner?: readonly (readonly Vector3[])[]
}

/** The area is that of the surface, also where it stands upright, without the holes. */
export function scenePolygon3D(polygon: Rings): ScenePolygon3D {
  const [outer, ...inner] = [polygon.outer, ...(polygon.inner ?? [])].map(unclosed)
  const vertices: Vector3[] = []
  const boundary = (ring: readonly Vector3[]) => {
    return { VertexIds: ring.map((at) => vertices.push(at) - 1) }
  }
  const [OuterBoundary, ...InnerBoundaries] = [boundary(outer!), ...inner.map(boundary)]
  return {
    LabelInfo: labelInfo(polygon),
    Area: inner.reduce((area, ring) => area - areaOf(ring), areaOf(outer!)),
    Vertices: new Map(vertices.map((at, i) => [String(i), { Position: position(at) }])),
    OuterBoundary: OuterBoundary!,
    ...(InnerBoundaries.length > 0 && { InnerBoundaries }),
  }
}

function unclosed(ring: readonly Vector3[]): readonly Vector3[] {
  const [first, last] = [ring[0], ring.at(-1)]
  const closed = ring.length > 1 && first!.every((value, axis) => value === last![axis])
  return closed ? ring.slice(0, -1) : ring
}

/** By Newell's normal, about the first vertex: coordinates of millions of metres would cost the small areas. */
function areaOf(ring: readonly Vector3[]): number {
  const [x0, y0, z0] = ring[0] ?? [0, 0, 0]
  let [nx, ny, nz] = [0, 0, 0]
  for (let i = 1; i + 1 < ring.length; i++) {
    const [ax, ay, az] = [ring[i]![0] - x0, ring[i]![1] - y0, ring[i]![2] - z0]
    const [bx, by, bz] = [ring[i + 1]![0] - x0, ring[i + 1]![1] - y0, ring[i + 1]![2] - z0]
    nx += ay * bz - az * by
    ny += az * bx - ax * bz
    nz += ax * by - ay * bx
  }
  return Math.hypot(nx, ny, nz) / 2
}

function distance(a: Vector3, b: Vector3): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])
}
