// Encodes LAZ chunks and chunk tables in its own memory: `reserve`, fill in, encode, take the result out.
import { ArithmeticEncoder } from './arithmetic'
import { Encoded } from './encoded'
import { IntegerEncoder, mostBytesPerInteger32 } from './integer'
import { encodeLayered } from './layered'
import { encodePointwise } from './pointwise'

/** Forgets everything, and gives room for so many bytes of input. */
export function reserve(sizeBytes: usize): usize {
  heap.reset()
  return heap.alloc(sizeBytes + 8)
}

/** At least one record, at most as many as `reserve` has given room for. */
export function encodeChunk(records: usize, count: u32, pointFormat: u32, recordLength: u32): Encoded {
  return pointFormat < 6
    ? encodePointwise(records, count, pointFormat, recordLength)
    : encodeLayered(records, count, pointFormat, recordLength)
}

/** 32-bit numbers, each as a correction to the one before: how a chunk table tells sizes. */
export function encodeSizes(sizes: usize, count: u32): Encoded {
  const encoder = new ArithmeticEncoder(count * mostBytesPerInteger32)
  const integers = new IntegerEncoder(encoder, 32, 2)
  let last = 0
  for (let i: u32 = 0; i < count; i++) {
    const size = load<i32>(sizes + 4 * i)
    integers.encode(last, size, 1)
    last = size
  }
  return new Encoded(encoder.start, encoder.finish())
}

export function addressOf(encoded: Encoded): usize {
  return encoded.at
}

export function sizeOf(encoded: Encoded): usize {
  return encoded.sizeBytes
}
