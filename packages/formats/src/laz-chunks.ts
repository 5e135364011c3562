// Where each LAZ chunk lies: the chunk table, checked against the file before any chunk is read.
import { IntegerDecoder } from './arithmetic-decoder.ts'
import type { ByteSource } from './byte-source.ts'
import { corrupt, FormatError } from './format-error.ts'
import type { LasHeader } from './las-header.ts'

/** Parallel arrays, one entry per chunk, in file order. Numbers are exact up to 2^53. */
export type LazChunks = {
  /** Which chunk of the file it is, from 0 on. */
  readonly numbers: Float64Array
  readonly offsets: Float64Array
  readonly sizes: Float64Array
  readonly firstPoints: Float64Array
  readonly pointCounts: Float64Array
}

/** A chunk is decoded from memory; one above this is refused. Common chunks are under 1 MB. */
export const largestChunkBytes = 64 * 1024 * 1024
/** No real chunk is denser: an adaptive coder needs more than a bit for a few hundred points. */
const mostPointsPerByte = 4096

/** Reads the chunk table at the offset in the first 8 bytes of the point data, or at the end of the file. */
export async function readLazChunks(source: ByteSource, header: LasHeader): Promise<LazChunks> {
  const { laszip, pointCount, pointDataOffset } = header
  if (!laszip) throw new TypeError('readLazChunks needs the header of a compressed file')
  if (pointCount === 0) return emptyChunks(0)
  if (laszip.layout === 'single') return singleChunk(source, header)
  const tableOffset = await findTable(source, pointDataOffset)
  const head = await source.read(tableOffset, 8)
  const view = new DataView(head.buffer, head.byteOffset, 8)
  const [version, count] = [view.getUint32(0, true), view.getUint32(4, true)]
  if (version !== 0)
    throw new FormatError('Unsupported', `byte ${tableOffset}`, `chunk table version ${version}`)
  const expected = laszip.chunkPoints === undefined ? undefined : Math.ceil(pointCount / laszip.chunkPoints)
  if (expected !== undefined && count !== expected) {
    throw corrupt(`byte ${tableOffset + 4}`, `${expected} chunks for ${pointCount} points`, count)
  }
  const room = tableOffset - pointDataOffset - 8
  // Every chunk starts with one whole point.
  if (count * header.pointRecordLength > room) {
    throw corrupt(`byte ${tableOffset + 4}`, `chunks that fit into ${room} bytes`, count)
  }
  // A table entry never takes more than 14 bytes; what follows the table (EVLRs) need not be read.
  const coded = Math.min(source.sizeBytes - tableOffset - 8, 64 + 14 * count)
  const decoder = new IntegerDecoder(await source.read(tableOffset + 8, coded), 2)
  return checkChunks(decodeTable(decoder, count, header), header, tableOffset)
}

function decodeTable(decoder: IntegerDecoder, count: number, header: LasHeader): LazChunks {
  const chunks = emptyChunks(count)
  const fixed = header.laszip!.chunkPoints
  let [points, bytes] = [0, 0]
  let first = 0
  let offset = header.pointDataOffset + 8
  for (let i = 0; i < count; i++) {
    if (fixed === undefined) points = decoder.next(points, 0)
    bytes = decoder.next(bytes, 1)
    chunks.offsets[i] = offset
    chunks.sizes[i] = bytes >>> 0
    chunks.firstPoints[i] = first
    chunks.pointCounts[i] = fixed === undefined ? points >>> 0 : Math.min(fixed, header.pointCount - first)
    offset += bytes >>> 0
    first += chunks.pointCounts[i]!
  }
  return chunks
}

function checkChunks(chunks: LazChunks, header: LasHeader, tableOffset: number): LazChunks {
  const { offsets, sizes, pointCounts } = chunks
  let total = 0
  for (let i = 0; i < offsets.length; i++) {
    const place = chunkPlace(i, offsets[i]!)
    const end = offsets[i]! + sizes[i]!
    if (end > tableOffset) throw corrupt(place, `an end at or before byte ${tableOffset}`, end)
    checkChunkSize(place, sizes[i]!, pointCounts[i]!, header.pointRecordLength)
    total += pointCounts[i]!
  }
  if (total !== header.pointCount) throw corrupt('chunk table', `${header.pointCount} points in all`, total)
  return chunks
}

function checkChunkSize(place: string, sizeBytes: number, points: number, recordLength: number): void {
  if (points === 0) {
    if (sizeBytes !== 0) throw corrupt(place, 'no bytes for no points', sizeBytes)
    return
  }
  if (sizeBytes < recordLength) throw corrupt(place, `at least one point of ${recordLength} bytes`, sizeBytes)
  if (sizeBytes > largestChunkBytes) {
    const problem = `expected a chunk of at most ${largestChunkBytes} bytes, got ${sizeBytes}`
    throw new FormatError('Unsupported', place, problem)
  }
  if (points > sizeBytes * mostPointsPerByte) {
    throw corrupt(place, `at most ${sizeBytes * mostPointsPerByte} points in ${sizeBytes} bytes`, points)
  }
}

async function findTable(source: ByteSource, pointDataOffset: number): Promise<number> {
  if (pointDataOffset + 8 > source.sizeBytes) {
    throw corrupt(`byte ${pointDataOffset}`, 'the offset of the chunk table', 'the end of the file')
  }
  let place = pointDataOffset
  let offset = await readInt64(source, place)
  if (offset === -1n) {
    // A writer that could not seek back leaves -1 here and puts the offset into the last 8 bytes.
    place = source.sizeBytes - 8
    offset = await readInt64(source, place)
  }
  if (offset < BigInt(pointDataOffset + 8) || offset > BigInt(source.sizeBytes - 12)) {
    throw corrupt(`byte ${place}`, `a chunk table inside ${source.sizeBytes} bytes`, `byte ${offset}`)
  }
  return Number(offset)
}

async function readInt64(source: ByteSource, offset: number): Promise<bigint> {
  const bytes = await source.read(offset, 8)
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getBigInt64(0, true)
}

/** Compressor 1 writes one stream and no table; it ends where the EVLRs or the file do. */
function singleChunk(source: ByteSource, header: LasHeader): LazChunks {
  const sizeBytes = source.sizeBytes - header.pointDataOffset
  checkChunkSize(
    chunkPlace(0, header.pointDataOffset),
    sizeBytes,
    header.pointCount,
    header.pointRecordLength,
  )
  const chunks = emptyChunks(1)
  chunks.offsets[0] = header.pointDataOffset
  chunks.sizes[0] = sizeBytes
  chunks.pointCounts[0] = header.pointCount
  return chunks
}

export function chunkPlace(index: number, offset: number): string {
  return `chunk ${index} at byte ${offset}`
}

function emptyChunks(count: number): LazChunks {
  const column = () => new Float64Array(count)
  const numbers = column().map((_, i) => i)
  return { numbers, offsets: column(), sizes: column(), firstPoints: column(), pointCounts: column() }
}

/** Some of them, by ascending index. */
export function chooseChunks(chunks: LazChunks, indices: Uint32Array): LazChunks {
  const choose = (column: Float64Array) => Float64Array.from(indices, (i) => column[i]!)
  return {
    numbers: choose(chunks.numbers),
    offsets: choose(chunks.offsets),
    sizes: choose(chunks.sizes),
    firstPoints: choose(chunks.firstPoints),
    pointCounts: choose(chunks.pointCounts),
  }
}
