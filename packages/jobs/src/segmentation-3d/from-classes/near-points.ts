// Points that are made into what is near, as they are dealt out to tiles, in arrays that are used again.
import type { ChosenPoints } from '../tiles/cloud-in-tiles.ts'

export class NearPoints implements ChosenPoints {
  count = 0
  places = { x: new Float64Array(0), y: new Float64Array(0), z: new Float64Array(0) }
  /** Their classes, and how sure these are where it is known. */
  columns: Float32Array[]
  readonly #withConfidence: boolean

  constructor({ withConfidence = false } = {}) {
    this.#withConfidence = withConfidence
    this.columns = []
  }

  /** From now on others: so many at most. */
  begin(most: number): void {
    this.count = 0
    if (this.places.x.length >= most) return
    const column = () => new Float64Array(most)
    this.places = { x: column(), y: column(), z: column() }
    this.columns = Array.from({ length: this.#withConfidence ? 2 : 1 }, () => new Float32Array(most))
  }

  add(code: number, x: number, y: number, z: number, confidence = 0): void {
    const at = this.count++
    this.places.x[at] = x
    this.places.y[at] = y
    this.places.z[at] = z
    this.columns[0]![at] = code
    if (this.#withConfidence) this.columns[1]![at] = confidence
  }
}
