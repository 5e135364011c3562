// Some points of a survey, gathered from tiles and put in the order of the survey.
import { joined, placesWhere, valuesAt } from '../../point-clouds/tiles/places.ts'
import type { NumberedPoints } from '../../point-clouds/tiles/point-files.ts'
import { chosen } from './survey-in-tiles.ts'

export interface GatheredPoints extends NumberedPoints {
  evidence: Float32Array
}

export class PointGathering {
  readonly #parts: GatheredPoints[] = []

  /** Of the points in a tile, those that are wanted. */
  add(points: NumberedPoints, evidence: Float32Array, isWanted: (i: number) => boolean): void {
    const places = placesWhere(evidence.length, isWanted)
    if (places.length > 0) this.#parts.push(chosenOf({ ...points, evidence }, places))
  }

  inOrder(): GatheredPoints {
    const all = together(this.#parts)
    const order = placesWhere(all.number.length, () => true)
    order.sort((one, other) => all.number[one]! - all.number[other]!)
    return chosenOf(all, order)
  }
}

function chosenOf({ number, evidence, ...points }: GatheredPoints, places: Uint32Array): GatheredPoints {
  return {
    ...chosen(points, places),
    number: valuesAt(number, places),
    evidence: valuesAt(evidence, places),
  }
}

function together(parts: readonly GatheredPoints[]): GatheredPoints {
  const coordinates = (axis: 'x' | 'y' | 'z') =>
    joined(
      parts.map((part) => part[axis]),
      new Float64Array(0),
    )
  return {
    ...{ x: coordinates('x'), y: coordinates('y'), z: coordinates('z') },
    number: joined(
      parts.map(({ number }) => number),
      new Uint32Array(0),
    ),
    evidence: joined(
      parts.map(({ evidence }) => evidence),
      new Float32Array(0),
    ),
  }
}
