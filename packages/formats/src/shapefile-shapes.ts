// What the records of a .shp hold, by type of shape (ESRI Shapefile Technical Description, July 1998, pages 11 to 18).

export type ShapePosition = readonly [x: number, y: number, z: number]

/** All shapes of one file have one type. */
export type Shape =
  | { readonly type: 'PointZ'; readonly coordinates: ShapePosition }
  /** One line or several that belong together. */
  | { readonly type: 'PolyLineZ'; readonly lines: readonly (readonly ShapePosition[])[] }
  /** Areas with their holes, the outer ring of each first; wound either way, closed or not. */
  | { readonly type: 'PolygonZ'; readonly polygons: readonly (readonly (readonly ShapePosition[])[])[] }

export type ShapeType = Shape['type']
export const shapeCodes: Readonly<Record<ShapeType, number>> = { PointZ: 11, PolyLineZ: 13, PolygonZ: 15 }

/** Below -10^38 a measure means "none" (page 2 of the description). */
const noMeasure = -1e39

/** The parts of a shape as they are written; a point is one part of one position. */
export type ShapeParts = readonly (readonly ShapePosition[])[]

/** RangeError for a line of less than two positions and a ring of less than three corners. */
export function partsOf(shape: Shape): ShapeParts {
  switch (shape.type) {
    case 'PointZ':
      return [[shape.coordinates]]
    case 'PolyLineZ':
      return checked(shape.lines, 2, 'a line')
    case 'PolygonZ':
      // Clockwise outside and counter-clockwise inside: the other way round than GeoJSON (page 8).
      return checked(
        shape.polygons.flatMap((rings) => rings.map((ring, i) => wound(closed(ring), i === 0))),
        4,
        'a closed ring',
      )
  }
}

/** Bytes of a record after its head: type, box, counts, starts of parts, x and y, range of z, z. */
export function contentBytes(type: ShapeType, parts: ShapeParts): number {
  if (type === 'PointZ') return 36
  const positions = parts.reduce((sum, part) => sum + part.length, 0)
  return 44 + 4 * parts.length + 16 * positions + 16 + 8 * positions
}

/**
 * Writes a record from its type code on. Measures are optional in lines and areas, and left out; a point has one, which
 * says none.
 */
export function writeContent(view: DataView, at: number, type: ShapeType, parts: ShapeParts): void {
  view.setInt32(at, shapeCodes[type], true)
  if (type === 'PointZ') {
    writeDoubles(view, at + 4, [...parts[0]![0]!, noMeasure])
    return
  }
  const positions = parts.flat()
  const { min, max } = boundsOf(positions)
  writeDoubles(view, at + 4, [min[0], min[1], max[0], max[1]])
  view.setInt32(at + 36, parts.length, true)
  view.setInt32(at + 40, positions.length, true)
  let start = 0
  for (const [i, part] of parts.entries()) {
    view.setInt32(at + 44 + 4 * i, start, true)
    start += part.length
  }
  const flatAt = at + 44 + 4 * parts.length
  const heightsAt = flatAt + 16 * positions.length
  writeDoubles(view, heightsAt, [min[2], max[2]])
  for (const [i, [x, y, z]] of positions.entries()) {
    writeDoubles(view, flatAt + 16 * i, [x, y])
    view.setFloat64(heightsAt + 16 + 8 * i, z, true)
  }
}

export type Bounds = {
  readonly min: [x: number, y: number, z: number]
  readonly max: [x: number, y: number, z: number]
}

/** RangeError for a coordinate that is not finite. */
export function boundsOf(positions: Iterable<ShapePosition>): Bounds {
  const bounds: Bounds = { min: [Infinity, Infinity, Infinity], max: [-Infinity, -Infinity, -Infinity] }
  for (const position of positions) {
    for (const [axis, value] of position.entries()) {
      if (!Number.isFinite(value))
        throw new RangeError(`expected finite coordinates, got ${position.join(', ')}`)
      bounds.min[axis] = Math.min(bounds.min[axis]!, value)
      bounds.max[axis] = Math.max(bounds.max[axis]!, value)
    }
  }
  return bounds
}

function writeDoubles(view: DataView, at: number, values: readonly number[]): void {
  for (const [i, value] of values.entries()) view.setFloat64(at + 8 * i, value, true)
}

function checked(parts: ShapeParts, fewest: number, what: string): ShapeParts {
  if (parts.length === 0) throw new RangeError(`expected ${what} at least, got none`)
  for (const part of parts) {
    if (part.length < fewest)
      throw new RangeError(`expected ${what} of at least ${fewest} positions, got ${part.length}`)
  }
  return parts
}

function closed(ring: readonly ShapePosition[]): readonly ShapePosition[] {
  const [first, last] = [ring[0], ring.at(-1)]
  if (!first || !last || first.every((value, axis) => value === last[axis])) return ring
  return [...ring, first]
}

function wound(ring: readonly ShapePosition[], clockwise: boolean): readonly ShapePosition[] {
  const [originX, originY] = ring[0] ?? [0, 0]
  let twiceArea = 0
  for (let i = 0; i + 1 < ring.length; i++) {
    const [a, b] = [ring[i]!, ring[i + 1]!]
    // From the first corner, which keeps the digits of small rings far from zero.
    twiceArea += (a[0] - originX) * (b[1] - originY) - (b[0] - originX) * (a[1] - originY)
  }
  return twiceArea < 0 === clockwise ? ring : ring.toReversed()
}
