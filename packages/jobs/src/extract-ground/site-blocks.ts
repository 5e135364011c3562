// Where most points of a cloud lie: the site. A few points far off it are errors of measurement, and would make a raster of both
// too large for any memory.
import type { PointArrays } from '@alidade/analysis'
import { fewestOfSite } from './raster-plan.ts'

export interface PlanBounds {
  min: readonly [x: number, y: number]
  max: readonly [x: number, y: number]
}

export interface Site {
  /** Of its points. */
  bounds: PlanBounds
  /** Points outside of it. */
  apart: number
}

/** A group of points apart from all others that has a hundredth of them is no error. */
const leastShare = 1 / fewestOfSite
/** More are dust all over, of which no part is the site. */
const mostBlocks = 1_000_000

/** Points in plan, and where they end. */
interface Block {
  count: number
  west: number
  south: number
  east: number
  north: number
}

/** The blocks in plan that hold points, in whatever order these come. */
export class SiteBlocks {
  readonly #size: number
  readonly #blocks = new Map<string, Block>()

  /** Points that an empty block lies between are apart. */
  constructor(size: number) {
    this.#size = size
  }

  add({ x, y }: Pick<PointArrays, 'x' | 'y'>, count: number): void {
    let [lastI, lastJ] = [Number.NaN, Number.NaN]
    let block: Block | undefined
    for (let k = 0; k < count; k++) {
      const [east, north] = [x[k]!, y[k]!]
      const [i, j] = [Math.floor(east / this.#size), Math.floor(north / this.#size)]
      // Neighbours in a file mostly share a block.
      if (block === undefined || i !== lastI || j !== lastJ) block = this.#blockAt(i, j)
      if (block === undefined) return
      ;[lastI, lastJ] = [i, j]
      block.count++
      widen(block, { west: east, south: north, east, north })
    }
  }

  /** Undefined where no group of points has a share of them that makes it a site. */
  site(): Site | undefined {
    if (this.#blocks.size > mostBlocks) return undefined
    const groups = this.#groups()
    const points = groups.reduce((sum, { count }) => sum + count, 0)
    const sites = groups.filter(({ count }) => count >= leastShare * points)
    const site = sites.pop()
    if (site === undefined) return undefined
    for (const other of sites) join(site, other)
    // Points apart are those outside of the box around the site, and no others.
    let apart = groups.filter(({ count }) => count < leastShare * points)
    for (let within = apart; within.length > 0; ) {
      within = apart.filter((group) => meet(site, group))
      for (const group of within) join(site, group)
      apart = apart.filter((group) => !within.includes(group))
    }
    const { west, south, east, north } = site
    return { bounds: { min: [west, south], max: [east, north] }, apart: points - site.count }
  }

  #blockAt(i: number, j: number): Block | undefined {
    const key = `${i} ${j}`
    const known = this.#blocks.get(key)
    if (known !== undefined || this.#blocks.size > mostBlocks) return known
    const block = { count: 0, west: Infinity, south: Infinity, east: -Infinity, north: -Infinity }
    this.#blocks.set(key, block)
    return block
  }

  /** Of blocks that touch each other, by an edge or a corner. */
  #groups(): Block[] {
    const left = new Set(this.#blocks.keys())
    const groups: Block[] = []
    for (const first of left) {
      left.delete(first)
      const found = [first]
      const group = { ...this.#blocks.get(first)! }
      for (const key of found) {
        if (key !== first) join(group, this.#blocks.get(key)!)
        const [i, j] = key.split(' ').map(Number) as [number, number]
        for (let k = 0; k < 9; k++) {
          const beside = `${i + (k % 3) - 1} ${j + Math.floor(k / 3) - 1}`
          if (left.delete(beside)) found.push(beside)
        }
      }
      groups.push(group)
    }
    return groups
  }
}

function join(into: Block, other: Block): void {
  into.count += other.count
  widen(into, other)
}

function widen(into: Block, { west, south, east, north }: Omit<Block, 'count'>): void {
  into.west = Math.min(into.west, west)
  into.south = Math.min(into.south, south)
  into.east = Math.max(into.east, east)
  into.north = Math.max(into.north, north)
}

function meet(one: Block, other: Block): boolean {
  return (
    one.west <= other.east && other.west <= one.east && one.south <= other.north && other.south <= one.north
  )
}
