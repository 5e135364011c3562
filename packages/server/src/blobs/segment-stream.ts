/** Reads a range over several files as one stream, one buffer at a time. */
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { LocalSegment } from './blob-store.ts'

const chunkBytes = 128 * 1024

export interface SegmentRange {
  readonly path: string
  readonly start: number
  readonly lengthBytes: number
}

/** The parts of the segments that cover `length` bytes from `offset`; the range must lie inside. */
export function segmentRanges(
  segments: readonly LocalSegment[],
  offset: number,
  lengthBytes: number,
): SegmentRange[] {
  const ranges: SegmentRange[] = []
  const end = offset + lengthBytes
  let position = 0
  for (const { path, sizeBytes } of segments) {
    const from = Math.max(offset, position)
    const to = Math.min(end, position + sizeBytes)
    if (from < to) ranges.push({ path, start: from - position, lengthBytes: to - from })
    position += sizeBytes
    if (position >= end) break
  }
  return ranges
}

/** Emits exactly the ranges, or fails: a file shorter than promised is an error, not an early end. */
export function streamRanges(ranges: readonly SegmentRange[]): Readable {
  return Readable.from(readRanges(ranges), { objectMode: false, highWaterMark: chunkBytes })
}

async function* readRanges(ranges: readonly SegmentRange[]): AsyncGenerator<Buffer> {
  for (const { path, start, lengthBytes } of ranges) {
    const handle = await open(path, 'r')
    try {
      let left = lengthBytes
      while (left > 0) {
        const buffer = Buffer.allocUnsafeSlow(Math.min(left, chunkBytes))
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, start + lengthBytes - left)
        if (bytesRead === 0) throw new RangeError(`${path} ended ${left} bytes early`)
        left -= bytesRead
        yield buffer.subarray(0, bytesRead)
      }
    } finally {
      await handle.close()
    }
  }
}
