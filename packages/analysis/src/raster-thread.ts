/** The thread side of `passesByThreads`: takes one piece of a pass after the other until none is left. */
import type { MessagePort } from 'node:worker_threads'
import { piecesOf, type RasterPass, workOnPiece } from './raster-passes.ts'

export type RasterTask = {
  readonly pass: RasterPass
  /** Shared: the first piece that nobody has. */
  readonly nextPiece: Int32Array
}

/** `idle`: no piece is left. */
export type RasterReport = { readonly piece: number } | 'idle'

export function serve({ pass, nextPiece }: RasterTask, port: MessagePort): void {
  const report = (message: RasterReport) => port.postMessage(message)
  const pieces = piecesOf(pass)
  for (;;) {
    const piece = Atomics.add(nextPiece, 0, 1)
    if (piece >= pieces) break
    workOnPiece(pass, piece)
    report({ piece })
  }
  report('idle')
}
