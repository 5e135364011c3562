/** How far two registered surveys disagree over larger areas where nothing has changed: strips, blocks, a bent frame. */
import { CellIndex } from './cell-index.ts'
import { cellHash, sampledEvery } from './cell-sample.ts'
import { atOnce, type Pace, paceSteps } from './pace.ts'
import type { SurfaceCells } from './surface-cells.ts'

/** Tiles of so many cells a side, and so many well-known cells in each, make a tile count. */
const tileCells = 64
const fewestInTile = 50
const fewestTiles = 8
const mostInTile = 500
/** Neighbouring cells share points: so many of them know as much as one that shares none. */
const sharedBy = 9

/** Cells with offsets and deviations as in `SurfaceOffsets`. */
export type RegistrationCells = {
  readonly steps: Int32Array
  readonly offset: Float32Array
  readonly deviation: Float32Array
  readonly normalZ: Float32Array
}

/**
 * Standard deviation between tiles of the median offset of level ground, less what the scatter of points explains; 0 for
 * surveys too small to tell. `pace` counts the cells twice.
 */
export async function registrationSpread(
  { steps }: Pick<SurfaceCells, 'steps'>,
  offset: Float32Array,
  deviation: Float32Array,
  normalZ: Float32Array,
  pace: Pace = atOnce,
): Promise<number> {
  const every = sampledEvery(offset.length)
  const inTurn = async (take: (cells: RegistrationCells) => void) => {
    for (let from = 0; from < offset.length; from += paceSteps) {
      const to = Math.min(offset.length, from + paceSteps)
      const [own, up] = [deviation.subarray(from, to), normalZ.subarray(from, to)]
      take({
        steps: steps.subarray(3 * from, 3 * to),
        offset: offset.subarray(from, to),
        deviation: own,
        normalZ: up,
      })
      await pace(to - from)
    }
  }
  const known: number[] = []
  await inTurn((cells) => known.push(...sampledDeviations(cells, every)))
  const spread = new RegistrationSpread(median(known))
  await inTurn((cells) => spread.add(cells))
  return spread.spread()
}

/** Of the level ones of a sample of the cells; `every` as `sampledEvery` says of all cells. */
export function sampledDeviations(
  { steps, deviation, normalZ }: Omit<RegistrationCells, 'offset'>,
  every: number,
): number[] {
  const known: number[] = []
  for (let cell = 0; cell < deviation.length; cell++) {
    if (!(deviation[cell]! < Infinity && normalZ[cell]! > leastNormalZ)) continue
    if (cellHash(steps[3 * cell]!, steps[3 * cell + 1]!, steps[3 * cell + 2]!) % every === 0)
      known.push(deviation[cell]!)
  }
  return known
}

/** Level ground has a normal with at least this z. */
const leastNormalZ = 0.8

/** Takes cells in any order, some at a time, each once. */
export class RegistrationSpread {
  readonly #wellKnown: number
  readonly #places = new CellIndex()
  readonly #tiles: ThinnedSample[] = []

  /** `wellKnown`: the median of the sampled deviations. */
  constructor(wellKnown: number) {
    this.#wellKnown = wellKnown
  }

  add({ steps, offset, deviation, normalZ }: RegistrationCells): void {
    let [tile, tileI, tileJ] = [-1, 0, 0]
    for (let cell = 0; cell < offset.length; cell++) {
      if (!(deviation[cell]! <= this.#wellKnown) || normalZ[cell]! <= leastNormalZ) continue
      const [i, j] = [steps[3 * cell]!, steps[3 * cell + 1]!]
      const [besideI, besideJ] = [Math.floor(i / tileCells), Math.floor(j / tileCells)]
      // The next cell mostly lies in the same tile.
      if (tile < 0 || besideI !== tileI || besideJ !== tileJ) tile = this.#places.add(besideI, besideJ, 0)
      tileI = besideI
      tileJ = besideJ
      if (tile === this.#tiles.length) this.#tiles.push(new ThinnedSample())
      this.#tiles[tile]!.add(offset[cell]!, cellHash(i, j, steps[3 * cell + 2]!))
    }
  }

  spread(): number {
    const full = this.#tiles.map(({ values }) => values).filter(({ length }) => length >= fewestInTile)
    if (full.length < fewestTiles) return 0
    const medians = full.map(median)
    const middle = median(medians)
    const spread = 1.4826 * median(medians.map((value) => Math.abs(value - middle)))
    const typicalCount = median(full.map(({ length }) => length))
    const explained = (1.25 * this.#wellKnown) / Math.sqrt(typicalCount / sharedBy)
    return Math.sqrt(Math.max(0, spread * spread - explained * explained))
  }
}

/**
 * Of the values it is given, all, or those whose hash is a multiple of 2, or of 4 and so on: fewer than `mostInTile`. Which ones
 * does not depend on their order.
 */
class ThinnedSample {
  readonly values: number[] = []
  readonly #hashes: number[] = []
  #every = 1

  add(value: number, hash: number): void {
    if (hash % this.#every > 0) return
    this.values.push(value)
    this.#hashes.push(hash)
    while (this.values.length >= mostInTile) this.#thin()
  }

  #thin(): void {
    this.#every *= 2
    let kept = 0
    for (const [place, hash] of this.#hashes.entries()) {
      if (hash % this.#every > 0) continue
      this.values[kept] = this.values[place]!
      this.#hashes[kept++] = hash
    }
    this.values.length = kept
    this.#hashes.length = kept
  }
}

export function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[values.length >> 1] ?? 0
}
