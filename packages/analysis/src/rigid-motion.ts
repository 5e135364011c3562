/** Rotations about a place, and translations. */
import type { PointArrays } from './point-arrays.ts'

export type Vector = readonly [number, number, number]

/** Brings a place `p` to `rotation * (p - pivot) + pivot + translation`. */
export type RigidMotion = {
  readonly pivot: Vector
  /** Row-major, orthonormal. */
  readonly rotation: readonly number[]
  readonly translation: Vector
}

const identity = [1, 0, 0, 0, 1, 0, 0, 0, 1] as const

export function noMotion(pivot: Vector): RigidMotion {
  return { pivot, rotation: identity, translation: [0, 0, 0] }
}

/** About the direction of `vector`, by its length in radians (Rodrigues 1840). */
export function rotationBy(vector: Vector): number[] {
  const angle = Math.hypot(...vector)
  if (angle === 0) return [...identity]
  const [x, y, z] = vector.map((value) => value / angle) as unknown as Vector
  const [s, c] = [Math.sin(angle), Math.cos(angle)]
  const v = 1 - c
  return [
    ...[c + x * x * v, x * y * v - z * s, x * z * v + y * s],
    ...[y * x * v + z * s, c + y * y * v, y * z * v - x * s],
    ...[z * x * v - y * s, z * y * v + x * s, c + z * z * v],
  ]
}

/** The vector of which `rotationBy` makes this rotation; for turns of less than half a circle. */
export function rotationVector({ rotation: r }: RigidMotion): Vector {
  const twiceSine = [r[7]! - r[5]!, r[2]! - r[6]!, r[3]! - r[1]!] as const
  const sine = Math.hypot(...twiceSine) / 2
  const angle = Math.atan2(sine, (r[0]! + r[4]! + r[8]! - 1) / 2)
  const scale = sine > 0 ? angle / (2 * sine) : 0.5
  return twiceSine.map((value) => value * scale) as unknown as Vector
}

/** First `motion`, then another rotation about its pivot and a translation. */
export function followedBy(motion: RigidMotion, rotation: readonly number[], by: Vector): RigidMotion {
  const column = (k: number) =>
    turned(rotation, [0, 3, 6].map((row) => motion.rotation[row + k]!) as unknown as Vector)
  const [first, second, third] = [column(0), column(1), column(2)]
  const translation = turned(rotation, motion.translation).map((value, axis) => value + by[axis]!)
  return {
    pivot: motion.pivot,
    rotation: [0, 1, 2].flatMap((row) => [first[row]!, second[row]!, third[row]!]),
    translation: translation as unknown as Vector,
  }
}

function turned(r: readonly number[], [x, y, z]: Vector): Vector {
  return [
    r[0]! * x + r[1]! * y + r[2]! * z,
    r[3]! * x + r[4]! * y + r[5]! * z,
    r[6]! * x + r[7]! * y + r[8]! * z,
  ]
}

/** Where it brings one place. */
export function movedPlace({ pivot, rotation, translation }: RigidMotion, place: Vector): Vector {
  const around = turned(rotation, [place[0] - pivot[0], place[1] - pivot[1], place[2] - pivot[2]])
  return [0, 1, 2].map((axis) => around[axis]! + pivot[axis]! + translation[axis]!) as unknown as Vector
}

/** Moves points in place, those from `from` on and before `to`. */
export function movePoints(points: PointArrays, motion: RigidMotion, from = 0, to = points.x.length): void {
  const { x, y, z } = points
  const [px, py, pz] = motion.pivot
  const [tx, ty, tz] = motion.translation
  const [a, b, c, d, e, f, g, h, i] = motion.rotation as unknown as Matrix
  for (let k = from; k < to; k++) {
    const [u, v, w] = [x[k]! - px, y[k]! - py, z[k]! - pz]
    x[k] = a * u + b * v + c * w + px + tx
    y[k] = d * u + e * v + f * w + py + ty
    z[k] = g * u + h * v + i * w + pz + tz
  }
}

type Matrix = readonly [number, number, number, number, number, number, number, number, number]
