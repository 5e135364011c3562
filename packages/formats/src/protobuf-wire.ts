// The wire of Protocol Buffers, walked front to back: what is not asked for is passed over and never kept. So a model of
// gigabytes takes no more memory than one name in it.
import { setImmediate as othersTurn } from 'node:timers/promises'
import { corrupt, FormatError } from './format-error.ts'

export type WireType = 'varint' | 'fixed64' | 'bytes' | 'fixed32'

export interface WireField {
  readonly number: number
  readonly type: WireType
  /** Where the field's own bytes end; for `bytes` after the length, for the others after the value. */
  readonly end: number
  /** Of a varint, as a signed 64-bit number: exact up to 2^53, near it beyond, and of the right sign below 0. */
  readonly value: number
}

const wireTypes: readonly (WireType | undefined)[] = [
  'varint',
  'fixed64',
  'bytes',
  undefined,
  undefined,
  'fixed32',
]
const nothing = new Uint8Array(0)
/** After so many fields others on this thread have their turn; it is a matter of milliseconds. */
const fieldsInARow = 16_384

export interface WireLimits {
  /** Fields of all messages together: each costs time, however small. */
  readonly mostFields: number
  readonly longestText: number
}

/** Reads forwards only. Every fault is a FormatError that names the byte. */
export class WireReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #limits: WireLimits
  #chunk: Uint8Array = nothing
  #at = 0
  #position = 0
  #fields = 0
  #ended = false

  constructor(chunks: AsyncIterable<Uint8Array>, limits: WireLimits) {
    this.#chunks = chunks[Symbol.asyncIterator]()
    this.#limits = limits
  }

  /** Bytes read or passed over so far. */
  get position(): number {
    return this.#position
  }

  /**
   * Calls `take` for each field up to `end`, by default the end of the bytes. What `take` leaves of a field is passed
   * over; it must not read beyond it.
   */
  async fields(
    take: (field: WireField) => Promise<void> | void,
    end = Number.POSITIVE_INFINITY,
  ): Promise<void> {
    while (this.#position < end && (this.#at < this.#chunk.length || (await this.#more()))) {
      if (this.#fields % fieldsInARow === 0) await othersTurn()
      const field = await this.#field(end)
      const taken = take(field)
      if (taken !== undefined) await taken
      await this.#skipTo(field.end)
    }
    if (end !== Number.POSITIVE_INFINITY && this.#position !== end) throw this.#cut(end)
  }

  /** The fields of a message inside. */
  async message(field: WireField, take: (field: WireField) => Promise<void> | void): Promise<void> {
    if (field.type !== 'bytes') throw corrupt(`byte ${this.#position}`, 'a message', `a ${field.type}`)
    await this.fields(take, field.end)
  }

  /** Lets go of the bytes; nothing is read afterwards. */
  async close(): Promise<void> {
    this.#ended = true
    await this.#chunks.return?.()
  }

  async text(field: WireField): Promise<string> {
    const bytes = await this.#bytes(field)
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch (cause) {
      throw corrupt(`byte ${field.end - bytes.length}`, 'text in UTF-8', 'other bytes', { cause })
    }
  }

  /** A repeated whole number, packed or not. */
  async numbers(field: WireField, take: (value: number) => void): Promise<void> {
    if (field.type === 'varint') return take(field.value)
    while (this.#position < field.end) {
      this.#count()
      take(signed(await this.#varint(field.end)))
    }
  }

  async #field(end: number): Promise<WireField> {
    this.#count()
    const start = this.#position
    const key = await this.#varint(end)
    const number = Math.floor(key / 8)
    const type = wireTypes[key % 8]
    if (type === undefined || number === 0 || number > 0x1fffffff) {
      throw corrupt(`byte ${start}`, 'a field of a protocol buffer', `tag ${key}`)
    }
    if (type === 'varint') {
      const value = signed(await this.#varint(end))
      return { number, type, value, end: this.#position }
    }
    const length = type === 'bytes' ? await this.#varint(end) : type === 'fixed64' ? 8 : 4
    if (this.#position + length > end) {
      throw corrupt(
        `byte ${start}`,
        `a field that ends before byte ${end}`,
        `${length} bytes from byte ${this.#position}`,
      )
    }
    return { number, type, value: 0, end: this.#position + length }
  }

  async #bytes(field: WireField): Promise<Uint8Array> {
    const length = field.end - this.#position
    if (field.type !== 'bytes') throw corrupt(`byte ${this.#position}`, 'text', `a ${field.type}`)
    if (length > this.#limits.longestText) {
      throw new FormatError(
        'Unsupported',
        `byte ${this.#position}`,
        `expected a text of at most ${this.#limits.longestText} bytes, got ${length}`,
      )
    }
    const bytes = new Uint8Array(length)
    for (let done = 0; done < length; ) {
      if (this.#at === this.#chunk.length && !(await this.#more())) throw this.#cut(field.end)
      const part = this.#chunk.subarray(this.#at, this.#at + length - done)
      bytes.set(part, done)
      done += part.length
      this.#advance(part.length)
    }
    return bytes
  }

  async #varint(end: number): Promise<number> {
    const start = this.#position
    let [value, weight] = [0, 1]
    for (;;) {
      if (this.#position >= end || (this.#at === this.#chunk.length && !(await this.#more()))) {
        throw corrupt(`byte ${start}`, 'a whole number', 'the end')
      }
      const byte = this.#chunk[this.#at]!
      this.#advance(1)
      value += (byte & 0x7f) * weight
      if (byte < 0x80) return value
      weight *= 128
      if (weight > 2 ** 63)
        throw corrupt(`byte ${start}`, 'a whole number of at most ten bytes', 'a longer one')
    }
  }

  async #skipTo(end: number): Promise<void> {
    if (this.#position > end) throw new TypeError('a field was read beyond its end')
    while (this.#position < end) {
      if (this.#at === this.#chunk.length && !(await this.#more())) throw this.#cut(end)
      this.#advance(Math.min(this.#chunk.length - this.#at, end - this.#position))
    }
  }

  #advance(bytes: number): void {
    this.#at += bytes
    this.#position += bytes
  }

  #count(): void {
    if (++this.#fields <= this.#limits.mostFields) return
    throw new FormatError(
      'Unsupported',
      `byte ${this.#position}`,
      `expected at most ${this.#limits.mostFields} fields, got more`,
    )
  }

  async #more(): Promise<boolean> {
    while (!this.#ended) {
      const next = await this.#chunks.next()
      if (next.done === true) this.#ended = true
      else if (next.value.length > 0) {
        this.#chunk = next.value
        this.#at = 0
        return true
      }
    }
    return false
  }

  #cut(end: number): FormatError {
    return corrupt(`byte ${this.#position}`, `bytes up to ${end}`, 'the end')
  }
}

function signed(value: number): number {
  return value >= 2 ** 63 ? Math.min(value - 2 ** 64, -1) : value
}
