// Some points of a survey, gathered from tiles and put in the order of the survey.
import type { PointArrays } from '@alidade/analysis'
import type { NumberedPoints } from './point-files.ts'

export interface GatheredPoints extends NumberedPoints {
  evidence: Float32Array
}

export class PointGathering {
  readonly #parts: GatheredPoints[] = []

  /** Of the points in a tile, those that are wanted. */
  add(points: NumberedPoints, evidence: Float32Array, isWanted: (i: number) => boolean): void {
    const places = Uint32Array.from(evidence, (_, i) => i).filter(isWanted)
    if (places.length > 0) this.#parts.push(chosenOf({ ...points, evidence }, places))
  }

  inOrder(): GatheredPoints {
    const all = joined(this.#parts)
    const order = Uint32Array.from(all.number, (_, i) => i)
    order.sort((one, other) => all.number[one]! - all.number[other]!)
    return chosenOf(all, order)
  }
}

function chosenOf({ x, y, z, number, evidence }: GatheredPoints, places: Uint32Array): GatheredPoints {
  const of = (values: Float64Array) => Float64Array.from(places, (i) => values[i]!)
  return {
    ...{ x: of(x), y: of(y), z: of(z) },
    number: Uint32Array.from(places, (i) => number[i]!),
    evidence: Float32Array.from(places, (i) => evidence[i]!),
  }
}

function joined(parts: readonly GatheredPoints[]): GatheredPoints {
  const count = parts.reduce((sum, { number }) => sum + number.length, 0)
  const column = () => new Float64Array(count)
  const all = {
    ...{ x: column(), y: column(), z: column() },
    number: new Uint32Array(count),
    evidence: new Float32Array(count),
  }
  let at = 0
  for (const part of parts) {
    for (const axis of ['x', 'y', 'z'] as const satisfies (keyof PointArrays)[]) all[axis].set(part[axis], at)
    all.number.set(part.number, at)
    all.evidence.set(part.evidence, at)
    at += part.number.length
  }
  return all
}
