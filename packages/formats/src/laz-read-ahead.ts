// Batches of a LAZ file in file order, its chunks decoded ahead of the reader by several threads.
import { setImmediate } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import type { ByteSource, Segment } from './byte-source.ts'
import { FormatError } from './format-error.ts'
import type { LasHeader } from './las-header.ts'
import type { PointBatch } from './las-points.ts'
import type { LazBatchOptions } from './laz-batches.ts'
import type { LazChunks } from './laz-chunks.ts'
import { place, stopped } from './laz-read-ahead-task.ts'
import type { ReadAheadMessage, ReadAheadTask } from './laz-read-ahead-task.ts'
import { LazThreads } from './laz-threads.ts'

/** Records that may lie decoded and not taken, for each thread: some chunks of common size. */
const aheadBytesPerThread = 8 * 1024 * 1024
/** A thread sees within some 10 ms that nobody wants more, and closes its file; one that damage has caught in a loop never does. */
const graceMilliseconds = 500

/**
 * As `readLazBatches`; the source must be made of files, which every thread opens for itself. Memory: 8 MiB of records,
 * or two batches where those are more, and one chunk for each thread, whatever the file. Each batch is decoded into a
 * buffer of its own that is given to the reader, not copied, or into the room that there is for all of them. No thread works
 * on when the generator has ended, however it ends, and none is left that it was not given.
 */
export async function* readLazAhead(
  source: ByteSource,
  header: LasHeader,
  chunks: LazChunks,
  { threads, batchPoints, signal, lazThreads, into }: LazBatchOptions,
): AsyncGenerator<PointBatch, void, undefined> {
  const { pointFormat, pointRecordLength } = header
  const largestChunk = chunks.pointCounts.reduce((most, count) => Math.max(most, count), 0)
  const batchBytes = Math.min(batchPoints, largestChunk) * pointRecordLength
  const task: ReadAheadTask = {
    kind: 'decode',
    into,
    segments: source.segments as readonly Segment[],
    header: { pointFormat, pointRecordLength },
    chunks,
    batchPoints,
    firstBatches: numberBatches(chunks, batchPoints),
    aheadBatches: threads * Math.max(2, Math.floor(aheadBytesPerThread / batchBytes)),
    state: new Int32Array(new SharedArrayBuffer(8)),
  }
  const arrivals = new Arrivals()
  const abort = () => arrivals.end(signal!.reason)
  signal?.throwIfAborted()
  signal?.addEventListener('abort', abort, { once: true })
  const count = Math.min(threads, chunks.offsets.length)
  const pool = lazThreads ?? new LazThreads()
  const workers = Array.from({ length: count }, () => decodeOn(pool, task, arrivals))
  try {
    let batch = 0
    for (let chunk = 0; chunk < chunks.offsets.length; chunk++) {
      const pointCount = chunks.pointCounts[chunk]!
      for (let first = 0; first < pointCount; first += batchPoints, batch++) {
        const records = await arrivals.take(batch)
        await setImmediate()
        signal?.throwIfAborted()
        setTaken(task, batch + 1)
        const firstIndex = chunks.firstPoints[chunk]! + first
        yield { firstIndex, count: records.length / pointRecordLength, records }
      }
    }
  } finally {
    signal?.removeEventListener('abort', abort)
    setTaken(task, stopped)
    const late = setTimeout(() => workers.forEach(({ thread }) => void thread.terminate()), graceMilliseconds)
    await Promise.all(workers.map(({ ended }) => ended))
    clearTimeout(late)
    if (lazThreads === undefined) await pool.end()
  }
}

function numberBatches({ pointCounts }: LazChunks, batchPoints: number): Float64Array {
  const firstBatches = new Float64Array(pointCounts.length)
  for (let chunk = 1; chunk < pointCounts.length; chunk++) {
    firstBatches[chunk] = firstBatches[chunk - 1]! + Math.ceil(pointCounts[chunk - 1]! / batchPoints)
  }
  return firstBatches
}

/** One word tells both, so that no thread can begin to wait between a look at one and a look at the other. */
function setTaken({ state }: ReadAheadTask, taken: number): void {
  Atomics.store(state, place.taken, taken)
  Atomics.notify(state, place.taken)
}

/** `ended` is settled, never with an error, when the thread has nothing more to do, or is gone. */
function decodeOn(
  pool: LazThreads,
  task: ReadAheadTask,
  arrivals: Arrivals,
): { thread: Worker; ended: Promise<void> } {
  const thread = pool.take()
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  const onMessage = (message: ReadAheadMessage) => {
    if (message.type === 'decoded') arrivals.put(message.batch, message.records)
    else if (message.type === 'failed') arrivals.put(message.batch, errorOf(message))
    else {
      leave()
      pool.giveBack(thread)
    }
  }
  const onError = (error: Error) => arrivals.end(error)
  const onExit = (code: number) => {
    arrivals.end(new Error(`a decoding thread ended with code ${code} before its work`))
    leave()
  }
  const leave = () => {
    thread.off('message', onMessage).off('error', onError).off('exit', onExit)
    resolve()
  }
  thread.on('message', onMessage).on('error', onError).on('exit', onExit)
  thread.postMessage(task)
  return { thread, ended }
}

function errorOf({ message, code, place }: Extract<ReadAheadMessage, { type: 'failed' }>): Error {
  if (code === undefined || place === undefined) return new Error(message)
  return new FormatError(code, place, message.slice(place.length + 2))
}

/** Batches that come in any order and are taken in theirs. A batch that failed fails when it is taken: earlier ones come first. */
class Arrivals {
  private readonly early = new Map<number, Uint8Array | Error>()
  private ended: { readonly reason: unknown } | undefined
  private waiting: (() => void) | undefined

  put(batch: number, outcome: Uint8Array | Error): void {
    this.early.set(batch, outcome)
    this.waiting?.()
  }

  /** Whoever takes a batch gets this reason from now on. */
  end(reason: unknown): void {
    this.ended ??= { reason }
    this.waiting?.()
  }

  async take(batch: number): Promise<Uint8Array> {
    while (!this.early.has(batch) && !this.ended) {
      await new Promise<void>((resolve) => {
        this.waiting = resolve
      })
    }
    if (this.ended) throw this.ended.reason
    const outcome = this.early.get(batch)!
    this.early.delete(batch)
    if (outcome instanceof Error) throw outcome
    return outcome
  }
}
