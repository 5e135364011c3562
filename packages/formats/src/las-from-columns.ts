// Makes a LAS file from columns of coordinates: for demonstration scenes and test clouds.
import type { Vector3 } from './las-coordinates.ts'
import type { LasHeader } from './las-header.ts'
import { baseRecordLength, classificationField, rgbOffset } from './las-point-formats.ts'
import type { LasVlr } from './las-vlr.ts'
import { createLasWriter } from './las-writer.ts'
import { geoKeysOfEpsg, wktOfEpsg } from './crs-encode.ts'

export type PointsToWrite = {
  readonly x: ArrayLike<number>
  readonly y: ArrayLike<number>
  readonly z: ArrayLike<number>
  /** 0 to 31 in point format 0, 0 to 255 in 6. */
  readonly classification?: ArrayLike<number>
  /** 0 to 65,535. */
  readonly intensity?: ArrayLike<number>
  /** Red, green and blue of one point after the other, 0 to 65,535 each; for point format 7. */
  readonly rgb?: ArrayLike<number>
}

export type WriteLasPointsOptions = {
  /** Default 6, with colours 7. Format 0 is for readers of the time before 2011. */
  readonly pointFormat?: 0 | 6 | 7
  /** Size of a coordinate step, in the unit of the CRS; default 0.001. */
  readonly scale?: number | Vector3
  /** Default: the smallest coordinates, rounded down to whole numbers. */
  readonly offset?: Vector3
  readonly crs?: { readonly epsg: number } | { readonly wkt: string }
  readonly createdAt?: Date
}

const pointsPerBatch = 65_536

/**
 * Writes the points as LAS 1.4. RangeError for columns of unequal length and for coordinates that do not fit 32
 * bits at this scale; FormatError `Unsupported` for an EPSG code whose text or keys are not known here.
 */
export async function writeLasPoints(
  path: string,
  points: PointsToWrite,
  options: WriteLasPointsOptions = {},
): Promise<{ pointCount: number; sizeBytes: number }> {
  const pointCount = points.x.length
  for (const column of [points.y, points.z, points.classification, points.intensity]) {
    if (column && column.length !== pointCount) {
      throw new RangeError(`expected columns of ${pointCount} values, got one of ${column.length}`)
    }
  }
  if (points.rgb && points.rgb.length !== 3 * pointCount) {
    throw new RangeError(`expected ${3 * pointCount} values of colour, got ${points.rgb.length}`)
  }
  const like = headerFor(points, options)
  const { createdAt } = options
  const writer = await createLasWriter(path, { like, ...(createdAt && { createdAt }) })
  try {
    for (let first = 0; first < pointCount; first += pointsPerBatch) {
      const count = Math.min(pointsPerBatch, pointCount - first)
      await writer.append(encodeRecords(points, like, first, count), count)
    }
    return await writer.close()
  } finally {
    await writer.abandon()
  }
}

function headerFor(points: PointsToWrite, options: WriteLasPointsOptions): LasHeader {
  const { scale = 0.001, pointFormat = points.rgb ? 7 : 6 } = options
  const scales: Vector3 = typeof scale === 'number' ? [scale, scale, scale] : scale
  if (!scales.every((step) => Number.isFinite(step) && step > 0)) {
    throw new RangeError(`expected a scale above 0, got ${scales}`)
  }
  const offset = options.offset ?? [floorOf(points.x), floorOf(points.y), floorOf(points.z)]
  const vlrs = options.crs ? crsVlrs(options.crs, pointFormat) : []
  return {
    versionMinor: 4,
    pointFormat,
    pointRecordLength: baseRecordLength(pointFormat),
    pointCount: points.x.length,
    pointCountByReturn: [],
    scale: scales,
    offset,
    bounds: { min: offset, max: offset },
    headerSizeBytes: 375,
    pointDataOffset: 375,
    compressed: false,
    vlrs,
    extraBytes: [],
    globalEncoding: vlrs.some((vlr) => vlr.recordId === 2112) || pointFormat >= 6 ? 0x10 : 0,
    fileSourceId: 0,
    projectId: new Uint8Array(16),
    systemIdentifier: 'OTHER',
    generatingSoftware: 'Alidade',
  }
}

function floorOf(column: ArrayLike<number>): number {
  let smallest = Infinity
  for (let i = 0; i < column.length; i++) if (column[i]! < smallest) smallest = column[i]!
  return Number.isFinite(smallest) ? Math.floor(smallest) : 0
}

/** Formats from 6 on must use WKT; up to 5 both are legal, and old readers know the keys only. */
function crsVlrs(crs: { epsg: number } | { wkt: string }, pointFormat: number): LasVlr[] {
  const vlr = (recordId: number, description: string, data: Uint8Array): LasVlr => {
    const names = { userId: 'LASF_Projection', recordId, description }
    return { ...names, extended: false, dataOffset: 0, sizeBytes: data.length, data }
  }
  if (pointFormat < 6 && 'epsg' in crs) return [vlr(34735, 'GeoTIFF keys', geoKeysOfEpsg(crs.epsg))]
  const text = 'wkt' in crs ? crs.wkt : wktOfEpsg(crs.epsg)
  return [vlr(2112, 'OGC WKT', new Uint8Array(Buffer.from(`${text}\0`, 'utf8')))]
}

function encodeRecords(points: PointsToWrite, like: LasHeader, first: number, count: number): Uint8Array {
  const stride = like.pointRecordLength
  const bytes = new Uint8Array(count * stride)
  const view = new DataView(bytes.buffer)
  const columns = [points.x, points.y, points.z] as const
  for (const [axis, column] of columns.entries()) {
    const [scale, offset] = [like.scale[axis]!, like.offset[axis]!]
    for (let i = 0, at = 4 * axis; i < count; i++, at += stride) {
      const stored = Math.round((column[first + i]! - offset) / scale)
      if (stored !== (stored | 0)) {
        throw new RangeError(
          `coordinate ${column[first + i]} does not fit 32 bits at scale ${scale} from ${offset}`,
        )
      }
      view.setInt32(at, stored, true)
    }
  }
  const { intensity, classification, rgb } = points
  const rgbAt = rgb && rgbOffset(like.pointFormat)
  const { offset: classOffset, mask } = classificationField(like.pointFormat)
  // Return 1 of 1: three bits each up to format 5, four from 6 on.
  const singleReturn = like.pointFormat >= 6 ? 0x11 : 0x09
  for (let i = 0, at = 0; i < count; i++, at += stride) {
    bytes[at + 14] = singleReturn
    if (intensity) view.setUint16(at + 12, intensity[first + i]!, true)
    if (classification) bytes[at + classOffset] = classification[first + i]! & mask
    if (rgbAt === undefined) continue
    for (let band = 0; band < 3; band++)
      view.setUint16(at + rgbAt + 2 * band, rgb![3 * (first + i) + band]!, true)
  }
  return bytes
}
