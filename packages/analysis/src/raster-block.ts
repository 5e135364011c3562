/** A piece of a raster in the memory of the SIMD kernels, and the steps of morphology on it. */
import { readFileSync } from 'node:fs'

// The part that is used here of what every runtime has, and the types of Node do not know.
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

type Step = (from: number, to: number, columns: number, rows: number, stride: number) => void
type Kernels = {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  readonly erodeByCross: Step
  readonly erodeBySquare: Step
  readonly turnOver: Step
  readonly markDrops: (
    before: number,
    after: number,
    marks: number,
    columns: number,
    rows: number,
    stride: number,
    limit: number,
  ) => void
}

const pageBytes = 65_536
let compiled: object | undefined

/** Compiled once, when first asked for; `npm run build:kernels` makes the file from `assembly/raster-kernels.ts`. */
function instantiate(): Kernels {
  compiled ??= new WebAssembly.Module(readFileSync(new URL('./raster-kernels.wasm', import.meta.url)))
  return new WebAssembly.Instance(compiled).exports as Kernels
}

/** One of the rasters of a block. */
export type Layer = number

/**
 * Rasters of one size, at most `maxColumns` x `maxRows`, in `layers` layers. Infinity is what lies outside or is not known,
 * and takes no part. Steps read one layer and write another.
 */
export class RasterBlock {
  readonly #kernels = instantiate()
  readonly #layerBytes: number
  #columns = 0
  #rows = 0
  #stride = 0

  constructor(maxColumns: number, maxRows: number, layers: number) {
    this.#layerBytes = 4 * (strideOf(maxColumns) * (maxRows + 2) + margin)
    const { memory } = this.#kernels
    const missing = pageBytes + layers * this.#layerBytes - memory.buffer.byteLength
    if (missing > 0) memory.grow(Math.ceil(missing / pageBytes))
  }

  /** Sets the size of the raster, and every cell of every layer to Infinity. */
  resize(columns: number, rows: number): void {
    this.#columns = columns
    this.#rows = rows
    this.#stride = strideOf(columns)
    new Float32Array(this.#kernels.memory.buffer, pageBytes).fill(Number.POSITIVE_INFINITY)
  }

  /** One row of a layer, to be read or written; good until the next block is made. */
  row(layer: Layer, row: number): Float32Array {
    return new Float32Array(
      this.#kernels.memory.buffer,
      this.#at(layer) + 4 * row * this.#stride,
      this.#columns,
    )
  }

  /** The same for marks, which are 0 or -1. */
  marks(layer: Layer, row: number): Int32Array {
    return new Int32Array(
      this.#kernels.memory.buffer,
      this.#at(layer) + 4 * row * this.#stride,
      this.#columns,
    )
  }

  clearMarks(layer: Layer): void {
    const start = this.#at(layer)
    new Int32Array(this.#kernels.memory.buffer, start, this.#stride * this.#rows).fill(0)
  }

  copy(from: Layer, to: Layer): void {
    const start = this.#at(from)
    new Uint8Array(this.#kernels.memory.buffer).copyWithin(
      this.#at(to),
      start,
      start + 4 * this.#stride * this.#rows,
    )
  }

  erodeByCross(from: Layer, to: Layer): void {
    this.#run(this.#kernels.erodeByCross, from, to)
  }

  erodeBySquare(from: Layer, to: Layer): void {
    this.#run(this.#kernels.erodeBySquare, from, to)
  }

  /** Changes signs, so that an erosion of what comes out is a dilation of what went in. */
  turnOver(from: Layer, to: Layer): void {
    this.#run(this.#kernels.turnOver, from, to)
  }

  markDrops(before: Layer, after: Layer, marks: Layer, limit: number): void {
    const layers = [before, after, marks].map((layer) => this.#at(layer)) as [number, number, number]
    this.#kernels.markDrops(...layers, this.#columns, this.#rows, this.#stride, limit)
  }

  #run(step: Step, from: Layer, to: Layer): void {
    step(this.#at(from), this.#at(to), this.#columns, this.#rows, this.#stride)
  }

  /** Address of the first cell: behind a row of Infinity and the margin left of each row. */
  #at(layer: Layer): number {
    return pageBytes + layer * this.#layerBytes + 4 * (this.#stride + margin)
  }
}

/** Cells left of each row, which are right of the row above as well. */
const margin = 4

/** Rows are worked on four cells at once. */
function strideOf(columns: number): number {
  return margin + 4 * Math.ceil(columns / 4)
}
