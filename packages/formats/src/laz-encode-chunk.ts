// Encodes LAZ chunks and their table with a WebAssembly module of ours: `npm run build:kernels` makes it from
// `assembly/laz-encoder.ts`.
import { readFileSync } from 'node:fs'

export type LazChunkFormat = { readonly pointFormat: number; readonly recordLength: number }

/** The bytes of a chunk that holds the first `count` records, at least one. */
export function encodeLazChunk(records: Uint8Array, count: number, format: LazChunkFormat): Uint8Array {
  const { pointFormat, recordLength } = format
  return encode(records.subarray(0, count * recordLength), (encoder, at) =>
    encoder.encodeChunk(at, count, pointFormat, recordLength),
  )
}

/** 32-bit numbers, each coded as a correction to the one before. */
export function encodeLazSizes(sizes: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(Int32Array.from(sizes).buffer)
  return encode(bytes, (encoder, at) => encoder.encodeSizes(at, sizes.length))
}

// The part that is used here of what every runtime has, and the types of Node do not know.
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown }
}

/** An address of a result in the encoder's memory. */
type Encoded = number
type Encoder = {
  readonly memory: { readonly buffer: ArrayBuffer }
  reserve(sizeBytes: number): number
  encodeChunk(records: number, count: number, pointFormat: number, recordLength: number): Encoded
  encodeSizes(sizes: number, count: number): Encoded
  addressOf(encoded: Encoded): number
  sizeOf(encoded: Encoded): number
}

let encoder: Encoder | undefined

function encode(input: Uint8Array, step: (encoder: Encoder, at: number) => Encoded): Uint8Array {
  encoder ??= instantiate()
  const own = encoder
  try {
    const at = own.reserve(input.length)
    new Uint8Array(own.memory.buffer, at, input.length).set(input)
    const encoded = step(own, at)
    return new Uint8Array(own.memory.buffer, own.addressOf(encoded), own.sizeOf(encoded)).slice()
  } catch (error) {
    // Its memory may be in any state.
    encoder = undefined
    throw error
  }
}

function instantiate(): Encoder {
  const module = new WebAssembly.Module(readFileSync(new URL('./laz-encoder.wasm', import.meta.url)))
  const abort = () => {
    throw new Error('the LAZ encoder gave up, for want of memory most likely')
  }
  return new WebAssembly.Instance(module, { env: { abort } }).exports as Encoder
}
