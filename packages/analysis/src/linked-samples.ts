/** Samples that belong together because each is near another: single linkage over the cells of a grid. */
import { CellIndex, cellStep } from './cell-index.ts'
import { DisjointSets } from './disjoint-sets.ts'
import { type Pace, paceSteps } from './pace.ts'
import type { PointArrays } from './point-arrays.ts'

export type LinkOptions = {
  /** Those in one cell of this edge, or in cells that touch, belong together. */
  readonly link: number
  /** Whatever the height. */
  readonly inPlan?: boolean
  /** 1 for samples that count; default all. */
  readonly isTaken?: Uint8Array
  /** Told of each sample once. */
  readonly pace: Pace
}

/** Lists of samples, in the order of the first of each. RangeError for a link that is too small for the extent. */
export async function linkedSamples(
  { x, y, z }: PointArrays,
  { link, inPlan = false, isTaken, pace }: LinkOptions,
): Promise<Uint32Array[]> {
  const cells = new CellIndex()
  const cellOf = new Int32Array(x.length).fill(-1)
  const first = x.findIndex((_, i) => isTaken?.[i] !== 0)
  const [ox, oy, oz] = [x[first] ?? 0, y[first] ?? 0, z[first] ?? 0]
  for (let i = 0; i < x.length; i++) {
    if (i % paceSteps === 0) await pace(Math.min(paceSteps, x.length - i))
    if (isTaken?.[i] === 0) continue
    const layer = inPlan ? 0 : cellStep(z[i]!, oz, link)
    cellOf[i] = cells.add(cellStep(x[i]!, ox, link), cellStep(y[i]!, oy, link), layer)
  }
  const sets = new DisjointSets(cells.count)
  const layers = inPlan ? [0] : [-1, 0, 1]
  for (let cell = 0; cell < cells.count; cell++) {
    if (cell % paceSteps === 0) await pace(0)
    for (const dk of layers)
      for (let dj = -1; dj <= 1; dj++)
        for (let di = -1; di <= 1; di++) {
          const beside = cells.findBeside(cell, di, dj, dk)
          if (beside > cell) sets.join(cell, beside)
        }
  }
  const groups = new Map<number, number[]>()
  for (let i = 0; i < x.length; i++) {
    if (cellOf[i]! < 0) continue
    const set = sets.find(cellOf[i]!)
    const group = groups.get(set)
    if (group === undefined) groups.set(set, [i])
    else group.push(i)
  }
  return Array.from(groups.values(), (group) => Uint32Array.from(group))
}
