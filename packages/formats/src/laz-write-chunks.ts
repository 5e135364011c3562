// The compressed points of a LAZ file: chunks, written in order while others are being encoded, then their table.
import { setImmediate } from 'node:timers/promises'
import { encodeLazChunk, encodeLazSizes } from './laz-encode-chunk.ts'
import type { LazChunkFormat } from './laz-encode-chunk.ts'
import { LazEncodeThreads } from './laz-encode-threads.ts'
import type { LazThreads } from './laz-threads.ts'
import { chunkPointsOf } from './laz-write-vlr.ts'

type Records = Uint8Array<SharedArrayBuffer>
type Encoding = { readonly records: Records; readonly chunk: Promise<Uint8Array> }

/** The file, as far as it has been written. */
export interface LazFile {
  readonly sizeBytes: number
  append(bytes: Uint8Array): Promise<void>
  overwrite(bytes: Uint8Array, at: number): Promise<void>
}

/** Before the first chunk stands where the table is. */
const tableOffsetBytes = 8

/**
 * Takes records as they come. In memory are at most two chunks per thread; with one thread there is none but the
 * caller's. After a failure everything is refused with its reason.
 */
export class LazChunkWriter {
  private readonly format: LazChunkFormat
  private readonly file: LazFile
  private readonly threads: LazEncodeThreads | undefined
  private readonly mostBuffers: number
  private readonly chunkBytes: number
  private readonly free: Records[] = []
  private buffers = 0
  private filling: Records | undefined
  private filledBytes = 0
  private readonly encodings: Encoding[] = []
  private readonly chunkSizes: number[] = []
  private startOffset = 0
  private failure: { readonly reason: unknown } | undefined

  /** `shared`: threads that others use too. */
  constructor(format: LazChunkFormat, threads: number, file: LazFile, shared?: LazThreads) {
    this.format = format
    this.file = file
    this.threads = threads > 1 ? new LazEncodeThreads(format, threads, shared) : undefined
    this.mostBuffers = threads > 1 ? 2 * threads : 1
    this.chunkBytes = chunkPointsOf(format.recordLength) * format.recordLength
  }

  /** Before the first record. */
  async begin(): Promise<void> {
    this.startOffset = this.file.sizeBytes
    await this.file.append(new Uint8Array(tableOffsetBytes))
  }

  /** Whole records, which may be overwritten when the promise has settled. */
  append(records: Uint8Array): Promise<void> {
    return this.remembering(async () => {
      for (let from = 0; from < records.length; ) {
        this.filling ??= await this.emptyBuffer()
        const sizeBytes = Math.min(records.length - from, this.chunkBytes - this.filledBytes)
        this.filling.set(records.subarray(from, from + sizeBytes), this.filledBytes)
        this.filledBytes += sizeBytes
        from += sizeBytes
        if (this.filledBytes === this.chunkBytes) this.encode(this.filling)
      }
    })
  }

  /** Writes what is left, and the table. */
  finish(): Promise<void> {
    return this.remembering(async () => {
      if (this.filling && this.filledBytes > 0) this.encode(this.filling)
      while (this.encodings.length > 0) await this.writeOldest()
      const tableOffset = new DataView(new ArrayBuffer(tableOffsetBytes))
      tableOffset.setBigInt64(0, BigInt(this.file.sizeBytes), true)
      await this.file.append(encodeChunkTable(this.chunkSizes))
      await this.file.overwrite(new Uint8Array(tableOffset.buffer), this.startOffset)
    })
  }

  /** Leaves no thread behind; at any time, and more than once. */
  async end(): Promise<void> {
    await this.threads?.end()
  }

  private encode(records: Records): void {
    const count = this.filledBytes / this.format.recordLength
    const chunk = this.threads?.encode(records, count) ?? this.encodeHere(records, count)
    // Whoever waits for the chunk hears of its failure; nobody does when the writer is given up first.
    chunk.catch(() => {})
    this.encodings.push({ records, chunk })
    this.filling = undefined
    this.filledBytes = 0
  }

  private async encodeHere(records: Records, count: number): Promise<Uint8Array> {
    // Chunk by chunk, so that the event loop gets its turn in between.
    await setImmediate()
    return encodeLazChunk(records, count, this.format)
  }

  private async emptyBuffer(): Promise<Records> {
    if (this.free.length === 0 && this.buffers < this.mostBuffers) {
      this.buffers++
      return new Uint8Array(new SharedArrayBuffer(this.chunkBytes))
    }
    if (this.free.length === 0) await this.writeOldest()
    return this.free.pop()!
  }

  private async writeOldest(): Promise<void> {
    const { records, chunk } = this.encodings[0]!
    const bytes = await chunk
    await this.file.append(bytes)
    this.chunkSizes.push(bytes.length)
    this.encodings.shift()
    this.free.push(records)
  }

  private async remembering<T>(step: () => Promise<T>): Promise<T> {
    if (this.failure) throw this.failure.reason
    try {
      return await step()
    } catch (reason) {
      this.failure = { reason }
      throw reason
    }
  }
}

/** Version 0, the number of chunks, their sizes. */
export function encodeChunkTable(sizes: readonly number[]): Uint8Array {
  const head = new DataView(new ArrayBuffer(8))
  head.setUint32(4, sizes.length, true)
  const coded = sizes.length > 0 ? encodeLazSizes(sizes) : new Uint8Array(0)
  return Buffer.concat([new Uint8Array(head.buffer), coded])
}
