/** The thread side of `surfaceOffsets`: takes one piece of a pass after the other until none is left. */
import { parentPort, workerData } from 'node:worker_threads'
import { CellMoments } from './cell-moments.ts'
import {
  type CellGrid,
  CellSorter,
  type CellTable,
  countBands,
  dealToBands,
  listCells,
  type Surveys,
} from './cell-order.ts'
import { cellsAround, type MeasuredCells, measureCells } from './measure-cells.ts'
import { Neighbourhood } from './neighbourhood.ts'

export type SurfaceWorkerData = {
  readonly surveys: Surveys
  readonly grid: CellGrid
  /** Points of both surveys; within its band each, once they are dealt out. */
  readonly order: Uint32Array
}

/** Pieces are stretches of one survey. */
type Dealing = {
  readonly pieces: readonly { readonly epoch: 0 | 1; readonly from: number; readonly to: number }[]
  /** Of each band for each piece: counts, then places in the order. */
  readonly places: Uint32Array
}
/** Pieces are bands. */
type Sorting = {
  /** Where each band begins in the order, and the number of points. */
  readonly bandStart: Uint32Array
  /** Of each band. */
  readonly cellCounts: Uint32Array
}
type Listing = {
  readonly bandStart: Uint32Array
  /** Of each band, and the number of cells. */
  readonly firstCell: Uint32Array
  readonly table: CellTable
}

type DealingPass = Dealing & { readonly kind: 'count' | 'deal' }
type MeasuringPass = Listing & {
  readonly kind: 'measure'
  readonly measured: MeasuredCells
  readonly sampleEvery: number
}
export type SurfacePass =
  | DealingPass
  | (Sorting & { readonly kind: 'sort' })
  | (Listing & { readonly kind: 'list' })
  | MeasuringPass

export type SurfaceTask = SurfacePass & { readonly nextPiece: Int32Array }

export type SurfaceReport =
  | { readonly kind: 'piece'; readonly piece: number; readonly scatters: number[] }
  | { readonly kind: 'idle' }

const port = parentPort
if (port === null) throw new Error('surface-worker.ts must run in a worker thread')
const { surveys, grid, order } = workerData as SurfaceWorkerData
const ofFirst = surveys[0].x.length
const bands = grid.bandEdges.length + 1
const sorter = new CellSorter(grid, surveys)
const neighbourhood = new Neighbourhood(grid.cellSize)
let moments: CellMoments | undefined
const report = (message: SurfaceReport) => port.postMessage(message)

port.on('message', (task: SurfaceTask) => {
  const pieces = task.kind === 'count' || task.kind === 'deal' ? task.pieces.length : bands
  while (true) {
    const piece = Atomics.add(task.nextPiece, 0, 1)
    if (piece >= pieces) break
    report({ kind: 'piece', piece, scatters: work(task, piece) })
  }
  report({ kind: 'idle' })
})

/** Returns the scatter of some cells where it measures any. */
function work(task: SurfacePass, piece: number): number[] {
  switch (task.kind) {
    case 'count':
    case 'deal':
      deal(task, piece)
      return []
    case 'sort':
      task.cellCounts[piece] = sorter.sort(order, ...stretchOf(task, piece))
      return []
    case 'list':
      listCells(grid, surveys, order, stretchOf(task, piece), task.table, task.firstCell[piece]!)
      return []
    case 'measure':
      return measure(task, piece)
  }
}

function stretchOf({ bandStart }: { readonly bandStart: Uint32Array }, band: number): [number, number] {
  return [bandStart[band]!, bandStart[band + 1]!]
}

function deal({ kind, pieces, places }: DealingPass, piece: number): void {
  const { epoch, from, to } = pieces[piece]!
  const at = piece * bands
  if (kind === 'count') countBands(grid, surveys[epoch], epoch, [from, to], places, at)
  else dealToBands(grid, surveys[epoch], epoch, [from, to], epoch === 0 ? 0 : ofFirst, places, at, order)
}

function measure({ table, firstCell, measured, sampleEvery }: MeasuringPass, band: number): number[] {
  const own = [firstCell[band]!, firstCell[band + 1]!] as const
  moments ??= new CellMoments(grid, surveys, order, table)
  moments.take(...cellsAround(table, own))
  return measureCells(moments, neighbourhood, own, measured, sampleEvery)
}
