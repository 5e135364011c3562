// The records of one scan of an E57 file: packets one behind the other, each with a stretch of every field's stream.
import { setImmediate } from 'node:timers/promises'
import { E57Stream } from './e57-bits.ts'
import type { E57Pages } from './e57-pages.ts'
import type { E57Scan } from './e57-scans.ts'
import { cloudBatchPoints } from './foreign-cloud.ts'
import { corrupt, FormatError } from './format-error.ts'
import { dataView, readUint64 } from './little-endian.ts'

const sectionHeaderBytes = 32
const windowBytes = 1024 * 1024
const packetTypes = { index: 0, data: 1, empty: 2 } as const
/** How far one field may be ahead of another: a reader that holds the whole file for it is none. */
const mostWaiting = 4_000_000

/** Batches of the values of all fields, in the order of the prototype, and the share of the section that is done. */
export async function* readE57Records(
  { bytes, logicalOffset }: E57Pages,
  scan: E57Scan,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ count: number; columns: Float64Array[]; share: number }, void, undefined> {
  const { sectionOffset, recordCount, place, fields } = scan
  if (bytes.sizeBytes - sectionOffset < sectionHeaderBytes)
    throw corrupt(place, `a section of at least ${sectionHeaderBytes} bytes`, bytes.sizeBytes - sectionOffset)
  const head = dataView(await bytes.read(sectionOffset, sectionHeaderBytes))
  if (head.getUint8(0) !== 1) throw corrupt(place, 'a section of type 1', head.getUint8(0))
  const end = sectionOffset + readUint64(head, 8, place)
  if (end > bytes.sizeBytes)
    throw corrupt(place, `a section of at most ${bytes.sizeBytes - sectionOffset} bytes`, end - sectionOffset)
  if (recordCount === 0) return
  let at = logicalOffset(readUint64(head, 16, place), place)
  if (at < sectionOffset || at > end) throw corrupt(place, 'packets inside their section', `byte ${at}`)
  const start = at
  requireRoom(scan, end - start)
  const streams = fields.map((field) => new E57Stream(field, recordCount))
  const columns = fields.map(() => new Float64Array(cloudBatchPoints))
  let [window, windowStart, done] = [new Uint8Array(0), at, 0]
  while (done < recordCount) {
    if (at + 4 > end) {
      const least = streams.reduce((a, b) => (b.total < a.total ? b : a))
      throw corrupt(place, `${recordCount} points`, `${least.total}, and the end of the section`)
    }
    if (at + 0x10000 > windowStart + window.length && windowStart + window.length < end) {
      window = new Uint8Array(await bytes.read(at, Math.min(windowBytes, end - at)))
      windowStart = at
      await setImmediate()
      signal?.throwIfAborted()
    }
    const packet = packetAt(window, at - windowStart, `${place}, byte ${at} without checksums`)
    if (packet[0] === packetTypes.data) takeStreams(packet, streams, place)
    at += packet.length
    let ready = Math.min(...streams.map(({ count }) => count))
    if (streams.some(({ count, total }) => total < recordCount && count - ready > mostWaiting))
      throw new FormatError('Unsupported', place, `expected fields within ${mostWaiting} values of each other, got more`) // biome-ignore format: one line
    while (ready >= cloudBatchPoints || (ready > 0 && done + ready === recordCount)) {
      const count = Math.min(ready, cloudBatchPoints)
      for (const [i, stream] of streams.entries()) stream.take(count, columns[i]!)
      ready -= count
      done += count
      yield { count, columns, share: (at - start) / (end - start) }
    }
  }
}

/** Fewer bits than the records take is a lie; a record that takes none at all could be any number of points. */
function requireRoom({ fields, recordCount, place }: E57Scan, sizeBytes: number): void {
  const bits = fields.reduce((sum, { stored }) => {
    if (stored.kind === 'string') return sum
    return sum + (stored.kind === 'integer' ? stored.bits : 8 * stored.bytes)
  }, 0)
  const room = bits === 0 ? 0 : Math.floor((8 * sizeBytes) / bits)
  if (recordCount > room)
    throw corrupt(place, `at most ${room} points of ${bits} bits in its section`, recordCount)
}

function packetAt(window: Uint8Array, at: number, place: string): Uint8Array {
  const type = window[at]!
  const length = (window[at + 2]! | (window[at + 3]! << 8)) + 1
  if (type > packetTypes.empty) throw corrupt(place, 'a packet of type 0, 1 or 2', type)
  if (length % 4 !== 0 || at + length > window.length)
    throw corrupt(place, `a packet of whole words, at most ${window.length - at} bytes`, length)
  return window.subarray(at, at + length)
}

function takeStreams(packet: Uint8Array, streams: readonly E57Stream[], place: string): void {
  const view = dataView(packet)
  const count = packet.length < 6 ? 0 : view.getUint16(4, true)
  if (count !== streams.length) throw corrupt(place, `packets with ${streams.length} streams`, count)
  const restarts = (packet[1]! & 1) !== 0
  let from = 6 + 2 * count
  for (let i = 0; i < count; i++) {
    const to = from + (from > packet.length ? 0 : view.getUint16(6 + 2 * i, true))
    if (to > packet.length)
      throw corrupt(place, `streams within a packet of ${packet.length} bytes`, `${to} bytes`)
    if (restarts) streams[i]!.restart()
    streams[i]!.add(packet.subarray(from, to))
    from = to
  }
}
