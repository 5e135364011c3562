// A thread that decodes or encodes LAZ chunks, whatever it is sent, one task after the other.
import { parentPort } from 'node:worker_threads'
import { encodeLazChunk } from './laz-encode-chunk.ts'
import type { LazChunkFormat } from './laz-encode-chunk.ts'
import { decodeAhead } from './laz-decode-ahead.ts'
import type { ReadAheadTask } from './laz-read-ahead-task.ts'

export type LazEncodeTask = {
  readonly kind: 'encode'
  readonly format: LazChunkFormat
  readonly records: Uint8Array<SharedArrayBuffer>
  readonly count: number
}

const port = parentPort!

port.on('message', (task: LazEncodeTask | ReadAheadTask) => {
  if (task.kind === 'decode') void decodeAhead(task, port)
  else {
    const chunk = encodeLazChunk(task.records, task.count, task.format)
    port.postMessage(chunk, [chunk.buffer as ArrayBuffer])
  }
})
