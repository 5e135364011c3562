// Shapefiles (ESRI Shapefile Technical Description, July 1998): places in .shp, their index in .shx, attributes in .dbf.
import type { Crs } from './crs.ts'
import { encodeDbf } from './dbase.ts'
import type { DbfField, DbfValue } from './dbase.ts'
import { esriWkt } from './esri-wkt.ts'

/** All shapes of one file have one type; what a type is made of stands in `pointZ` below. */
export type Shape = {
  readonly type: 'PointZ'
  readonly coordinates: readonly [x: number, y: number, z: number]
}

export type ShapefileFeature = { readonly shape: Shape; readonly values: readonly DbfValue[] }

/** Bytes by file extension; `prj` is absent when the system has no text for it. */
export type ShapefileParts = Readonly<Record<'shp' | 'shx' | 'dbf' | 'cpg', Uint8Array>> & {
  readonly prj?: Uint8Array
}

/** What the files have to say of one type of shape; lines and areas differ in these four only. */
type ShapeKind = {
  readonly code: number
  contentBytes(shape: Shape): number
  /** Writes what follows the type code, from byte `at` on. */
  write(view: DataView, at: number, shape: Shape): void
  positions(shape: Shape): readonly (readonly [x: number, y: number, z: number])[]
}

/** Below -10^38 a measure means "none" (page 2 of the description). */
const noMeasure = -1e39

const pointZ: ShapeKind = {
  code: 11,
  contentBytes: () => 36,
  write: (view, at, { coordinates }) => {
    for (const [axis, value] of [...coordinates, noMeasure].entries())
      view.setFloat64(at + 4 + 8 * axis, value, true)
  },
  positions: ({ coordinates }) => [coordinates],
}

const headBytes = 100
/** Lengths are 31-bit counts of 16-bit words; programs that read them as bytes end at 2 GiB. */
const mostBytes = 0x7fffffff

/**
 * The files of a shapefile of `features` in their order. RangeError for a coordinate that is not finite, a number that
 * does not fit its field, or more than 2 GiB.
 */
export function encodeShapefile(
  fields: readonly DbfField[],
  features: readonly ShapefileFeature[],
  crs?: Crs,
): ShapefileParts {
  const kind = pointZ
  const shapes = features.map(({ shape }) => shape)
  const sizes = shapes.map((shape) => kind.contentBytes(shape))
  const total = sizes.reduce((sum, size) => sum + 8 + size, headBytes)
  if (total > mostBytes)
    throw new RangeError(`expected a shapefile of at most ${mostBytes} bytes, got ${total}`)
  const shp = new DataView(new ArrayBuffer(total))
  const shx = new DataView(new ArrayBuffer(headBytes + 8 * shapes.length))
  const bounds = boundsOf(shapes.flatMap((shape) => kind.positions(shape)))
  for (const file of [shp, shx]) writeHead(file, kind.code, bounds)
  let at = headBytes
  for (const [i, shape] of shapes.entries()) {
    const size = sizes[i]!
    // Numbers and lengths are big-endian, everything inside a shape little-endian; lengths count 16-bit words.
    shp.setInt32(at, i + 1)
    shp.setInt32(at + 4, size / 2)
    shp.setInt32(at + 8, kind.code, true)
    kind.write(shp, at + 8, shape)
    shx.setInt32(headBytes + 8 * i, at / 2)
    shx.setInt32(headBytes + 8 * i + 4, size / 2)
    at += 8 + size
  }
  const prj = crs && esriWkt(crs)
  return {
    shp: new Uint8Array(shp.buffer),
    shx: new Uint8Array(shx.buffer),
    dbf: encodeDbf(
      fields,
      features.map(({ values }) => values),
    ),
    cpg: Buffer.from('UTF-8', 'latin1'),
    ...(prj !== undefined && { prj: Buffer.from(prj, 'utf8') }),
  }
}

type Bounds = { readonly min: readonly number[]; readonly max: readonly number[] }

/** Zeros while there is no position: the format has no other way to say so that every program reads. */
function boundsOf(positions: readonly (readonly number[])[]): Bounds {
  if (positions.length === 0) return { min: [0, 0, 0], max: [0, 0, 0] }
  const [min, max] = [[Infinity, Infinity, Infinity], [-Infinity, -Infinity, -Infinity]] // biome-ignore format: one line
  for (const position of positions) {
    for (const [axis, value] of position.entries()) {
      if (!Number.isFinite(value))
        throw new RangeError(`expected finite coordinates, got ${position.join(', ')}`)
      min![axis] = Math.min(min![axis]!, value)
      max![axis] = Math.max(max![axis]!, value)
    }
  }
  return { min: min!, max: max! }
}

function writeHead(file: DataView, code: number, { min, max }: Bounds): void {
  file.setInt32(0, 9994)
  file.setInt32(24, file.byteLength / 2)
  file.setInt32(28, 1000, true)
  file.setInt32(32, code, true)
  const box = [min[0]!, min[1]!, max[0]!, max[1]!, min[2]!, max[2]!]
  for (const [i, value] of box.entries()) file.setFloat64(36 + 8 * i, value, true)
  // The range of measures stays 0 to 0: there are none.
}
