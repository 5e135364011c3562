// A thread that encodes the LAZ chunks it is sent, one after the other.
import { parentPort, workerData } from 'node:worker_threads'
import { encodeLazChunk } from './laz-encode-chunk.ts'
import type { LazChunkFormat } from './laz-encode-chunk.ts'

export type LazEncodeTask = { readonly records: Uint8Array<SharedArrayBuffer>; readonly count: number }

const format = workerData as LazChunkFormat

parentPort!.on('message', ({ records, count }: LazEncodeTask) => {
  const chunk = encodeLazChunk(records, count, format)
  parentPort!.postMessage(chunk, [chunk.buffer as ArrayBuffer])
})
