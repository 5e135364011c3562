// A thread that decodes or encodes LAZ chunks, or does what a module of others is for: whatever it is sent, one after the other.
import { type MessagePort, parentPort } from 'node:worker_threads'
import { decodeAhead } from './laz-decode-ahead.ts'
import { encodeLazChunk } from './laz-encode-chunk.ts'
import type { LazChunkFormat } from './laz-encode-chunk.ts'
import type { ReadAheadTask } from './laz-read-ahead-task.ts'

export type LazEncodeTask = {
  readonly kind: 'encode'
  readonly format: LazChunkFormat
  readonly records: Uint8Array<SharedArrayBuffer>
  readonly count: number
}

/** For a module that exports `serve(task, port)`, loaded when it is first asked for. */
export type OtherTask = { readonly kind: 'other'; readonly module: string }
type OtherModule = { serve(task: OtherTask, port: MessagePort): void }

const port = parentPort!

port.on('message', (task: LazEncodeTask | ReadAheadTask | OtherTask) => {
  if (task.kind === 'decode') void decodeAhead(task, port)
  else if (task.kind === 'encode') {
    const chunk = encodeLazChunk(task.records, task.count, task.format)
    port.postMessage(chunk, [chunk.buffer as ArrayBuffer])
    // What fails ends the thread, and is told to whoever has it.
  } else void import(task.module).then((other: OtherModule) => other.serve(task, port))
})
