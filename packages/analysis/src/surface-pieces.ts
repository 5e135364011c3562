/** The passes of `surfaceOffsets`, each in pieces that threads can share. */
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

export type SurfaceData = {
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
}
export type SurfacePass =
  | DealingPass
  | (Sorting & { readonly kind: 'sort' })
  | (Listing & { readonly kind: 'list' })
  | MeasuringPass

/** Works on pieces, whichever it is told to; keeps the arrays that it works in. */
export class SurfacePieces {
  readonly #data: SurfaceData
  readonly #bands: number
  readonly #sorter: CellSorter
  readonly #neighbourhood: Neighbourhood
  #moments: CellMoments | undefined

  constructor(data: SurfaceData) {
    this.#data = data
    this.#bands = data.grid.bandEdges.length + 1
    this.#sorter = new CellSorter(data.grid, data.surveys)
    this.#neighbourhood = new Neighbourhood(data.grid.cellSize)
  }

  /** How many pieces a pass has. */
  piecesOf(pass: SurfacePass): number {
    return pass.kind === 'count' || pass.kind === 'deal' ? pass.pieces.length : this.#bands
  }

  work(pass: SurfacePass, piece: number): void {
    const { grid, surveys, order } = this.#data
    switch (pass.kind) {
      case 'count':
      case 'deal':
        this.#deal(pass, piece)
        break
      case 'sort':
        pass.cellCounts[piece] = this.#sorter.sort(order, ...stretchOf(pass, piece))
        break
      case 'list':
        listCells(grid, surveys, order, stretchOf(pass, piece), pass.table, pass.firstCell[piece]!)
        break
      case 'measure':
        this.#measure(pass, piece)
        break
    }
  }

  #deal({ kind, pieces, places }: DealingPass, piece: number): void {
    const { grid, surveys, order } = this.#data
    const { epoch, from, to } = pieces[piece]!
    const at = piece * this.#bands
    if (kind === 'count') countBands(grid, surveys[epoch], epoch, [from, to], places, at)
    else {
      const firstNumber = epoch === 0 ? 0 : surveys[0].x.length
      dealToBands(grid, surveys[epoch], epoch, [from, to], firstNumber, places, at, order)
    }
  }

  #measure({ table, firstCell, measured }: MeasuringPass, band: number): void {
    const { grid, surveys, order } = this.#data
    const own = [firstCell[band]!, firstCell[band + 1]!] as const
    this.#moments ??= new CellMoments(grid, surveys, order, table)
    this.#moments.take(...cellsAround(table, own))
    measureCells(this.#moments, this.#neighbourhood, own, measured)
  }
}

function stretchOf({ bandStart }: { readonly bandStart: Uint32Array }, band: number): [number, number] {
  return [bandStart[band]!, bandStart[band + 1]!]
}
