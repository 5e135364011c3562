/** Passes over rasters by threads that others have started, and use too. */
import type { Worker } from 'node:worker_threads'
import { piecesOf, type RunPass, workOnPiece } from './raster-passes.ts'
import type { RasterReport, RasterTask } from './raster-thread.ts'

/** Of threads that load the module which a task of kind `other` names, and have it serve the task. */
export type ThreadPool = { take(): Worker; giveBack(thread: Worker): void }

const module = new URL('./raster-thread.ts', import.meta.url).href

/** Rejects with the signal's reason, or with what a thread has failed with; threads then end the piece that they are at. */
export function passesByThreads(pool: ThreadPool, threads: number, signal?: AbortSignal): RunPass {
  return async (pass, onPiece) => {
    signal?.throwIfAborted()
    const pieces = piecesOf(pass)
    if (pieces === 1) {
      workOnPiece(pass, 0)
      onPiece?.(0)
      return
    }
    const nextPiece = new Int32Array(new SharedArrayBuffer(4))
    const { promise: aborted, reject } = Promise.withResolvers<never>()
    const abort = () => reject(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    const task: RasterTask = { pass, nextPiece }
    const working = Array.from({ length: Math.min(threads, pieces) }, () => workOn(pool, task, onPiece))
    try {
      await Promise.race([Promise.all(working), aborted])
    } finally {
      Atomics.store(nextPiece, 0, pieces)
      signal?.removeEventListener('abort', abort)
    }
  }
}

/** Settles when the thread has nothing more to do. */
async function workOn(pool: ThreadPool, task: RasterTask, onPiece?: (piece: number) => void): Promise<void> {
  const thread = pool.take()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const onMessage = (report: RasterReport) => {
    if (report === 'idle') resolve()
    else onPiece?.(report.piece)
  }
  const onExit = () => reject(new Error('a thread that worked on a raster ended before its work'))
  thread.on('message', onMessage).on('error', reject).on('exit', onExit)
  thread.postMessage({ kind: 'other', module, ...task })
  try {
    await promise
    pool.giveBack(thread)
  } finally {
    thread.off('message', onMessage).off('error', reject).off('exit', onExit)
  }
}
