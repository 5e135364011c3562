// Shapefiles (ESRI Shapefile Technical Description, July 1998): places in .shp, their index in .shx, attributes in .dbf.
import type { Crs } from './crs.ts'
import { encodeDbf } from './dbase.ts'
import type { DbfField, DbfValue } from './dbase.ts'
import { esriWkt } from './esri-wkt.ts'
import { tooLarge } from './format-error.ts'
import { boundsOf, contentBytes, partsOf, shapeCodes, writeContent } from './shapefile-shapes.ts'
import type { Bounds, Shape, ShapeType } from './shapefile-shapes.ts'

export type ShapefileFeature = { readonly shape: Shape; readonly values: readonly DbfValue[] }

/** Bytes by file extension; `prj` is absent when the system has no text for it. */
export type ShapefileParts = Readonly<Record<'shp' | 'shx' | 'dbf' | 'cpg', Uint8Array>> & {
  readonly prj?: Uint8Array
}

const headBytes = 100
/** Lengths are 31-bit counts of 16-bit words; programs that read them as bytes end at 2 GiB. */
const mostBytes = 0x7fffffff

/**
 * The files of a shapefile of `features` in their order, all of the one type: that of the first, or `emptyType` where
 * there is none. RangeError for a coordinate that is not finite, a line or ring that is too short, another type of
 * shape, or a number that does not fit its field; FormatError `TooLarge` for a file of more than 2 GiB.
 */
export function encodeShapefile(
  fields: readonly DbfField[],
  features: readonly ShapefileFeature[],
  crs?: Crs,
  emptyType: ShapeType = 'PointZ',
): ShapefileParts {
  const type = features[0]?.shape.type ?? emptyType
  const records = features.map(({ shape }) => {
    if (shape.type !== type) throw new RangeError(`expected shapes of type ${type} only, got ${shape.type}`)
    const parts = partsOf(shape)
    return { parts, bytes: contentBytes(type, parts) }
  })
  const total = records.reduce((sum, { bytes }) => sum + 8 + bytes, headBytes)
  if (total > mostBytes) throw tooLarge('.shp', mostBytes, total)
  const dbf = encodeDbf(
    fields,
    features.map(({ values }) => values),
  )
  const shp = new DataView(new ArrayBuffer(total))
  const shx = new DataView(new ArrayBuffer(headBytes + 8 * records.length))
  const bounds = boundsOf(positionsOf(records))
  for (const file of [shp, shx]) writeHead(file, type, bounds)
  let at = headBytes
  for (const [i, { parts, bytes }] of records.entries()) {
    // Numbers and lengths are big-endian, everything inside a shape little-endian; lengths count 16-bit words.
    shp.setInt32(at, i + 1)
    shp.setInt32(at + 4, bytes / 2)
    writeContent(shp, at + 8, type, parts)
    shx.setInt32(headBytes + 8 * i, at / 2)
    shx.setInt32(headBytes + 8 * i + 4, bytes / 2)
    at += 8 + bytes
  }
  const prj = crs && esriWkt(crs)
  return {
    shp: new Uint8Array(shp.buffer),
    shx: new Uint8Array(shx.buffer),
    dbf,
    cpg: Buffer.from('UTF-8', 'latin1'),
    ...(prj !== undefined && { prj: Buffer.from(prj, 'utf8') }),
  }
}

function* positionsOf(records: Iterable<{ parts: ReturnType<typeof partsOf> }>) {
  for (const { parts } of records) for (const part of parts) yield* part
}

/** The box is zeros while there is no position: the format has no other way to say so that every program reads. */
function writeHead(file: DataView, type: ShapeType, { min, max }: Bounds): void {
  file.setInt32(0, 9994)
  file.setInt32(24, file.byteLength / 2)
  file.setInt32(28, 1000, true)
  file.setInt32(32, shapeCodes[type], true)
  const box = [min[0], min[1], max[0], max[1], min[2], max[2]].map((value) => (min[0] <= max[0] ? value : 0))
  for (const [i, value] of box.entries()) file.setFloat64(36 + 8 * i, value, true)
  // The range of measures stays 0 to 0: there are none.
}
