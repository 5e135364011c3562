// One LAZ chunk from raw records.
import { encodeLayeredChunk } from './laz-encode-layered.ts'
import { encodePointwiseChunk } from './laz-encode-pointwise.ts'

export type LazChunkFormat = { readonly pointFormat: number; readonly recordLength: number }

/** The bytes of a chunk that holds the first `count` records, at least one. */
export function encodeLazChunk(records: Uint8Array, count: number, format: LazChunkFormat): Uint8Array {
  const encode = format.pointFormat >= 6 ? encodeLayeredChunk : encodePointwiseChunk
  return encode(records, count, format.pointFormat, format.recordLength)
}
