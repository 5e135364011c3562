// What the reading thread and its decoding threads say to each other.
import type { Segment } from './byte-source.ts'
import type { FormatErrorCode } from './format-error.ts'
import type { LasHeader } from './las-header.ts'
import type { PointColumns } from './las-columns.ts'
import type { LazChunks } from './laz-chunks.ts'

export type LazWorkerTask = {
  readonly segments: readonly Segment[]
  readonly header: Pick<LasHeader, 'pointFormat' | 'pointRecordLength' | 'scale' | 'offset'>
  readonly chunks: LazChunks
  readonly columns: PointColumns
  /** Shared; indices in `control`. */
  readonly state: Int32Array<SharedArrayBuffer>
}

/** Places in the shared state: the first chunk nobody has taken, and whether all should stop. */
export const control = { nextChunk: 0, stop: 1 } as const

export type LazWorkerMessage =
  | { readonly type: 'read'; readonly pointCount: number }
  | { readonly type: 'done' }
  | {
      readonly type: 'failed'
      readonly message: string
      readonly code?: FormatErrorCode
      readonly place?: string
    }
