// What the reading thread and the threads that decode ahead of it say to each other.
import type { Segment } from './byte-source.ts'
import type { FormatErrorCode } from './format-error.ts'
import type { LasHeader } from './las-header.ts'
import type { LazChunks } from './laz-chunks.ts'

export type ReadAheadTask = {
  readonly kind: 'decode'
  readonly segments: readonly Segment[]
  readonly header: Pick<LasHeader, 'pointFormat' | 'pointRecordLength'>
  readonly chunks: LazChunks
  readonly batchPoints: number
  /** Of all records of the file; absent: each batch gets a buffer of its own. */
  readonly into: Uint8Array<SharedArrayBuffer> | undefined
  /** Number of the first batch of each chunk: batches are numbered through the file. */
  readonly firstBatches: Float64Array
  /** Batch n is decoded when fewer than this many before it still have to be taken. */
  readonly aheadBatches: number
  /** Shared; indices in `place`. */
  readonly state: Int32Array<SharedArrayBuffer>
}

/** Places in the shared state: the first chunk nobody has begun, and how many batches the reader has taken. */
export const place = { nextChunk: 0, taken: 1 } as const

/** Instead of a count of taken batches: nobody wants any more. */
export const stopped = -1

export type ReadAheadMessage =
  | { readonly type: 'decoded'; readonly batch: number; readonly records: Uint8Array }
  | {
      readonly type: 'failed'
      /** The batch that is not to come. */
      readonly batch: number
      readonly message: string
      readonly code?: FormatErrorCode
      readonly place?: string
    }
  | { readonly type: 'done' }
