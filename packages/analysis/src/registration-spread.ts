/** How far two registered surveys disagree over larger areas where nothing has changed: strips, blocks, a bent frame. */
import { CellIndex } from './cell-index.ts'
import type { SurfaceCells } from './surface-cells.ts'

/** Tiles of so many cells a side, and so many well-known cells in each, make a tile count. */
const tileCells = 64
const fewestInTile = 50
const fewestTiles = 8
const mostInTile = 500
/** Neighbouring cells share points: so many of them know as much as one that shares none. */
const sharedBy = 9

/**
 * Standard deviation between tiles of the median offset of level ground, less what the scatter of points explains; 0 for
 * surveys too small to tell. Offsets and deviations as in `SurfaceOffsets`.
 */
export function registrationSpread(
  { steps }: Pick<SurfaceCells, 'steps'>,
  offset: Float32Array,
  deviation: Float32Array,
  normalZ: Float32Array,
): number {
  const known: number[] = []
  const stride = Math.max(1, Math.floor(offset.length / 4096))
  for (let cell = 0; cell < offset.length; cell += stride) {
    if (deviation[cell]! < Infinity && normalZ[cell]! > 0.8) known.push(deviation[cell]!)
  }
  const wellKnown = median(known)
  const places = new CellIndex()
  const tiles: ThinnedSample[] = []
  let [tile, tileI, tileJ] = [-1, 0, 0]
  for (let cell = 0; cell < offset.length; cell++) {
    if (!(deviation[cell]! <= wellKnown) || normalZ[cell]! <= 0.8) continue
    const i = Math.floor(steps[3 * cell]! / tileCells)
    const j = Math.floor(steps[3 * cell + 1]! / tileCells)
    // The next cell mostly lies in the same tile.
    if (tile < 0 || i !== tileI || j !== tileJ) tile = places.add(i, j, 0)
    tileI = i
    tileJ = j
    if (tile === tiles.length) tiles.push(new ThinnedSample())
    tiles[tile]!.add(offset[cell]!)
  }
  const full = tiles.map(({ values }) => values).filter(({ length }) => length >= fewestInTile)
  if (full.length < fewestTiles) return 0
  const medians = full.map(median)
  const middle = median(medians)
  const spread = 1.4826 * median(medians.map((value) => Math.abs(value - middle)))
  const typicalCount = median(full.map(({ length }) => length))
  const explained = (1.25 * wellKnown) / Math.sqrt(typicalCount / sharedBy)
  return Math.sqrt(Math.max(0, spread * spread - explained * explained))
}

/** Of the values it is given, every one, every second, every fourth and so on: never more than `mostInTile`. */
class ThinnedSample {
  readonly values: number[] = []
  #every = 1
  #given = 0

  add(value: number): void {
    if (this.#given++ % this.#every > 0) return
    this.values.push(value)
    if (this.values.length < mostInTile) return
    for (let k = 0; 2 * k < mostInTile; k++) this.values[k] = this.values[2 * k]!
    this.values.length = Math.ceil(mostInTile / 2)
    this.#every *= 2
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[values.length >> 1] ?? 0
}
