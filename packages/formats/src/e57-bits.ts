// Values of one field of an E57 file, out of the stretches of its stream that the packets bring.
import type { E57Field } from './e57-scans.ts'
import { dataView } from './little-endian.ts'

/** Bytes beyond the end that may be looked at while a value is put together. */
const spareBytes = 16

/** A queue of values: stretches of bytes go in at one end, numbers come out at the other. */
export class E57Stream {
  /** Values that are there to be taken. */
  count = 0
  /** Values that have come, those taken included. */
  total = 0
  private readonly field: E57Field
  private readonly bits: number
  private readonly most: number
  private values = new Float64Array(0)
  private first = 0
  /** What was left of the last stretch, and the bits of its first byte that are used up. */
  private rest = new Uint8Array(spareBytes)
  private restBytes = 0
  private usedBits = 0

  /** `most`: after as many values nothing more is looked for. */
  constructor(field: E57Field, most: number) {
    const { stored } = field
    this.field = field
    this.bits = stored.kind === 'integer' ? stored.bits : stored.kind === 'float' ? 8 * stored.bytes : 0
    this.most = most
    // What takes no bits is the same for all, and there from the beginning.
    if (this.bits === 0) this.count = this.total = most
  }

  add(packet: Uint8Array): void {
    if (this.bits === 0) return
    const bytes = new Uint8Array(this.restBytes + packet.length + spareBytes)
    bytes.set(this.rest.subarray(0, this.restBytes))
    bytes.set(packet, this.restBytes)
    const usable = 8 * (this.restBytes + packet.length) - this.usedBits
    const count = Math.min(Math.floor(usable / this.bits), this.most - this.total)
    this.reserve(count)
    this.decode(bytes, this.first + this.count, count)
    this.count += count
    this.total += count
    const usedBits = this.usedBits + count * this.bits
    const usedBytes = usedBits >> 3
    this.restBytes = this.total === this.most ? 0 : this.restBytes + packet.length - usedBytes
    this.rest = bytes.slice(usedBytes, usedBytes + this.restBytes)
    this.usedBits = usedBits & 7
  }

  /** Forgets a value that has begun: a packet may say that its streams start anew. */
  restart(): void {
    this.restBytes = this.usedBits = 0
  }

  take(count: number, into: Float64Array): void {
    const { stored, scale, offset } = this.field
    if (this.bits === 0) into.fill(stored.kind === 'integer' ? stored.least * scale + offset : 0, 0, count)
    else into.set(this.values.subarray(this.first, this.first + count))
    this.first += count
    this.count -= count
  }

  /** Makes room behind the values that wait. */
  private reserve(more: number): void {
    if (this.first + this.count + more <= this.values.length) return
    const roomier =
      this.count + more > this.values.length ? new Float64Array(2 * (this.count + more)) : this.values
    roomier.set(this.values.subarray(this.first, this.first + this.count))
    this.values = roomier
    this.first = 0
  }

  private decode(bytes: Uint8Array, at: number, count: number): void {
    const { values, bits } = this
    const { stored, scale, offset } = this.field
    if (stored.kind === 'string') return
    const view = dataView(bytes)
    if (stored.kind === 'float') {
      for (let i = 0; i < count; i++)
        values[at + i] = bits === 32 ? view.getFloat32(4 * i, true) : view.getFloat64(8 * i, true)
      return
    }
    let bit = this.usedBits
    for (let i = 0; i < count; i++, bit += bits) {
      const whole = bits <= 25 ? (view.getUint32(bit >> 3, true) >>> (bit & 7)) & ((1 << bits) - 1) : longBits(bytes, bit, bits) // biome-ignore format: one line
      values[at + i] = (whole + stored.least) * scale + offset
    }
  }
}

/** A number of more bits than fit a shift, lowest byte first; exact up to 53 bits. */
function longBits(bytes: Uint8Array, bit: number, bits: number): number {
  const used = bit & 7
  let at = bit >> 3
  let value = bytes[at++]! >> used
  let have = 8 - used
  let weight = 2 ** have
  for (; have + 8 <= bits; have += 8, weight *= 256) value += bytes[at++]! * weight
  return have < bits ? value + (bytes[at]! & ((1 << (bits - have)) - 1)) * weight : value
}
