// Joins files that hold consecutive points of one cloud, all written by `createLasWriter` from the same header: records and
// compressed chunks are copied as they are.
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import type { ByteSource } from './byte-source.ts'
import { readLasHeader } from './las-header.ts'
import type { LasHeader } from './las-header.ts'
import { writeCounts } from './las-write-header.ts'
import { readLazChunks } from './laz-chunks.ts'
import { encodeChunkTable } from './laz-write-chunks.ts'

export type JoinOptions = {
  readonly signal?: AbortSignal
  /** Called with how many more points are in the file. */
  readonly onJoined?: (pointCount: number) => void
}

/** Copied at a time. */
const pieceBytes = 8 * 1024 * 1024
const tableOffsetBytes = 8

/**
 * Writes the points of the parts in their order to `path`, with the VLRs and EVLRs of the first part, counts and bounds of
 * all. Of LAZ parts each but the last has to end with a full chunk: then the file is, byte for byte, what one writer would
 * have made of all points. Memory: a piece of 8 MiB. RangeError for parts that do not belong together.
 */
export async function joinLasFiles(
  path: string,
  parts: readonly ByteSource[],
  { signal, onJoined }: JoinOptions = {},
): Promise<{ pointCount: number; sizeBytes: number }> {
  const headers: LasHeader[] = []
  for (const part of parts) headers.push(await readLasHeader(part))
  const [first] = headers
  if (first === undefined) throw new RangeError('expected at least one part to join')
  for (const [i, header] of headers.entries()) requireAlike(first, header, i)
  const head = await parts[0]!.read(0, first.pointDataOffset)
  const file = new JoinedFile(await open(path, 'w'), signal)
  try {
    // As `createLasWriter` does it: no LAS file before it is whole.
    await file.append(new Uint8Array(first.headerSizeBytes))
    await file.append(head.subarray(first.headerSizeBytes))
    const chunkSizes: number[] = []
    if (first.compressed) await file.append(new Uint8Array(tableOffsetBytes))
    for (const [i, part] of parts.entries()) {
      const header = headers[i]!
      if (header.pointCount === 0) continue
      if (header.compressed) {
        const { offsets, sizes } = await readLazChunks(part, header)
        requireFullChunks(header, i === parts.length - 1, i)
        await file.copy(part, offsets[0]!, offsets.at(-1)! + sizes.at(-1)!)
        chunkSizes.push(...sizes)
      } else {
        const end = header.pointDataOffset + header.pointCount * header.pointRecordLength
        await file.copy(part, header.pointDataOffset, end)
      }
      onJoined?.(header.pointCount)
    }
    if (first.compressed) {
      const place = new DataView(new ArrayBuffer(tableOffsetBytes))
      place.setBigInt64(0, BigInt(file.sizeBytes), true)
      await file.append(encodeChunkTable(chunkSizes))
      await file.overwrite(new Uint8Array(place.buffer), first.pointDataOffset)
    }
    const evlrs = first.vlrs.filter(({ extended }) => extended)
    const evlrOffset = file.sizeBytes
    const firstEvlr = Math.min(...evlrs.map(({ dataOffset }) => dataOffset)) - evlrHeadBytes
    if (evlrs.length > 0) await file.copy(parts[0]!, firstEvlr, parts[0]!.sizeBytes)
    const header = head.slice(0, first.headerSizeBytes)
    writeJoined(header, headers, evlrs.length > 0 ? { evlrOffset, moved: evlrOffset - firstEvlr } : undefined)
    await file.overwrite(header, 0)
    await file.sync()
    return { pointCount: sumOf(headers), sizeBytes: file.sizeBytes }
  } finally {
    await file.close()
  }
}

const evlrHeadBytes = 60

function requireAlike(first: LasHeader, header: LasHeader, part: number): void {
  for (const name of [
    'pointFormat',
    'pointRecordLength',
    'pointDataOffset',
    'compressed',
    'versionMinor',
  ] as const) {
    if (header[name] !== first[name])
      throw new RangeError(
        `expected ${name} ${first[name]} in part ${part} as in part 0, got ${header[name]}`,
      )
  }
}

function requireFullChunks({ laszip, pointCount }: LasHeader, isLast: boolean, part: number): void {
  const chunkPoints = laszip?.chunkPoints
  if (chunkPoints === undefined || (!isLast && pointCount % chunkPoints !== 0))
    throw new RangeError(`expected a multiple of ${chunkPoints} points in part ${part}, got ${pointCount}`)
}

function sumOf(headers: readonly LasHeader[]): number {
  return headers.reduce((sum, { pointCount }) => sum + pointCount, 0)
}

/** Counts, bounds and places of EVLRs into the header of the first part. */
function writeJoined(
  header: Uint8Array,
  headers: readonly LasHeader[],
  evlrs: { evlrOffset: number; moved: number } | undefined,
): void {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength)
  const filled = headers.filter(({ pointCount }) => pointCount > 0)
  const countByReturn = Array.from({ length: 15 }, (_, i) =>
    headers.reduce((sum, { pointCountByReturn }) => sum + (pointCountByReturn[i] ?? 0), 0),
  )
  writeCounts(view, headers[0]!.pointFormat, { pointCount: sumOf(headers), countByReturn })
  for (let axis = 0; axis < 3 && filled.length > 0; axis++) {
    view.setFloat64(179 + 16 * axis, Math.max(...filled.map(({ bounds }) => bounds.max[axis]!)), true)
    view.setFloat64(187 + 16 * axis, Math.min(...filled.map(({ bounds }) => bounds.min[axis]!)), true)
  }
  if (evlrs === undefined) return
  view.setBigUint64(235, BigInt(evlrs.evlrOffset), true)
  const waveforms = view.getBigUint64(227, true)
  if (waveforms > 0n) view.setBigUint64(227, waveforms + BigInt(evlrs.moved), true)
}

class JoinedFile {
  sizeBytes = 0
  readonly #handle: FileHandle
  readonly #signal: AbortSignal | undefined

  constructor(handle: FileHandle, signal: AbortSignal | undefined) {
    this.#handle = handle
    this.#signal = signal
  }

  async append(bytes: Uint8Array): Promise<void> {
    await this.overwrite(bytes, this.sizeBytes)
    this.sizeBytes += bytes.length
  }

  async overwrite(bytes: Uint8Array, at: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, at + done)
      done += bytesWritten
    }
  }

  async copy(source: ByteSource, from: number, to: number): Promise<void> {
    for (let at = from; at < to; at += pieceBytes) {
      this.#signal?.throwIfAborted()
      await this.append(await source.read(at, Math.min(pieceBytes, to - at)))
    }
  }

  sync(): Promise<void> {
    return this.#handle.sync()
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}
