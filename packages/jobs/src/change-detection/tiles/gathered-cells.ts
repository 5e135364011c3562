// Cells of surfaces, gathered from tiles and put in the order of the whole.
import { type Place, SurfaceCells, type SurfaceOffsets } from '@alidade/analysis'
import { joined, placesWhere, valuesAt } from '../../point-clouds/tiles/places.ts'

export class CellGathering {
  readonly #steps: Int32Array[] = []
  readonly #offset: Float32Array[] = []
  readonly #deviation: Float32Array[] = []
  readonly #normalZ: Float32Array[] = []

  add({ cells, offset, deviation, normalZ }: SurfaceOffsets, isWanted: (cell: number) => boolean): void {
    const wanted = placesWhere(cells.count, isWanted)
    this.#steps.push(valuesAt(cells.steps, wanted, 3))
    this.#offset.push(valuesAt(offset, wanted))
    this.#deviation.push(valuesAt(deviation, wanted))
    this.#normalZ.push(valuesAt(normalZ, wanted))
  }

  inOrder(origin: Place, cellSize: number) {
    const steps = joined(this.#steps, new Int32Array(0))
    const order = placesWhere(steps.length / 3, () => true).sort(
      (one, other) =>
        steps[3 * one]! - steps[3 * other]! ||
        steps[3 * one + 1]! - steps[3 * other + 1]! ||
        steps[3 * one + 2]! - steps[3 * other + 2]!,
    )
    const sorted = (parts: Float32Array[]) => valuesAt(joined(parts, new Float32Array(0)), order)
    return {
      cells: new SurfaceCells(valuesAt(steps, order, 3), origin, cellSize),
      offset: sorted(this.#offset),
      deviation: sorted(this.#deviation),
      normalZ: sorted(this.#normalZ),
    }
  }
}
