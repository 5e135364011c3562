// Writes LAS 1.4 files point by point, in constant memory, from the raw records of another file.
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import {
  descriptorBytes,
  encodeExtraBytesField,
  parseExtraBytes,
  scalarSizeBytes,
} from './las-extra-bytes.ts'
import type { LasHeader } from './las-header.ts'
import { baseRecordLength } from './las-point-formats.ts'
import { LasStatistics } from './las-statistics.ts'
import { writeEvlrs } from './las-write-evlrs.ts'
import { findVlr } from './las-vlr.ts'
import type { LasVlr } from './las-vlr.ts'
import type { ByteSource } from './byte-source.ts'
import { encodeHeader14, encodeVlr, headerBytes14 } from './las-write-header.ts'
import type { LazThreads } from './laz-threads.ts'
import { LazChunkWriter } from './laz-write-chunks.ts'
import { checkLazFormat, laszipVlr } from './laz-write-vlr.ts'

/** A column that the writer appends to every record. */
export type NewExtraBytes = {
  readonly name: string
  readonly type: 'uint16' | 'float32'
  readonly description: string
}

export type LasWriterOptions = {
  /** Point format, scale, offset, CRS and other VLRs are taken from it; its records can be appended as they are. */
  readonly like: LasHeader
  /**
   * Where `like` was read from, open until the writer is closed: EVLRs too large for memory, as waveforms are, are copied from
   * there. Needed only where there are such.
   */
  readonly source?: ByteSource
  /** Heard while they are copied. */
  readonly signal?: AbortSignal
  /** Columns added after the bytes each record already has. */
  readonly extraBytes?: readonly NewExtraBytes[]
  readonly createdAt?: Date
  /** LAZ instead of LAS: point formats 0-3 and 6-8. */
  readonly compressed?: boolean
  /** Threads that compress; with 1, the default, the caller's does it. */
  readonly threads?: number
  /** Threads to take for it, which others use too; absent: some of its own. */
  readonly lazThreads?: LazThreads | undefined
}

export interface LasWriter {
  /** Bytes of a record of the input, and of the output. */
  readonly inputRecordLength: number
  readonly outputRecordLength: number
  /**
   * Appends `count` records of `inputRecordLength` bytes, and one value per record and new column. The buffers
   * may be reused when the promise has settled. Calls must not overlap.
   */
  append(records: Uint8Array, count: number, extraColumns?: ExtraColumns): Promise<void>
  /** Writes what is left, then the header with the true counts and bounds, and waits until the disk has it. */
  close(): Promise<{ pointCount: number; sizeBytes: number }>
  /** Closes the file and leaves it unreadable, ends all threads; for use in `finally` or `catch`. Does nothing after `close`. */
  abandon(): Promise<void>
}

/** By column name; `uint16` columns are Uint16Array, `float32` columns Float32Array. */
export type ExtraColumns = Readonly<Record<string, NewColumn>>
type NewColumn = Uint16Array | Float32Array

/**
 * Starts a LAS 1.4 file at `path`, replacing what is there. Records keep their point format (0-5 are legal in 1.4)
 * and every byte. VLRs and EVLRs are carried over, waveforms among them, whose places the points give from the start of
 * their record; COPC hierarchies and the compression are not. TypeError where an EVLR is neither in memory nor has a source;
 * FormatError `Unsupported` for point formats that LAZ cannot hold here (see `canWriteLaz`).
 */
export async function createLasWriter(path: string, options: LasWriterOptions): Promise<LasWriter> {
  const { like, extraBytes = [], compressed = false, threads = 1 } = options
  const outputRecordLength =
    like.pointRecordLength + extraBytes.reduce((sum, column) => sum + scalarSizeBytes(column.type), 0)
  if (outputRecordLength > 0xffff) throw new RangeError(`a record of ${outputRecordLength} bytes is too long`)
  if (!Number.isInteger(threads) || threads < 1) {
    throw new RangeError(`threads must be a whole number above 0, got ${threads}`)
  }
  const chunkFormat = { pointFormat: like.pointFormat, recordLength: outputRecordLength }
  if (compressed) checkLazFormat(chunkFormat)
  const evlrs = keptEvlrs(options)
  const vlrs = keptVlrs(like)
  const descriptors = extraBytesPayload(like, extraBytes)
  if (descriptors) vlrs.push(descriptors)
  if (compressed) vlrs.push(laszipVlr(chunkFormat))
  const encoded = Buffer.concat(vlrs.map(encodeVlr))
  const handle = await open(path, 'w')
  const writer = new RecordWriter(handle, like, extraBytes, outputRecordLength)
  const chunks = compressed ? new LazChunkWriter(chunkFormat, threads, writer, options.lazThreads) : undefined
  writer.chunks = chunks
  try {
    // Zeros until it is closed: a file whose writer died does not pass for a LAS file.
    await writer.append(new Uint8Array(headerBytes14))
    await writer.append(encoded)
    await chunks?.begin()
  } catch (error) {
    await handle.close()
    throw error
  }
  const pointDataOffset = headerBytes14 + encoded.length
  let open_ = true
  return {
    inputRecordLength: like.pointRecordLength,
    outputRecordLength,
    append: (records, count, columns) => writer.appendRecords(records, count, columns ?? {}),
    async close() {
      open_ = false
      try {
        await chunks?.finish()
        const evlrPlaces = await writeEvlrs(evlrs, writer, options)
        const header = encodeHeader14({
          like,
          statistics: writer.statistics,
          pointDataOffset,
          vlrCount: vlrs.length,
          recordLength: outputRecordLength,
          ...evlrPlaces,
          createdAt: options.createdAt,
        })
        if (compressed) header[pointFormatByte]! |= compressedBit
        await writer.overwrite(header, 0)
        await handle.sync()
        return { pointCount: writer.pointCount, sizeBytes: writer.sizeBytes }
      } finally {
        await chunks?.end()
        await handle.close()
      }
    },
    async abandon() {
      if (!open_) return
      open_ = false
      await chunks?.end()
      await handle.close()
    },
  }
}

class RecordWriter {
  readonly statistics: LasStatistics
  pointCount = 0
  sizeBytes = 0
  /** Takes the records instead of the file, when they are to be compressed. */
  chunks: LazChunkWriter | undefined
  private readonly handle: FileHandle
  private readonly inputLength: number
  private readonly outputLength: number
  private readonly columns: readonly NewExtraBytes[]
  private output = new Uint8Array(0)

  constructor(handle: FileHandle, like: LasHeader, columns: readonly NewExtraBytes[], outputLength: number) {
    this.handle = handle
    this.inputLength = like.pointRecordLength
    this.outputLength = outputLength
    this.columns = columns
    this.statistics = new LasStatistics(like)
  }

  async appendRecords(records: Uint8Array, count: number, extraColumns: ExtraColumns): Promise<void> {
    if (!Number.isInteger(count) || count < 0 || records.length < count * this.inputLength) {
      const got = `${records.length} bytes for ${count} records`
      throw new RangeError(`expected records of ${this.inputLength} bytes, got ${got}`)
    }
    const columns = this.columns.map(({ name, type }) => checkedColumn(extraColumns, name, type, count))
    this.statistics.add(records, count)
    this.pointCount += count
    const target = this.chunks ?? this
    if (columns.length === 0) return target.append(records.subarray(0, count * this.inputLength))
    const sizeBytes = count * this.outputLength
    if (this.output.length < sizeBytes) this.output = new Uint8Array(sizeBytes)
    this.interleave(records, count, columns)
    await target.append(this.output.subarray(0, sizeBytes))
  }

  async append(bytes: Uint8Array): Promise<void> {
    await writeFully(this.handle, bytes, this.sizeBytes)
    this.sizeBytes += bytes.length
  }

  async overwrite(bytes: Uint8Array, at: number): Promise<void> {
    await writeFully(this.handle, bytes, at)
  }

  private interleave(records: Uint8Array, count: number, columns: readonly NewColumn[]): void {
    const { inputLength, outputLength, output } = this
    for (let i = 0, from = 0, to = 0; i < count; i++, to += outputLength - inputLength) {
      for (const end = from + inputLength; from < end; from++, to++) output[to] = records[from]!
    }
    const view = new DataView(output.buffer, output.byteOffset, output.byteLength)
    let offset = inputLength
    for (const [index, { type }] of this.columns.entries()) {
      const column = columns[index]!
      if (type === 'uint16') {
        for (let i = 0, at = offset; i < count; i++, at += outputLength) view.setUint16(at, column[i]!, true)
      } else {
        for (let i = 0, at = offset; i < count; i++, at += outputLength) view.setFloat32(at, column[i]!, true)
      }
      offset += scalarSizeBytes(type)
    }
  }
}

function checkedColumn(
  columns: ExtraColumns,
  name: string,
  type: NewExtraBytes['type'],
  count: number,
): NewColumn {
  const column = columns[name]
  const wanted = type === 'uint16' ? Uint16Array : Float32Array
  if (!(column instanceof wanted) || column.length < count) {
    const got = column ? `${column.constructor.name} of ${column.length}` : 'none'
    throw new TypeError(`expected a ${wanted.name} of at least ${count} for column ${name}, got ${got}`)
  }
  return column
}

async function writeFully(handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  let done = 0
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at + done)
    done += bytesWritten
  }
}

/** Where the header says that its points are compressed. */
const pointFormatByte = 104
const compressedBit = 0x80

/** Everything but what describes the old compression, and the descriptors, which are written anew. */
function keptVlrs(like: LasHeader): LasVlr[] {
  return like.vlrs.filter((vlr) => !vlr.extended && isKept(vlr))
}

function keptEvlrs({ like, source }: LasWriterOptions): LasVlr[] {
  const kept = like.vlrs.filter((vlr) => vlr.extended && isKept(vlr))
  const absent = kept.find((evlr) => !evlr.data)
  if (absent && !source) {
    const { userId, recordId, sizeBytes } = absent
    throw new TypeError(
      `expected the source of EVLR ${userId} ${recordId}, whose ${sizeBytes} bytes are not in memory`,
    )
  }
  return kept
}

function isKept({ userId, recordId }: LasVlr): boolean {
  if (userId === 'laszip encoded' || userId === 'copc') return false
  return !(userId === 'LASF_Spec' && recordId === 4)
}

const mostUntypedBytes = 255

/** The old descriptors byte for byte, one for bytes nobody described, then the new columns. */
function extraBytesPayload(like: LasHeader, columns: readonly NewExtraBytes[]): LasVlr | undefined {
  const old = findVlr(like.vlrs, 'LASF_Spec', 4)?.data ?? new Uint8Array(0)
  if (old.length === 0 && columns.length === 0) return undefined
  const base = baseRecordLength(like.pointFormat)
  const described = parseExtraBytes(old, base, like.pointRecordLength)
  const parts: Uint8Array[] = [old]
  let untyped = like.pointRecordLength - base - described.reduce((sum, field) => sum + field.sizeBytes, 0)
  for (; untyped > 0 && columns.length > 0; untyped -= mostUntypedBytes) {
    const sizeBytes = Math.min(untyped, mostUntypedBytes)
    parts.push(encodeExtraBytesField({ name: 'undescribed', description: '', type: 'bytes', sizeBytes }))
  }
  for (const column of columns) parts.push(encodeExtraBytesField(column))
  const data = new Uint8Array(Buffer.concat(parts))
  if (data.length > 0xffff)
    throw new RangeError(`${data.length / descriptorBytes} extra byte fields are too many`)
  const names = { userId: 'LASF_Spec', recordId: 4, description: 'Extra bytes' }
  return { ...names, extended: false, dataOffset: 0, sizeBytes: data.length, data }
}
