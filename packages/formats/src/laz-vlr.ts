// The LASzip VLR: how the points of a LAZ file are compressed (laszip encoded, record 22204).
import { corrupt, FormatError } from './format-error.ts'
import { baseRecordLength } from './las-point-formats.ts'
import { findVlr } from './las-vlr.ts'
import type { LasVlr } from './las-vlr.ts'

export type LaszipVlr = {
  /** `single`: one stream without a chunk table. `chunked`: point by point in chunks. `layered`: LAS 1.4 formats. */
  readonly layout: 'single' | 'chunked' | 'layered'
  /** Points per chunk; `undefined` when every chunk has its own count, as in COPC. */
  readonly chunkPoints: number | undefined
}

const variableChunks = 0xffffffff

/** The decoder keeps statistics of some kilobytes for each of them. */
const mostExtraBytes = 1024

/**
 * Points that `sizeBytes` of compressed data may hold: real clouds take more than a byte for one. Small files are
 * trusted with more, because identical points cost next to nothing; memory is taken for what the header says, so
 * that has to have a bound.
 */
export function mostLazPoints(sizeBytes: number): number {
  return 4_000_000 + 16 * sizeBytes
}

/** Item types of each compressible point format, without the trailing extra bytes. */
const itemsOfFormat: Record<number, readonly number[]> = {
  0: [6],
  1: [6, 7],
  2: [6, 8],
  3: [6, 7, 8],
  6: [10],
  7: [10, 11],
  8: [10, 12],
}
const byteItems = [0, 14]

/** FormatError `Corrupt` when the VLR is missing or at odds with the header, `Unsupported` for what cannot be decoded. */
export function parseLaszipVlr(
  vlrs: readonly LasVlr[],
  header: { readonly pointFormat: number; readonly pointRecordLength: number },
): LaszipVlr {
  const vlr = findVlr(vlrs, 'laszip encoded', 22204)
  const data = vlr?.data
  if (!vlr || !data)
    throw corrupt('LASzip VLR', 'one in a file whose point format is marked compressed', 'none')
  if (data.length < 34) throw corrupt('LASzip VLR', 'at least 34 bytes', data.length)
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const compressor = view.getUint16(0, true)
  const layout = ([undefined, 'single', 'chunked', 'layered'] as const)[compressor]
  if (!layout)
    throw new FormatError('Unsupported', 'LASzip VLR', `expected compressor 1 to 3, got ${compressor}`)
  if (view.getUint16(2, true) !== 0) {
    throw new FormatError('Unsupported', 'LASzip VLR', `expected coder 0, got ${view.getUint16(2, true)}`)
  }
  checkItems(view, header, layout)
  const chunkSize = view.getUint32(12, true)
  if (chunkSize === 0 && layout !== 'single') throw corrupt('LASzip VLR', 'a chunk size above 0', 0)
  return { layout, chunkPoints: chunkSize === variableChunks ? undefined : chunkSize }
}

function checkItems(
  view: DataView,
  header: { readonly pointFormat: number; readonly pointRecordLength: number },
  layout: LaszipVlr['layout'],
): void {
  const wanted = itemsOfFormat[header.pointFormat]
  if (!wanted) {
    const problem = `expected a point format 0-3 or 6-8 in a LAZ file, got ${header.pointFormat} (waveforms)`
    throw new FormatError('Unsupported', 'byte 104', problem)
  }
  const count = view.getUint16(32, true)
  if (34 + 6 * count > view.byteLength)
    throw corrupt('LASzip VLR', `${count} items`, `${view.byteLength} bytes`)
  const items = Array.from({ length: count }, (_, i) => ({
    type: view.getUint16(34 + 6 * i, true),
    sizeBytes: view.getUint16(36 + 6 * i, true),
    version: view.getUint16(38 + 6 * i, true),
  }))
  const extra = header.pointRecordLength - baseRecordLength(header.pointFormat)
  if (extra > mostExtraBytes) {
    const problem = `expected at most ${mostExtraBytes} extra bytes in a LAZ file, got ${extra}`
    throw new FormatError('Unsupported', 'byte 105', problem)
  }
  const standard = items.filter((item) => !byteItems.includes(item.type))
  const bytes = items.filter((item) => byteItems.includes(item.type))
  const sameTypes = standard.length === wanted.length && wanted.every((type, i) => standard[i]!.type === type)
  const extraListed = bytes.reduce((sum, item) => sum + item.sizeBytes, 0)
  if (!sameTypes || extraListed !== extra || bytes.length > 1) {
    const got = items.map((item) => `${item.type} (${item.sizeBytes} bytes)`).join(', ')
    throw corrupt('LASzip VLR', `items ${wanted.join(', ')} and ${extra} extra bytes`, got || 'none')
  }
  // Version 1 of the old items predates the coder that laz-perf carries; 4 differs from 3 only when the writer
  // switches scanner channels within a chunk.
  const versions = header.pointFormat >= 6 ? [3, 4] : [2]
  if (header.pointFormat >= 6 !== (layout === 'layered')) {
    throw corrupt('LASzip VLR', header.pointFormat >= 6 ? 'compressor 3' : 'compressor 1 or 2', layout)
  }
  const old = items.find((item) => !versions.includes(item.version))
  if (old) {
    const problem = `expected items of version ${versions.join(' or ')}, got ${old.version}`
    throw new FormatError('Unsupported', 'LASzip VLR', problem)
  }
}
