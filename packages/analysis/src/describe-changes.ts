/** From changed points of two epochs to changes: what came or went, where, and how much. */
import { CellIndex } from './cell-index.ts'
import type { ChangeClusters } from './cluster-changes.ts'
import { DisjointSets } from './disjoint-sets.ts'
import { type OrientedBox, orientedBox } from './oriented-box.ts'
import { addPlanCell, type PlanGrid, PlanSurface, planNeighbours } from './plan-surface.ts'
import { countPoints, type PointArrays } from './point-arrays.ts'

export type DescribeOptions = {
  /** Edge of the cells in plan on which footprints and volumes are computed; see `suggestedLinkDistance`. */
  readonly cellSize: number
}

export type Change = {
  /** From 1, in order of `pointCount`, largest first. */
  readonly id: number
  /** The surface rose or material came, or it sank or left: the sign of the net change of height. */
  readonly kind: 'appeared' | 'disappeared'
  /** Changed points of the first and of the second epoch, ascending. One of them may be empty. */
  readonly indicesA: Uint32Array
  readonly indicesB: Uint32Array
  /** Around the changed points of B if something appeared, of A if it disappeared, or of whichever has any. */
  readonly box: OrientedBox
  /** Changed points of both epochs. */
  readonly pointCount: number
  /** Plan area of the cells with changed points, in squared units. */
  readonly footprintArea: number
  /**
   * Volume between both surfaces, not negative, in cubic units; NaN if one epoch has no surface near. Without
   * direction: a cut next to an equal fill, seen as one change, has none.
   */
  readonly volume: number
  /** Half width of the 95 % interval of `volume` as far as the scatter of heights within cells explains it. */
  readonly volumeUncertainty95: number
  /** Share of the footprint that both epochs have points in. Near 0: not seen in one of them, rather than changed. */
  readonly coverage: number
}

/** So many rings of cells around a footprint take part in the volume: there a change runs out below the threshold. */
const rimRings = 2

/**
 * Pairs the clusters of both epochs and describes each pair. A risen surface leaves changed points in both
 * epochs, the old surface and the new one; clusters with a common cell in plan, of whichever epoch, are therefore
 * one change. The volume is 2.5-dimensional: mean height of B minus mean height of A in each cell, over the footprint
 * and two rings around it. Cells without points in one epoch take the height of their neighbours. Limits: what
 * hangs over something (bridges, crowns) mixes with what is below, and heights in cells of few points are only as good
 * as these. Linear in the number of points. Throws RangeError for arrays of different length.
 */
export function describeChanges(
  a: PointArrays,
  clustersA: ChangeClusters,
  b: PointArrays,
  clustersB: ChangeClusters,
  options: DescribeOptions,
): Change[] {
  const { cellSize } = options
  if (!(cellSize > 0)) throw new RangeError(`cellSize must be positive, got ${cellSize}`)
  requireClusters(a, clustersA)
  requireClusters(b, clustersB)
  if (clustersA.count + clustersB.count === 0) return []

  const grid: PlanGrid = {
    cells: new CellIndex(),
    cellSize,
    origin: firstChanged(a, clustersA, b, clustersB),
  }
  const footprints = pairByFootprint(grid, a, clustersA, b, clustersB)
  const owners = new CellOwners(grid.cells, footprints)
  owners.closeGaps()
  const rims = owners.addRims()
  const before = new PlanSurface(grid, a, clustersA.cluster)
  const after = new PlanSurface(grid, b, clustersB.cluster)
  const listed = footprints.flat()
  const isSeen = (cell: number) => before.count[cell]! > 0 && after.count[cell]! > 0
  const seen = footprints.map((cells) => cells.filter(isSeen).length)
  before.fillHoles(grid.cells, listed)
  after.fillHoles(grid.cells, listed)

  const changeOf = numberByCluster(grid, footprints, a, clustersA, b, clustersB)
  const indicesA = groupIndices(clustersA.cluster, changeOf.a, footprints.length)
  const indicesB = groupIndices(clustersB.cluster, changeOf.b, footprints.length)
  const changes = footprints.map((cells, k) => {
    const net = netVolume(cells.concat(rims[k]!.filter(isSeen)), before, after, cellSize)
    const rose = Number.isNaN(net.volume) ? indicesB[k]!.length > 0 : net.volume > 0
    const [mainPoints, mainIndices, otherPoints, otherIndices] = rose
      ? [b, indicesB[k]!, a, indicesA[k]!]
      : [a, indicesA[k]!, b, indicesB[k]!]
    return {
      kind: rose ? ('appeared' as const) : ('disappeared' as const),
      indicesA: indicesA[k]!,
      indicesB: indicesB[k]!,
      box:
        mainIndices.length > 0
          ? orientedBox(mainPoints, mainIndices)
          : orientedBox(otherPoints, otherIndices),
      pointCount: indicesA[k]!.length + indicesB[k]!.length,
      footprintArea: cells.length * cellSize * cellSize,
      volume: Math.abs(net.volume),
      volumeUncertainty95: net.uncertainty95,
      coverage: seen[k]! / cells.length,
    }
  })
  // Stable: changes of equal size keep the order of their first point in A, then in B.
  changes.sort((one, other) => other.pointCount - one.pointCount)
  return changes.map((change, k) => ({ id: k + 1, ...change }))
}

/** Cells of each change; no cell is in two of them. */
function pairByFootprint(
  grid: PlanGrid,
  a: PointArrays,
  clustersA: ChangeClusters,
  b: PointArrays,
  clustersB: ChangeClusters,
): number[][] {
  const sets = new DisjointSets(clustersA.count + clustersB.count)
  const ownerOfCell: number[] = []
  const claim = (points: PointArrays, cluster: Uint32Array, offset: number) => {
    for (let i = 0; i < cluster.length; i++) {
      if (cluster[i] === 0) continue
      const cell = addPlanCell(grid, points, i)
      const owner = offset + cluster[i]! - 1
      if (cell === ownerOfCell.length) ownerOfCell.push(owner)
      else sets.join(owner, ownerOfCell[cell]!)
    }
  }
  claim(a, clustersA.cluster, 0)
  claim(b, clustersB.cluster, clustersA.count)
  const cellsOf = new Map<number, number[]>()
  ownerOfCell.forEach((owner, cell) => {
    const root = sets.find(owner)
    const cells = cellsOf.get(root)
    if (cells === undefined) cellsOf.set(root, [cell])
    else cells.push(cell)
  })
  return [...cellsOf.values()]
}

/** Which change a cell belongs to, while footprints grow; no cell ever belongs to two. */
class CellOwners {
  readonly #cells: CellIndex
  readonly #footprints: readonly number[][]
  /** Place of the change for each cell, or -1. */
  readonly #owner: number[]

  constructor(cells: CellIndex, footprints: readonly number[][]) {
    this.#cells = cells
    this.#footprints = footprints
    this.#owner = new Array<number>(cells.count).fill(-1)
    footprints.forEach((footprint, k) => {
      for (const cell of footprint) this.#owner[cell] = k
    })
  }

  /** A cell with most of its neighbours in one footprint belongs to it, although no changed point fell in it. */
  closeGaps(): void {
    this.#footprints.forEach((footprint, k) => {
      const touched = new Map<number, number>()
      for (const cell of footprint) {
        for (const beside of this.#freeNeighbours(cell)) touched.set(beside, (touched.get(beside) ?? 0) + 1)
      }
      for (const [cell, sides] of touched) {
        if (sides < 5) continue
        this.#owner[cell] = k
        footprint.push(cell)
      }
    })
  }

  /**
   * The cells of `rimRings` rings around every footprint, each for the change that reaches it first. One more ring
   * becomes known but belongs to none; it gives filled cells a neighbour.
   */
  addRims(): number[][] {
    const rims: number[][] = this.#footprints.map(() => [])
    let edges: readonly number[][] = this.#footprints
    for (let ring = 0; ring < rimRings; ring++) {
      edges = edges.map((edge, k) => {
        const added: number[] = []
        for (const cell of edge) {
          for (const beside of this.#freeNeighbours(cell)) {
            this.#owner[beside] = k
            added.push(beside)
          }
        }
        for (const cell of added) rims[k]!.push(cell)
        return added
      })
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

function netVolume(
  cells: readonly number[],
  before: PlanSurface,
  after: PlanSurface,
  cellSize: number,
): { volume: number; uncertainty95: number } {
  let rise = 0
  let variance = 0
  let varied = 0
  for (const cell of cells) {
    rise += after.height[cell]! - before.height[cell]!
    const scatter = before.variance[cell]! + after.variance[cell]!
    if (Number.isNaN(scatter)) continue
    variance += scatter
    varied++
  }
  // Cells with a single point, or a filled height, are taken to vary like the others.
  const whole = varied > 0 ? (variance * cells.length) / varied : Number.NaN
  return { volume: rise * cellSize ** 2, uncertainty95: 1.96 * Math.sqrt(whole) * cellSize ** 2 }
}

/** For each cluster of A and of B the place of its change. */
function numberByCluster(
  grid: PlanGrid,
  footprints: readonly number[][],
  a: PointArrays,
  clustersA: ChangeClusters,
  b: PointArrays,
  clustersB: ChangeClusters,
): { a: Uint32Array; b: Uint32Array } {
  const changeOfCell = new Uint32Array(grid.cells.count)
  footprints.forEach((cells, k) => {
    for (const cell of cells) changeOfCell[cell] = k
  })
  const numbers = (points: PointArrays, { cluster, count }: ChangeClusters) => {
    const change = new Uint32Array(count)
    for (let i = 0; i < cluster.length; i++) {
      if (cluster[i] !== 0) change[cluster[i]! - 1] = changeOfCell[addPlanCell(grid, points, i)]!
    }
    return change
  }
  return { a: numbers(a, clustersA), b: numbers(b, clustersB) }
}

function groupIndices(cluster: Uint32Array, changeOf: Uint32Array, changes: number): Uint32Array[] {
  const counts = new Uint32Array(changes)
  for (const number of cluster) if (number !== 0) counts[changeOf[number - 1]!]!++
  const groups = Array.from(counts, (count) => new Uint32Array(count))
  counts.fill(0)
  for (let i = 0; i < cluster.length; i++) {
    if (cluster[i] === 0) continue
    const change = changeOf[cluster[i]! - 1]!
    groups[change]![counts[change]!++] = i
  }
  return groups
}

function firstChanged(
  a: PointArrays,
  clustersA: ChangeClusters,
  b: PointArrays,
  clustersB: ChangeClusters,
): [number, number, number] {
  const first = clustersA.cluster.findIndex((number) => number !== 0)
  if (first >= 0) return [a.x[first]!, a.y[first]!, a.z[first]!]
  const other = clustersB.cluster.findIndex((number) => number !== 0)
  return [b.x[other]!, b.y[other]!, b.z[other]!]
}

function requireClusters(points: PointArrays, { cluster }: ChangeClusters): void {
  const n = countPoints(points)
  if (cluster.length !== n)
    throw new RangeError(`expected a cluster number for ${n} points, got ${cluster.length}`)
}
