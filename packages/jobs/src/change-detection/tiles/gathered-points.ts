// Some points of a survey, gathered from tiles and put in the order of the survey.
import { joined, placesWhere, valuesAt } from '../../point-clouds/tiles/places.ts'
import type { NumberedPoints } from '../../point-clouds/tiles/point-files.ts'
import { chosen } from './survey-in-tiles.ts'

export interface GatheredPoints extends NumberedPoints {
  evidence: Float32Array
  /** To the colours around; empty where these are not compared. */
  difference: Float32Array
}

/** What is told of each point. */
interface Told {
  evidence: Float32Array
  difference?: Float32Array | undefined
}

export class PointGathering {
  readonly #parts: GatheredPoints[] = []

  /** Of the points in a tile, those that are wanted. */
  add(points: NumberedPoints, { evidence, difference }: Told, isWanted: (i: number) => boolean): void {
    const places = placesWhere(evidence.length, isWanted)
    const told = { evidence, difference: difference ?? new Float32Array(0) }
    if (places.length > 0) this.#parts.push(chosenOf({ ...points, ...told }, places))
  }

  inOrder(): GatheredPoints {
    const all = together(this.#parts)
    const order = placesWhere(all.number.length, () => true)
    order.sort((one, other) => all.number[one]! - all.number[other]!)
    return chosenOf(all, order)
  }
}

function chosenOf(
  { number, evidence, difference, ...points }: GatheredPoints,
  places: Uint32Array,
): GatheredPoints {
  return {
    ...chosen(points, places),
    number: valuesAt(number, places),
    evidence: valuesAt(evidence, places),
    difference: difference.length > 0 ? valuesAt(difference, places) : difference,
  }
}

function together(parts: readonly GatheredPoints[]): GatheredPoints {
  const told = (name: 'evidence' | 'difference') =>
    joined(
      parts.map((part) => part[name]),
      new Float32Array(0),
    )
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
    ...{ evidence: told('evidence'), difference: told('difference') },
  }
}
