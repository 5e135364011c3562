/** The thread side of `surfaceOffsets`: takes one piece of a pass after the other until none is left. */
import { parentPort, workerData } from 'node:worker_threads'
import { type SurfaceData, type SurfacePass, SurfacePieces } from './surface-pieces.ts'

export type SurfaceTask = SurfacePass & { readonly nextPiece: Int32Array }

export type SurfaceReport = { readonly kind: 'piece'; readonly piece: number } | { readonly kind: 'idle' }

const port = parentPort
if (port === null) throw new Error('surface-worker.ts must run in a worker thread')
const surface = new SurfacePieces(workerData as SurfaceData)
const report = (message: SurfaceReport) => port.postMessage(message)

port.on('message', (task: SurfaceTask) => {
  const pieces = surface.piecesOf(task)
  while (true) {
    const piece = Atomics.add(task.nextPiece, 0, 1)
    if (piece >= pieces) break
    surface.work(task, piece)
    report({ kind: 'piece', piece })
  }
  report({ kind: 'idle' })
})
