/** Connected areas in plan of the samples of one class whose classes are given: what contours and boxes are made of. */
import { boundsOf, fillHoles, footprintCell, type Footprints, noFootprints } from './building-footprints.ts'
import { linkedSamples } from './linked-samples.ts'
import type { Pace } from './pace.ts'
import { cellOf, cellWithin, greatestWithin, grown, piecesOf, rasterAround, shrunk } from './plan-cells.ts'
import type { PointArrays } from './point-arrays.ts'
import { suggestedLinkDistance } from './point-spacing.ts'
import type { SeenGround } from './seen-ground.ts'
import type { SegmentOptions } from './segment-options.ts'

export type ClassAreasOptions = {
  /** Roofs and walls, of which the roofs tell the outline; their cells are closed as those of found buildings are. */
  readonly areBuildings: boolean
  readonly segment: SegmentOptions
  /** Of all samples of the class (`ClassSpacings`). */
  readonly spacing: number
  readonly seenGround: SeenGround
  /** Areas with fewer samples are none. */
  readonly fewestSamples: number
  /** Told of each sample `areaPasses` times. */
  readonly pace: Pace
}

/** When it is linked, on the raster, in a mask without holes, and in a piece. */
export const areaPasses = 4

/** More would not fit into memory with all that is made of them. */
const mostCells = 2 ** 28
/** In cells: farther inside no sample tells where an outline is. */
const outlineReach = 4
/** Samples so far from each other are of no one area: reaches of neighbours, or cells. */
const apartInReaches = 4
/** What is so much lower than a roof within reach of a wall is wall, in heights of what stands on roofs. */
const wallDepth = 1.5

export type ClassAreas = {
  /** As footprints of buildings. */
  readonly areas: Footprints
  /** For each area from 1, at its number less one, which of the samples of the class lie in it. */
  readonly samples: readonly (readonly number[])[]
}

/** The areas of all samples of a class, those of each neighbourhood together: what lies apart has rasters of its own, and they are small. */
export async function* classAreas(
  samples: PointArrays,
  options: ClassAreasOptions,
): AsyncGenerator<ClassAreas, void, undefined> {
  const { segment, fewestSamples, pace } = options
  const cellSize = areaCell(options)
  const link = Math.max(apartInReaches * segment.neighbourReach, apartInReaches * cellSize)
  for (const of of await linkedSamples(samples, { link, inPlan: true, pace })) {
    if (of.length < fewestSamples) continue
    const own = of.length === samples.x.length ? samples : pickedFrom(samples, of)
    const areas = await areasOf(own, cellSize, options)
    const inAreas: number[][] = Array.from({ length: areas.buildings }, () => [])
    for (let k = 0; k < of.length; k++) {
      const at = cellWithin(areas.plan, own.x[k]!, own.y[k]!)
      const area = at === undefined ? 0 : areas.building[at]!
      if (area > 0) inAreas[area - 1]!.push(of[k]!)
    }
    yield { areas, samples: inAreas }
  }
}

function pickedFrom({ x, y, z }: PointArrays, of: Uint32Array): PointArrays {
  const column = (values: Float64Array) => Float64Array.from(of, (i) => values[i]!)
  return { x: column(x), y: column(y), z: column(z) }
}

/** The edge of a cell of the areas of a class. */
export function areaCell({
  areBuildings,
  segment,
  spacing,
}: Pick<ClassAreasOptions, 'areBuildings' | 'segment' | 'spacing'>): number {
  return areBuildings
    ? footprintCell(spacing, segment)
    : Math.max(2 * segment.sampleSize, suggestedLinkDistance(spacing) || 0)
}

/** One area without the holes in which no ground is seen: those of which no part of the place has seen all. */
export function closedArea(
  { plan, building, roofTop, ...rest }: Footprints,
  seenGround: SeenGround,
): Footprints {
  const { columns, rows } = plan
  const wider = {
    ...{ cellSize: plan.cellSize, firstColumn: plan.firstColumn - 1, firstRow: plan.firstRow - 1 },
    ...{ columns: columns + 2, rows: rows + 2 },
  }
  const mask = new Uint8Array(wider.columns * wider.rows)
  const top = new Float32Array(mask.length).fill(Number.NEGATIVE_INFINITY)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = (row + 1) * wider.columns + column + 1
      mask[at] = building[row * columns + column]!
      top[at] = roofTop[row * columns + column]!
    }
  }
  fillHoles(mask, seenGround.cellsOf(wider), wider, 0)
  return { ...rest, plan: wider, building: Uint32Array.from(mask), roofTop: top }
}

/** RangeError for samples so far from each other that no raster holds them. */
async function areasOf(
  samples: PointArrays,
  cellSize: number,
  options: ClassAreasOptions,
): Promise<Footprints> {
  const { areBuildings, segment, seenGround, fewestSamples, pace } = options
  const bounds = boundsOf(samples)
  if (bounds === undefined) return noFootprints(cellSize)
  const reach = segment.wallReach / cellSize
  const plan = rasterAround(bounds, cellSize, Math.ceil(2 * reach) + 2)
  const cells = plan.columns * plan.rows
  if (cells > mostCells)
    throw new RangeError(`${cells} cells of areas are more than the ${mostCells} allowed`)
  await pace(0)
  const top = new Float32Array(cells).fill(Number.NEGATIVE_INFINITY)
  for (let i = 0; i < samples.x.length; i++) {
    const at = cellOf(plan, samples.x[i]!, samples.y[i]!)
    if (top[at]! < samples.z[i]!) top[at] = samples.z[i]!
  }
  await pace(samples.x.length)
  const leastHeight = areBuildings
    ? greatestWithin(top, plan, Math.max(1.5, reach)).map(
        (height) => height - wallDepth * segment.roofStructure,
      )
    : undefined
  const isTop = (i: number) => {
    const at = cellOf(plan, samples.x[i]!, samples.y[i]!)
    return leastHeight === undefined || samples.z[i]! >= leastHeight[at]!
  }
  let mask = Uint8Array.from(top, (height, at) =>
    height > Number.NEGATIVE_INFINITY && height >= (leastHeight?.[at] ?? height) ? 1 : 0,
  )
  await pace(0)
  if (areBuildings) {
    const closed = shrunk(grown(mask, plan, reach), plan, reach)
    mask = closed.map((isIn, at) => isIn | mask[at]!)
    await pace(0)
  } else joinDiagonals(mask, plan)
  const withHoles = mask.slice()
  fillHoles(mask, seenGround.cellsOf(plan), plan, areBuildings ? segment.buildingArea : 0)
  await pace(samples.x.length)
  const { building, buildings } = largeEnough(mask, plan, samples, fewestSamples)
  await pace(samples.x.length)
  for (let at = 0; at < cells; at++) if (building[at] === 0) top[at] = Number.NEGATIVE_INFINITY
  // Of a hole that was closed no height is known, wherever that was done.
  const roofTop = greatestWithin(top, plan, Math.max(1.5, reach)).map((height, at) =>
    withHoles[at] === 1 ? height : Number.NEGATIVE_INFINITY,
  )
  await pace(0)
  // Of what is deep inside no outline is told.
  const isInside = shrunk(mask, plan, outlineReach)
  const tells = (i: number) => isInside[cellOf(plan, samples.x[i]!, samples.y[i]!)] === 0 && isTop(i)
  const roof = { x: samples.x.filter((_, i) => tells(i)), y: samples.y.filter((_, i) => tells(i)) }
  return { plan, building, buildings, roofTop, roof }
}

/** Cells that touch by a corner belong together: one of those between them goes with them. */
function joinDiagonals(mask: Uint8Array, { columns, rows }: Footprints['plan']): void {
  for (let row = 0; row + 1 < rows; row++) {
    for (let at = row * columns; at + 1 < (row + 1) * columns; at++) {
      const [left, right, leftAbove, rightAbove] = [at, at + 1, at + columns, at + columns + 1]
      const isRising =
        mask[left] === 1 && mask[rightAbove] === 1 && mask[right] === 0 && mask[leftAbove] === 0
      const isFalling =
        mask[right] === 1 && mask[leftAbove] === 1 && mask[left] === 0 && mask[rightAbove] === 0
      if (isRising) mask[right] = 1
      else if (isFalling) mask[left] = 1
    }
  }
}

function largeEnough(
  mask: Uint8Array,
  plan: Footprints['plan'],
  { x, y }: PointArrays,
  fewestSamples: number,
): Pick<Footprints, 'building' | 'buildings'> {
  const { piece, sizes } = piecesOf(mask, plan)
  const samples = new Uint32Array(sizes.length)
  for (let i = 0; i < x.length; i++) samples[piece[cellOf(plan, x[i]!, y[i]!)]!]!++
  let buildings = 0
  const numbers = sizes.map((_, number) =>
    number > 0 && samples[number]! >= fewestSamples ? ++buildings : 0,
  )
  return { building: piece.map((number) => numbers[number]!), buildings }
}
