// Areas in plan that tiles have found, buildings or others: those that reach into several of them are whole again.
import { type Footprints, JoinedBuildings, orientedBox, type Pace } from '@alidade/analysis'
import { joined } from '../../point-clouds/tiles/places.ts'
import type { AreasInTile, BuildingPiece } from './found-in-tile.ts'

export class JoinedAreas {
  /** Of each area, at its number, which counts from 1. */
  readonly pieces: readonly BuildingPiece[][]
  readonly #parts: readonly AreasInTile[]
  readonly #joined: JoinedBuildings

  /** `cellSize`: the same in all tiles. `pace` is told of each cell of them so often: `joinSteps`. */
  static async of(parts: readonly AreasInTile[], cellSize: number, pace: Pace): Promise<JoinedAreas> {
    const cells = parts.map(({ cells }) => cells)
    return new JoinedAreas(parts, await JoinedBuildings.of(cells, cellSize, pace))
  }

  private constructor(parts: readonly AreasInTile[], joined: JoinedBuildings) {
    this.#parts = parts
    this.#joined = joined
    this.pieces = Array.from({ length: this.#joined.count + 1 }, () => [])
    for (const { pieces } of parts)
      for (const piece of pieces) this.pieces[this.#joined.ofCell(...piece.cell)]!.push(piece)
  }

  get cells(): number {
    return this.#joined.cells
  }

  /** Of each area alone, in order of their numbers; `pace` as of `JoinedBuildings`. */
  footprints(pace: Pace): AsyncGenerator<Footprints, void> {
    const column = (axis: 'x' | 'y') =>
      joined(
        this.#parts.map(({ roof }) => roof[axis]),
        new Float64Array(0),
      )
    return this.#joined.footprints({ x: column('x'), y: column('y') }, pace)
  }
}

export function samplesOf(pieces: readonly BuildingPiece[]): number {
  return sum(pieces.map(({ samples }) => samples))
}

/** Undefined of no samples. */
export function meanConfidence(pieces: readonly BuildingPiece[]): number | undefined {
  const samples = samplesOf(pieces)
  return samples === 0 ? undefined : sum(pieces.map(({ confidence }) => confidence)) / samples
}

export function boxAround(pieces: readonly BuildingPiece[]) {
  const corners = pieces.flatMap(({ hull }) => hull)
  const low = Math.min(...pieces.map((piece) => piece.low))
  const high = Math.max(...pieces.map((piece) => piece.high))
  // One of them again, as high as the building is.
  const all = [...corners, corners[0]!]
  const points = {
    x: Float64Array.from(all, ([x]) => x),
    y: Float64Array.from(all, ([, y]) => y),
    z: Float64Array.from(all, (_, i) => (i < corners.length ? low : high)),
  }
  return orientedBox(points, [...all.keys()])
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
