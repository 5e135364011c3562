// Scale, offset and bounds of a LAS header: numbers that have to fit to each other, whatever the points are.
import { corrupt } from './format-error.ts'

export type Vector3 = readonly [x: number, y: number, z: number]

/** Beyond any place on Earth in any unit, and far from where squares of distances overflow. */
const largestCoordinate = 1e12

/** FormatError `Corrupt` for numbers that are not finite, no scale, or bounds that no stored integer reaches. */
export function readCoordinates(view: DataView, pointCount: number) {
  const vector = (at: number): Vector3 => {
    const numbers = [0, 8, 16].map((step) => view.getFloat64(at + step, true))
    const bad = numbers.findIndex((number) => !Number.isFinite(number))
    if (bad >= 0) throw corrupt(`byte ${at + 8 * bad}`, 'a finite number', numbers[bad])
    return [numbers[0]!, numbers[1]!, numbers[2]!]
  }
  const scale = vector(131)
  for (const [axis, value] of scale.entries()) {
    if (!(value > 0)) throw corrupt(`byte ${131 + 8 * axis}`, 'a scale above 0', value)
  }
  const offset = vector(155)
  for (let axis = 0; axis < 3; axis++) {
    const reach = Math.abs(offset[axis]!) + scale[axis]! * 2 ** 31
    if (reach > largestCoordinate)
      throw corrupt(`byte ${131 + 8 * axis}`, `coordinates below ${largestCoordinate}`, reach)
  }
  // Stored as max x, min x, max y, min y, max z, min z. Without points the numbers mean nothing.
  if (pointCount === 0) return { scale, offset, bounds: { min: offset, max: offset } }
  const [first, second] = [vector(179), vector(203)]
  const max: Vector3 = [first[0], first[2], second[1]]
  const min: Vector3 = [first[1], second[0], second[2]]
  for (let axis = 0; axis < 3; axis++) {
    if (min[axis]! > max[axis]!) {
      throw corrupt(`byte ${179 + 16 * axis}`, `a maximum of at least ${min[axis]}`, max[axis])
    }
    // No point can lie outside of what stored integers reach; one step more for what rounding has done.
    const reach = scale[axis]! * (2 ** 31 + 1)
    const beyond = [max[axis]!, min[axis]!].find((bound) => Math.abs(bound - offset[axis]!) > reach)
    if (beyond !== undefined) {
      const expected = `bounds within ${reach} of ${offset[axis]}, which is as far as coordinates reach`
      throw corrupt(`byte ${179 + 16 * axis}`, expected, beyond)
    }
  }
  return { scale, offset, bounds: { min, max } }
}
