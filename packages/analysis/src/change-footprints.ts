/** Which cells in plan belong to which change. */
import type { CellIndex } from './cell-index.ts'
import type { ChangeClusters } from './cluster-changes.ts'
import { DisjointSets } from './disjoint-sets.ts'
import { atOnce, lastSteps, type Pace, paceSteps } from './pace.ts'
import type { PlanOffsets } from './plan-offsets.ts'
import { addPlanCell, type PlanGrid, planNeighbours } from './plan-surface.ts'
import type { PointArrays } from './point-arrays.ts'

/** So many rings of cells around a footprint take part in the volume: there a change runs out below the threshold. */
const rimRings = 2
/** A footprint grows by at most so many rings. */
const mostRounds = 30

/** Cells of each change, from clusters that share a cell in plan; no cell is in two of them. `pace` counts the points. */
export async function pairByFootprint(
  grid: PlanGrid,
  a: PointArrays,
  clustersA: ChangeClusters,
  b: PointArrays,
  clustersB: ChangeClusters,
  pace: Pace = atOnce,
): Promise<number[][]> {
  const sets = new DisjointSets(clustersA.count + clustersB.count)
  const ownerOfCell: number[] = []
  const claim = async (points: PointArrays, cluster: Uint32Array, offset: number) => {
    for (let i = 0; i < cluster.length; i++) {
      if (i > 0 && i % paceSteps === 0) await pace(paceSteps)
      if (cluster[i] === 0) continue
      const cell = addPlanCell(grid, points, i)
      const owner = offset + cluster[i]! - 1
      if (cell === ownerOfCell.length) ownerOfCell.push(owner)
      else sets.join(owner, ownerOfCell[cell]!)
    }
    await pace(lastSteps(cluster.length))
  }
  await claim(a, clustersA.cluster, 0)
  await claim(b, clustersB.cluster, clustersA.count)
  const cellsOf = new Map<number, number[]>()
  ownerOfCell.forEach((owner, cell) => {
    const root = sets.find(owner)
    const cells = cellsOf.get(root)
    if (cells === undefined) cellsOf.set(root, [cell])
    else cells.push(cell)
  })
  return [...cellsOf.values()]
}

/**
 * Which change a cell belongs to, while footprints grow; no cell ever belongs to two. What walks over all footprints counts their
 * cells, as they were before, for `pace`: later rounds and rings look at few.
 */
export class CellOwners {
  readonly #cells: CellIndex
  readonly #footprints: readonly number[][]
  /** Place of the change for each cell, or -1. */
  readonly #owner: number[]
  /** Of each cell in its footprint; of others it means nothing. */
  readonly #place: number[]

  constructor(cells: CellIndex, footprints: readonly number[][]) {
    this.#cells = cells
    this.#footprints = footprints
    this.#owner = new Array<number>(cells.count).fill(-1)
    this.#place = new Array<number>(cells.count).fill(0)
    footprints.forEach((footprint, k) => {
      for (const [place, cell] of footprint.entries()) {
        this.#owner[cell] = k
        this.#place[cell] = place
      }
    })
  }

  /** Place of the change that a known cell belongs to, or -1. */
  ownerOf(cell: number): number {
    return this.#owner[cell] ?? -1
  }

  /**
   * A cell with most of its neighbours in one footprint belongs to it, although no changed point fell in it. One round, or
   * with `offsets` of the known cells as many as it takes, without the cells that are known to have stayed as they were.
   */
  async closeGaps(offsets?: PlanOffsets, pace: Pace = atOnce): Promise<void> {
    /** Of each footprint, the place of its first cell that nothing was looked for beside. */
    const unseen = this.#footprints.map(() => 0)
    for (let round = 0; round < (offsets === undefined ? 1 : mostRounds); round++) {
      let grew = false
      for (const [k, footprint] of this.#footprints.entries()) {
        const gaps = await this.#gapsBeside(k, unseen[k]!, round === 0 ? pace : () => pace(0))
        unseen[k] = footprint.length
        for (const [cell, inside] of gaps) {
          if (offsets !== undefined && hasStayed(offsets, cell, inside)) continue
          this.#claim(cell, k)
          grew = true
        }
      }
      if (!grew) return
    }
  }

  /**
   * Free cells with at least five neighbours in the footprint, and these, beside what is in it from that place on: beside the
   * rest nothing has changed. In the order in which a walk over the whole footprint would come to them.
   */
  async #gapsBeside(k: number, from: number, pace: Pace): Promise<[number, number[]][]> {
    const footprint = this.#footprints[k]!
    const looked = new Set<number>()
    const gaps: { steps: number[]; cell: number }[] = []
    await walked(footprint.slice(from), pace, (beside) => {
      for (const cell of this.#freeNeighbours(beside)) {
        if (looked.has(cell)) continue
        looked.add(cell)
        const steps = this.#stepsInto(cell, k)
        if (steps.length >= 5) gaps.push({ steps, cell })
      }
    })
    gaps.sort((one, other) => one.steps[0]! - other.steps[0]!)
    const { length } = planNeighbours
    return gaps.map(({ steps, cell }) => [cell, steps.map((step) => footprint[Math.floor(step / length)]!)])
  }

  /** The steps of a walk over a footprint and the neighbours of each of its cells that lead into this one, in order. */
  #stepsInto(cell: number, k: number): number[] {
    const { length } = planNeighbours
    const steps: number[] = []
    for (const [n, [di, dj]] of planNeighbours.entries()) {
      const beside = this.#cells.findBeside(cell, di, dj, 0)
      // The neighbour across from the nth is the nth from the end.
      if (this.ownerOf(beside) === k) steps.push(length * this.#place[beside]! + length - 1 - n)
    }
    return steps.sort((one, other) => one - other)
  }

  #claim(cell: number, k: number): void {
    this.#owner[cell] = k
    this.#place[cell] = this.#footprints[k]!.push(cell) - 1
  }

  /** So that so many rings of cells around every footprint are known. */
  async addRings(rings: number, pace: Pace = atOnce): Promise<void> {
    let edges: readonly (readonly number[])[] = this.#footprints
    for (let ring = 0; ring < rings; ring++) {
      const next: number[][] = []
      for (const edge of edges) {
        const before = this.#cells.count
        await walked(edge, ring === 0 ? pace : () => pace(0), (cell) => this.#freeNeighbours(cell))
        next.push(Array.from({ length: this.#cells.count - before }, (_, k) => before + k))
      }
      edges = next
    }
  }

  /**
   * The cells of `rimRings` rings around every footprint, each for the change that reaches it first. One more ring
   * becomes known but belongs to none; it gives filled cells a neighbour.
   */
  async addRims(pace: Pace = atOnce): Promise<number[][]> {
    const rims: number[][] = this.#footprints.map(() => [])
    const taken = new Set<number>()
    let edges: readonly (readonly number[])[] = this.#footprints
    for (let ring = 0; ring < rimRings; ring++) {
      const next: number[][] = []
      for (const [k, edge] of edges.entries()) {
        const added: number[] = []
        await walked(edge, ring === 0 ? pace : () => pace(0), (cell) => {
          for (const beside of this.#freeNeighbours(cell)) {
            if (taken.has(beside)) continue
            taken.add(beside)
            added.push(beside)
          }
        })
        for (const cell of added) rims[k]!.push(cell)
        next.push(added)
      }
      edges = next
    }
    for (const cell of edges.flat()) this.#freeNeighbours(cell)
    return rims
  }

  /** Neighbours that belong to no change; cells never seen before become known. */
  #freeNeighbours(cell: number): number[] {
    const free: number[] = []
    for (const [di, dj] of planNeighbours) {
      const beside = this.#cells.addBeside(cell, di, dj, 0)
      if (beside === this.#owner.length) this.#owner.push(-1)
      if (this.#owner[beside] === -1) free.push(beside)
    }
    return free
  }
}

async function walked(cells: readonly number[], pace: Pace, visit: (cell: number) => void): Promise<void> {
  for (let from = 0; from < cells.length; from += paceSteps) {
    const to = Math.min(cells.length, from + paceSteps)
    for (let place = from; place < to; place++) visit(cells[place]!)
    await pace(to - from)
  }
}

/** Surely nearer to no rise at all than to that of the neighbours. */
function hasStayed({ rise, variance }: PlanOffsets, cell: number, neighbours: readonly number[]): boolean {
  const [own, deviation] = [rise[cell] ?? Number.NaN, Math.sqrt(variance[cell] ?? Infinity)]
  if (Number.isNaN(own)) return false
  const known = neighbours.map((beside) => rise[beside] ?? Number.NaN).filter((value) => !Number.isNaN(value))
  if (known.length === 0) return deviation < Infinity
  const around = known.reduce((sum, value) => sum + value, 0) / known.length
  return Math.abs(own) + deviation < Math.abs(around) / 2
}
