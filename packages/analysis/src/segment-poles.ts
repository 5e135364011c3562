/** Poles: upright columns of samples that stand alone. */
import { type Pace, paceSteps } from './pace.ts'
import type { PointArrays } from './point-arrays.ts'
import type { SegmentOptions } from './segment-options.ts'
import type { Shapes } from './segment-shapes.ts'

export type Pole = {
  readonly samples: Uint32Array
  readonly x: number
  readonly y: number
}

/** Lower than this share of its height a pole has a sample, and above that other share its head may be wide: a lamp, a sign. */
const [footShare, headShare] = [0.5, 0.75]
const fewestSamples = 5
/** Beside a pole there are no more samples than this share of those on it. */
const mostBeside = 0.5
/** and around its head no more than so many times as many: a lamp, and no crown. */
const mostAtHead = 1.5

/** Each sample is counted twice: sorted into columns, and looked at. */
export const poleSteps = 2

/** `isFree`: 1 for samples that are of nothing else. */
export async function findPoles(
  points: PointArrays,
  height: Float32Array,
  isFree: Uint8Array,
  shapes: Shapes,
  options: SegmentOptions,
  pace: Pace,
): Promise<Pole[]> {
  const columns = new Columns(points, options.poleSurroundings)
  for (let i = 0; i < height.length; i++) {
    if (i % paceSteps === paceSteps - 1) await pace(paceSteps)
    if (isFree[i] === 1) columns.add(i)
  }
  await pace(height.length % paceSteps)
  const found: Pole[] = []
  for (let i = 0; i < height.length; i++) {
    if (i % paceSteps === paceSteps - 1) await pace(paceSteps)
    if (isFree[i] === 0 || height[i]! < options.poleHeight / 2) continue
    if (!standsAlone(i, points, shapes, options)) continue
    const pole = poleAround(i, points, height, columns, options)
    if (pole !== undefined) found.push(pole)
  }
  return withoutCopies(found, options.poleSurroundings)
}

/** Cheaply: hardly any neighbour at its own level. */
function standsAlone(i: number, { x, y, z }: PointArrays, shapes: Shapes, options: SegmentOptions): boolean {
  const { near, neighbours } = shapes
  let beside = 0
  for (let k = i * neighbours; k < (i + 1) * neighbours && near[k]! >= 0; k++) {
    const other = near[k]!
    const distance = Math.hypot(x[other]! - x[i]!, y[other]! - y[i]!)
    if (distance < 2 * options.lineRadius || distance > options.poleSurroundings) continue
    if (Math.abs(z[other]! - z[i]!) < options.poleHeight / 4) beside++
  }
  return beside <= 1
}

function poleAround(
  seed: number,
  { x, y }: PointArrays,
  height: Float32Array,
  columns: Columns,
  options: SegmentOptions,
): Pole | undefined {
  const on: number[] = []
  const beside: number[] = []
  columns.visit(x[seed]!, y[seed]!, (i) => {
    const distance = Math.hypot(x[i]! - x[seed]!, y[i]! - y[seed]!)
    if (distance <= 1.5 * options.lineRadius) on.push(i)
    else if (distance <= options.poleSurroundings) beside.push(i)
  })
  if (on.length < fewestSamples) return undefined
  let [mx, my, low, high] = [0, 0, Infinity, -Infinity]
  for (const i of on) {
    mx += x[i]! / on.length
    my += y[i]! / on.length
    low = Math.min(low, height[i]!)
    high = Math.max(high, height[i]!)
  }
  if (high < options.poleHeight || low > footShare * high) return undefined
  // What is lower may be a car or a hedge; a crown above makes a pole a trunk.
  const [from, to] = [options.poleHeight / 2, headShare * high]
  let [around, head, over] = [0, 0, 0]
  for (const i of beside) {
    if (height[i]! > from && height[i]! < to) around++
    else if (height[i]! > high + options.lineRadius) over++
    else if (height[i]! >= to) head++
  }
  const most = mostBeside * on.length
  if (around > most || over > most || head > mostAtHead * on.length) return undefined
  return { samples: Uint32Array.from(on.sort((a, b) => a - b)), x: mx, y: my }
}

/** Of those that are one pole, the one with the most samples. */
function withoutCopies(poles: Pole[], distance: number): Pole[] {
  const order = poles.map((pole, k) => ({ pole, k }))
  order.sort((a, b) => b.pole.samples.length - a.pole.samples.length || a.k - b.k)
  const kept: Pole[] = []
  for (const { pole } of order) {
    const isCopy = kept.some(({ x, y }) => Math.hypot(x - pole.x, y - pole.y) <= distance)
    if (!isCopy) kept.push(pole)
  }
  return kept
}

/** Samples by columns of space. */
class Columns {
  readonly #points: PointArrays
  readonly #size: number
  readonly #columns = new Map<number, number[]>()
  readonly #origin: readonly [number, number]

  constructor(points: PointArrays, size: number) {
    this.#points = points
    this.#size = size
    this.#origin = [points.x[0] ?? 0, points.y[0] ?? 0]
  }

  add(i: number): void {
    const { x, y } = this.#points
    const key = this.#key(...this.#at(x[i]!, y[i]!))
    const list = this.#columns.get(key)
    if (list === undefined) this.#columns.set(key, [i])
    else list.push(i)
  }

  /** All samples within the size of a column in plan, and some beyond. */
  visit(x: number, y: number, look: (sample: number) => void): void {
    const [column, row] = this.#at(x, y)
    for (let dy = -1; dy <= 1; dy++)
      for (let dx = -1; dx <= 1; dx++)
        for (const i of this.#columns.get(this.#key(column + dx, row + dy)) ?? []) look(i)
  }

  #at(x: number, y: number): [number, number] {
    return [Math.floor((x - this.#origin[0]) / this.#size), Math.floor((y - this.#origin[1]) / this.#size)]
  }

  #key(column: number, row: number): number {
    return column * 2 ** 26 + row
  }
}
