// Design files of MicroStation up to version 7 in three dimensions, as published in "Intergraph Standard File Formats (Element
// Structure)".
import { type DesignLook, type DesignPlace, lineElements, mostLevel, shapeElements } from './dgn-elements.ts'
import { headElements, type Vector3, unitsOfResolution } from './dgn-head.ts'
import { FormatError } from './format-error.ts'

/** Something on a level, of lines and of areas with their holes; rings are closed or not. */
export interface DesignFeature {
  /** 1 to 63, and the number of its colour. */
  level: number
  lines?: readonly (readonly Vector3[])[]
  areas?: readonly (readonly (readonly Vector3[])[])[]
}

/** From the lowest to the highest place, with room around. */
const widestUnits = 4e9 / unitsOfResolution
/** Numbers of graphic groups are words; 0 is none. */
const mostGroups = 65_535
/** Larger pieces go to the disk at once. */
const chunkBytes = 1 << 20

/**
 * The bytes of a design file, in pieces, its places to a thousandth of a unit (`unitName`: two letters). All that belongs to a feature has one graphic group, as long as there are fewer than
 * 65,536 features; holes are shapes with the flag of holes. RangeError for a coordinate that is not finite, a line of fewer
 * than two places or a ring of fewer than three, a level that is none; FormatError `TooLarge` for places that are farther
 * apart than the design plane is wide.
 */
export function* dgnChunks(features: readonly DesignFeature[], unitName: string): Generator<Uint8Array> {
  const { origin, size } = planeOf(features)
  const inPlane = ([x, y, z]: Vector3): DesignPlace => [
    Math.round((x - origin[0]) * unitsOfResolution),
    Math.round((y - origin[1]) * unitsOfResolution),
    Math.round((z - origin[2]) * unitsOfResolution),
  ]
  let chunk: Uint8Array[] = [...headElements(origin, size, unitName)].map(bytesOf)
  let bytes = 0
  for (const [i, feature] of features.entries()) {
    const look = { level: levelOf(feature), color: feature.level, group: (i % mostGroups) + 1 }
    for (const element of elementsOf(feature, look, inPlane)) {
      chunk.push(bytesOf(element))
      bytes += element.byteLength
    }
    if (bytes < chunkBytes) continue
    yield Buffer.concat(chunk)
    chunk = []
    bytes = 0
  }
  yield Buffer.concat([...chunk, Uint8Array.of(0xff, 0xff)])
}

function* elementsOf(
  { lines = [], areas = [] }: DesignFeature,
  look: DesignLook,
  inPlane: (at: Vector3) => DesignPlace,
): Generator<DataView> {
  for (const line of lines) {
    if (line.length < 2) throw new RangeError(`expected at least 2 places in a line, got ${line.length}`)
    yield* lineElements(line.map(inPlane), look)
  }
  for (const rings of areas)
    for (const [i, ring] of rings.entries()) {
      const places = closed(ring.map(inPlane))
      if (places.length < 4) throw new RangeError(`expected at least 3 corners in a ring, got ${ring.length}`)
      yield* shapeElements(places, look, { isHole: i > 0 })
    }
}

function levelOf({ level }: DesignFeature): number {
  if (!Number.isInteger(level) || level < 1 || level > mostLevel)
    throw new RangeError(`expected a level of 1 to ${mostLevel}, got ${level}`)
  return level
}

function closed(ring: readonly DesignPlace[]): readonly DesignPlace[] {
  const [first, last] = [ring[0]!, ring.at(-1)!]
  return first.every((value, axis) => value === last[axis]) ? ring : [...ring, first]
}

/** Whole units in the middle of everything, where the design plane has its own. */
function planeOf(features: readonly DesignFeature[]): { origin: Vector3; size: Vector3 } {
  const low = [Infinity, Infinity, Infinity]
  const high = [-Infinity, -Infinity, -Infinity]
  for (const { lines = [], areas = [] } of features)
    for (const places of [...lines, ...areas.flat()])
      for (const place of places)
        for (const axis of [0, 1, 2] as const) {
          if (!Number.isFinite(place[axis]))
            throw new RangeError(`expected a finite number, got ${place[axis]}`)
          low[axis] = Math.min(low[axis]!, place[axis])
          high[axis] = Math.max(high[axis]!, place[axis])
        }
  if (low[0] === Infinity) return { origin: [0, 0, 0], size: [1, 1, 1] }
  const size = low.map((value, axis) => high[axis]! - value) as [number, number, number]
  const widest = Math.max(...size)
  if (widest > widestUnits)
    throw new FormatError(
      'TooLarge',
      'the design plane',
      `expected at most ${widestUnits} units across, got ${widest}`,
    )
  return {
    origin: low.map((value, axis) => Math.round((value + high[axis]!) / 2)) as [number, number, number],
    size,
  }
}

function bytesOf({ buffer }: DataView): Uint8Array {
  return new Uint8Array(buffer)
}
