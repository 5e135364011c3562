/** Where buildings stand in plan: the cells below their roofs. */
import { type BuildingSamples, offBuilding, onRoof, onSmallPlane } from './building-roofs.ts'
import type { PlanRaster } from './ground-raster.ts'
import { medianOf } from './median.ts'
import { cellOf, cellWithin, greatestWithin, grown, piecesOf, rasterAround, shrunk } from './plan-cells.ts'
import { type Pace, paceSteps } from './pace.ts'
import type { PointArrays } from './point-arrays.ts'
import type { SegmentOptions } from './segment-options.ts'
import type { Shapes } from './segment-shapes.ts'

export type Footprints = {
  readonly plan: PlanRaster
  /** The number of the building on each cell, from 1; 0 for none. */
  readonly building: Uint32Array
  readonly buildings: number
  /** Of the highest roof within reach of a wall; -Infinity where there is none. */
  readonly roofTop: Float32Array
  /** Samples on roofs. */
  readonly roof: { readonly x: Float64Array; readonly y: Float64Array }
}

/** More would not fit into memory with all that is made of them. */
const mostCells = 2 ** 28

/** The raster around all roofs, without a cell where there are none. `cellSize`: by default as fine as the samples allow. */
export function footprintPlan(
  samples: PointArrays,
  found: BuildingSamples,
  shapes: Shapes,
  options: SegmentOptions,
  cellSize = cellSizeFor(found, shapes, options),
): PlanRaster {
  const bounds = boundsOf(
    samples,
    found.kind.map((one) => (one === onRoof ? 1 : 0)),
  )
  if (bounds === undefined) return { cellSize, firstColumn: 0, firstRow: 0, columns: 0, rows: 0 }
  const plan = rasterAround(bounds, cellSize, Math.ceil((2 * options.wallReach) / cellSize) + 2)
  const cells = plan.columns * plan.rows
  if (cells > mostCells)
    throw new RangeError(`${cells} cells of buildings are more than the ${mostCells} allowed`)
  return plan
}

/** How often each cell is passed over, by the time that a pass takes: twice is it grown, once shrunk, twice taken into pieces. */
const footprintPasses = 10

/** What `buildingFootprints` tells its pace in all: each cell so often, and each point of the cloud once. */
export function footprintWork(
  { columns, rows }: Pick<PlanRaster, 'columns' | 'rows'>,
  points: number,
): number {
  return footprintPasses * columns * rows + points
}

/** `isGround`: of each point of the cloud. `found`: what is known of samples; small planes beside roofs are made roofs in it. */
export async function buildingFootprints(
  plan: PlanRaster,
  cloud: PointArrays,
  isGround: Uint8Array,
  samples: PointArrays,
  found: BuildingSamples,
  options: SegmentOptions,
  pace: Pace,
): Promise<Footprints> {
  const { kind } = found
  const { cellSize } = plan
  const reach = options.wallReach / cellSize
  const cells = plan.columns * plan.rows
  if (cells === 0) return noFootprints(cellSize)
  const top = new Float32Array(cells).fill(Number.NEGATIVE_INFINITY)
  const mask = new Uint8Array(cells)
  const put = (wanted: number) => {
    for (let i = 0; i < kind.length; i++) {
      if (kind[i] !== wanted) continue
      const at = cellOf(plan, samples.x[i]!, samples.y[i]!)
      mask[at] = 1
      if (top[at]! < samples.z[i]!) top[at] = samples.z[i]!
    }
  }
  put(onRoof)
  joinSmallPlanes(found, samples, grown(mask, plan, reach), plan)
  put(onRoof)
  await pace(cells)
  const hasGround = await groundCells(cloud, isGround, plan, top, options.buildingHeight / 2, pace)
  const closing = grown(mask, plan, reach)
  await pace(cells)
  const closed = shrunk(closing, plan, reach)
  for (let at = 0; at < cells; at++) closed[at] = closed[at]! | mask[at]!
  await pace(2 * cells)
  fillHoles(closed, hasGround, plan, options.buildingArea)
  await pace(3 * cells)
  const { building, buildings } = keepBuildings(closed, hasGround, plan, options.buildingArea)
  for (let at = 0; at < cells; at++) if (building[at] === 0) top[at] = Number.NEGATIVE_INFINITY
  await pace(2 * cells)
  const roofTop = greatestWithin(top, plan, Math.max(1.5, reach))
  const onRoofs = (column: Float64Array) => column.filter((_, i) => kind[i] === onRoof)
  return { plan, building, buildings, roofTop, roof: { x: onRoofs(samples.x), y: onRoofs(samples.y) } }
}

export function noFootprints(cellSize: number): Footprints {
  return {
    plan: { cellSize, firstColumn: 0, firstRow: 0, columns: 1, rows: 1 },
    building: new Uint32Array(1),
    buildings: 0,
    roofTop: new Float32Array(1).fill(Number.NEGATIVE_INFINITY),
    roof: { x: new Float64Array(0), y: new Float64Array(0) },
  }
}

/** Where roofs have samples about so far apart: cells have to be larger in a sparse cloud, or most of them would have no point. */
export function footprintCell(spacing: number, options: SegmentOptions): number {
  return Math.max(options.footprintCell, 1.2 * spacing)
}

function cellSizeFor(
  { kind }: BuildingSamples,
  { reach, neighbours }: Shapes,
  options: SegmentOptions,
): number {
  const spacings: number[] = []
  for (let i = 0; i < kind.length; i++)
    if (kind[i] === onRoof) spacings.push(reach[i]! * Math.sqrt(Math.PI / (neighbours + 1)))
  return footprintCell(medianOf(Float64Array.from(spacings)), options)
}

/** In plan; `isTaken`: 1 for those that count, default all. */
export function boundsOf(
  { x, y }: Pick<PointArrays, 'x' | 'y'>,
  isTaken?: Uint8Array,
): [number, number, number, number] | undefined {
  const bounds: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity]
  for (let i = 0; i < x.length; i++) {
    if (isTaken?.[i] === 0) continue
    bounds[0] = Math.min(bounds[0], x[i]!)
    bounds[1] = Math.min(bounds[1], y[i]!)
    bounds[2] = Math.max(bounds[2], x[i]!)
    bounds[3] = Math.max(bounds[3], y[i]!)
  }
  return bounds[0] <= bounds[2] ? bounds : undefined
}

/** Lower parts, dormers and gutters, which are too small to begin a building. */
function joinSmallPlanes(
  { kind, plane }: BuildingSamples,
  { x, y }: PointArrays,
  beside: Uint8Array,
  plan: PlanRaster,
): void {
  const joined = new Set<number>()
  for (let i = 0; i < kind.length; i++) {
    if (kind[i] !== onSmallPlane) continue
    const at = cellWithin(plan, x[i]!, y[i]!)
    if (at !== undefined && beside[at] === 1) joined.add(plane[i]!)
  }
  for (let i = 0; i < kind.length; i++) {
    if (kind[i] !== onSmallPlane) continue
    kind[i] = joined.has(plane[i]!) && cellWithin(plan, x[i]!, y[i]!) !== undefined ? onRoof : offBuilding
  }
}

/** Where ground is seen so much below the roof; what the ground filter took of a roof is none. */
async function groundCells(
  { x, y, z }: PointArrays,
  isGround: Uint8Array,
  plan: PlanRaster,
  top: Float32Array,
  depth: number,
  pace: Pace,
): Promise<Uint8Array> {
  const cells = new Uint8Array(plan.columns * plan.rows)
  for (let i = 0; i < isGround.length; i++) {
    if (i % paceSteps === paceSteps - 1) await pace(paceSteps)
    if (isGround[i] === 0) continue
    const at = cellWithin(plan, x[i]!, y[i]!)
    if (at !== undefined && (top[at] === Number.NEGATIVE_INFINITY || z[i]! < top[at]! - depth)) cells[at] = 1
  }
  return cells
}

/** Enclosed by a building: where no ground is seen, or where it is small. */
export function fillHoles(
  mask: Uint8Array,
  hasGround: Uint8Array,
  plan: PlanRaster,
  smallArea: number,
): void {
  const { piece, sizes } = piecesOf(
    mask.map((isIn) => 1 - isIn),
    plan,
  )
  const seen = new Uint32Array(sizes.length)
  for (let at = 0; at < mask.length; at++) if (hasGround[at] === 1) seen[piece[at]!]!++
  // The margin is out: its piece is the first.
  for (let at = 0; at < mask.length; at++) {
    const hole = piece[at]!
    if (hole <= 1) continue
    if (seen[hole] === 0 || sizes[hole]! * plan.cellSize ** 2 < smallArea) mask[at] = 1
  }
}

/** Share of the cells of a building through which the ground may be seen; and the share that are no edge, or it is narrow. */
const [mostSeenThrough, leastWithin] = [0.4, 0.1]

/** Those large enough that the ground is not seen through: a laser does not get through a roof, and often through crowns. */
function keepBuildings(mask: Uint8Array, hasGround: Uint8Array, plan: PlanRaster, leastArea: number) {
  const { piece, sizes } = piecesOf(mask, plan)
  const inner = shrunk(mask, plan, 1)
  const count = () => new Uint32Array(sizes.length)
  const [within, seenWithin, seen] = [count(), count(), count()]
  for (let at = 0; at < mask.length; at++) {
    const number = piece[at]!
    if (hasGround[at] === 1) seen[number]!++
    if (inner[at] === 0) continue
    within[number]!++
    if (hasGround[at] === 1) seenWithin[number]!++
  }
  let buildings = 0
  const numbers = sizes.map((size, number) => {
    if (number === 0 || size * plan.cellSize ** 2 < leastArea) return 0
    // At eaves the ground is seen beside the roof; what is all edge, as wires are, is judged by its edge.
    const isNarrow = within[number]! < leastWithin * size
    const share = isNarrow ? seen[number]! / size : seenWithin[number]! / within[number]!
    return share <= mostSeenThrough ? ++buildings : 0
  })
  return { building: piece.map((number) => numbers[number]!), buildings }
}
