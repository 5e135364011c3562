// Where a made scene gets its changes: drawn by the seed, with no look at what would be easy to find.
import type { PointArrays } from '@alidade/analysis'

type Place = { id: number; center: [x: number, y: number] }
/** Lengths in the unit of the scan. A `removed` block has no volume that a formula could give. */
export type TrueChange =
  | (Place & { kind: 'removed'; size: [number, number]; ground: number })
  | (Place & { kind: 'added_box'; size: [number, number]; base: number; height: number; volume: number })
  | (Place & { kind: 'dig' | 'fill'; radius: number; depth: number; volume: number })

/**
 * A block is demolished where something of size stands; a building is put on free ground; ground is dug and filled anywhere, whatever
 * grows or stands on it. No two are closer than 60 m, none than 40 m to the edge of the scan.
 */
export function placesFor(scan: PointArrays, random: () => number, unitsPerMetre: number): TrueChange[] {
  const m = unitsPerMetre
  const taken: [number, number][] = []
  const heights = new HeightsNear(scan, 10 * m)
  const [left, right] = rangeOf(scan.x)
  const [bottom, top] = rangeOf(scan.y)
  const draw = (isGood: (x: number, y: number) => boolean): [number, number] => {
    for (let attempt = 0; attempt < 20_000; attempt++) {
      const x = left + 40 * m + random() * (right - left - 80 * m)
      const y = bottom + 40 * m + random() * (top - bottom - 80 * m)
      if (taken.some(([u, v]) => Math.hypot(x - u, y - v) < 60 * m)) continue
      // A place that was hardly scanned shows nothing to anybody.
      if (heights.within(x, y, 20 * m).length < 100 || !isGood(x, y)) continue
      taken.push([x, y])
      return [x, y]
    }
    throw new RangeError('found no place for a change in this scan')
  }
  const heightAt = (x: number, y: number, radius: number, share: number) =>
    quantile(heights.within(x, y, radius), share)

  const side = (30 + 30 * random()) * m
  const block = draw((x, y) => {
    const near = heights.within(x, y, side / 2)
    const ground = quantile(near, 0.1)
    const standing = near.filter((z) => z > ground + 3 * m && z < ground + 40 * m).length / near.length
    return standing > 0.3 && standing < 0.9
  })
  const boxSize: [number, number] = [(10 + 10 * random()) * m, (12 + 12 * random()) * m]
  const boxHeight = (4 + 8 * random()) * m
  const box = draw((x, y) => {
    const near = heights.within(x, y, 12 * m)
    return quantile(near, 0.9) - quantile(near, 0.1) < 1.5 * m
  })
  // What stands on its site counts as well: the volume between both surfaces, and not that above a level.
  const isOnSite = (x: number, y: number) =>
    Math.abs(x - box[0]) <= boxSize[0] / 2 && Math.abs(y - box[1]) <= boxSize[1] / 2
  const onSite = [...scan.z].filter((_, i) => isOnSite(scan.x[i]!, scan.y[i]!))
  const base = heightAt(...box, Math.min(...boxSize) / 2, 0.5)
  const meanOnSite = onSite.reduce((sum, z) => sum + z, 0) / onSite.length
  const paraboloid = (id: number, kind: 'dig' | 'fill', depthMetres: number): TrueChange => {
    const radius = (10 + 8 * random()) * m
    const depth = depthMetres * m * (kind === 'dig' ? -1 : 1)
    const center = draw(() => true)
    return { id, kind, center, radius, depth, volume: (Math.PI / 2) * radius ** 2 * Math.abs(depth) }
  }
  return [
    { id: 1, kind: 'removed', center: block, size: [side, side], ground: heightAt(...block, side / 2, 0.1) },
    {
      id: 2,
      kind: 'added_box',
      center: box,
      size: boxSize,
      base,
      height: boxHeight,
      volume: boxSize[0] * boxSize[1] * (base + boxHeight - meanOnSite),
    },
    paraboloid(3, 'dig', 1.2 + 1.3 * random()),
    paraboloid(4, 'fill', 0.7 + 0.8 * random()),
  ]
}

/** Digs, fills and boxes of many draws, those that keep 50 m from each other. */
export function roomFor(scan: PointArrays, random: () => number, unitsPerMetre: number): TrueChange[] {
  const changes: TrueChange[] = []
  for (let draw = 0; draw < 12; draw++) {
    for (const change of placesFor(scan, random, unitsPerMetre).slice(1)) {
      const [x, y] = change.center
      const isClose = ({ center: [u, v] }: TrueChange) => Math.hypot(x - u, y - v) < 50 * unitsPerMetre
      if (!changes.some(isClose)) changes.push({ ...change, id: changes.length + 1 })
    }
  }
  return changes
}

/** Points per squared unit around a place. */
export function densityOf({ x, y }: PointArrays, [cx, cy]: [number, number], radius: number): number {
  let count = 0
  for (let i = 0; i < x.length; i++) if (Math.hypot(x[i]! - cx, y[i]! - cy) < radius) count++
  return count / (Math.PI * radius ** 2)
}

/** Heights of the points near a place, from cells in plan. */
class HeightsNear {
  readonly #scan: PointArrays
  readonly #cellSize: number
  readonly #cells = new Map<string, number[]>()

  constructor(scan: PointArrays, cellSize: number) {
    this.#scan = scan
    this.#cellSize = cellSize
    for (let i = 0; i < scan.x.length; i++) {
      const key = `${Math.floor(scan.x[i]! / cellSize)} ${Math.floor(scan.y[i]! / cellSize)}`
      const cell = this.#cells.get(key)
      if (cell === undefined) this.#cells.set(key, [i])
      else cell.push(i)
    }
  }

  within(x: number, y: number, radius: number): number[] {
    const found: number[] = []
    const cell = (value: number) => Math.floor(value / this.#cellSize)
    for (let i = cell(x - radius); i <= cell(x + radius); i++) {
      for (let j = cell(y - radius); j <= cell(y + radius); j++) {
        for (const k of this.#cells.get(`${i} ${j}`) ?? []) {
          if (Math.hypot(this.#scan.x[k]! - x, this.#scan.y[k]! - y) < radius) found.push(this.#scan.z[k]!)
        }
      }
    }
    return found
  }
}

function quantile(values: number[], share: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0
}

/** The middle 99.8 % on one axis: stray points are no edge of a scan. */
function rangeOf(values: Float64Array): [number, number] {
  const sorted = Float64Array.from(values).sort()
  return [sorted[Math.floor(0.001 * sorted.length)]!, sorted[Math.floor(0.999 * (sorted.length - 1))]!]
}
