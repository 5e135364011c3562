/** Areas too large for any window that rise from the ground on nearly all sides: large buildings. */
import { DisjointSets } from './disjoint-sets.ts'
import type { GroundOptions } from './ground-options.ts'
import type { PlanRaster } from './ground-raster.ts'
import { type Pace, paceSteps } from './pace.ts'
import { byBands } from './raster-bands.ts'

/** So far beyond an area's edge the fall is looked for, in cells. */
export const edgeCells = 3
/** Shares of an area's edge. */
const [leastFalls, mostRises] = [0.6, 0.15]

/** How far it depends on others whether a cell belongs to a raised area, in cells. */
export function raisedReach({ raisedExtent, cellSize }: GroundOptions): number {
  return Math.ceil(raisedExtent / cellSize) + edgeCells
}

/**
 * Sets `ground` to 0 in each area of connected cells whose edge is a fall by a wall, along nearly all of it, to what lies around.
 * Cells side by side are connected unless the step between them is steep. The ground may fall off by walls too, but hardly
 * ever on all sides of a piece no larger than a hall; and where the edge is that of the raster, or of what is known, it is no
 * sign. A segment's edge as the sign of an object: Sithole and Vosselman (2005), "Filtering of airborne laser scanner data
 * based on segmented point clouds". `heights` has no holes but Infinity where nothing is known; `lowestAround` is the lowest
 * of it within `edgeCells`.
 */
export async function takeOffRaisedAreas(
  heights: Float32Array,
  lowestAround: Float32Array,
  plan: PlanRaster,
  options: GroundOptions,
  ground: Uint8Array,
  pace: Pace,
): Promise<void> {
  const starts = await levelStretches(heights, plan, options, pace)
  const areas = new DisjointSets(starts.length - 1)
  const edges = await joinStretches(heights, lowestAround, plan, options, starts, areas, pace)
  const raised = await raisedAreas(plan, options, starts, areas, edges, pace)
  for (let stretch = 0; stretch < starts.length - 1; stretch++) {
    if (raised[areas.find(stretch)] === 1) ground.fill(0, starts[stretch], starts[stretch + 1])
    if ((stretch + 1) % paceSteps === 0) await pace(0)
  }
}

/** The first cell of each piece of a row that has no steep step in it, and the number of cells. */
async function levelStretches(
  heights: Float32Array,
  plan: PlanRaster,
  { steepSlope }: GroundOptions,
  pace: Pace,
): Promise<Uint32Array> {
  const steepStep = steepSlope * plan.cellSize
  const starts = new Uint32Array(heights.length + 1)
  let count = 0
  const startStretches = (fromRow: number, endRow: number) => {
    for (let row = fromRow, cell = fromRow * plan.columns; row < endRow; row++) {
      for (let column = 0; column < plan.columns; column++, cell++) {
        if (column === 0 || !isLevel(heights[cell]! - heights[cell - 1]!, steepStep)) starts[count++] = cell
      }
    }
  }
  await byBands(plan, pace, startStretches, 'all')
  starts[count] = heights.length
  return starts.subarray(0, count + 1)
}

/** Of each stretch: sides of its cells that are no connection, and those of them where it falls by a wall, or rises. */
type Edges = { readonly all: Uint32Array; readonly falls: Uint32Array; readonly rises: Uint32Array }

async function joinStretches(
  heights: Float32Array,
  lowestAround: Float32Array,
  plan: PlanRaster,
  { steepSlope, fallHeight }: GroundOptions,
  starts: Uint32Array,
  areas: DisjointSets,
  pace: Pace,
): Promise<Edges> {
  const { columns, rows } = plan
  const steepStep = steepSlope * plan.cellSize
  const count = starts.length - 1
  const [all, falls, rises] = [new Uint32Array(count), new Uint32Array(count), new Uint32Array(count)]
  /** `drop` is from the cell to what lies beside it, -Infinity where that is not known. */
  const addEdge = (stretch: number, cell: number, drop: number) => {
    all[stretch]!++
    if (drop > 0) {
      if (heights[cell]! - lowestAround[cell]! >= fallHeight) falls[stretch]!++
    } else if (drop > Number.NEGATIVE_INFINITY) rises[stretch]!++
  }
  let [own, below] = [0, 0]
  await byBands(
    plan,
    pace,
    (fromRow, endRow) => {
      for (let row = fromRow, cell = fromRow * columns; row < endRow; row++) {
        // Whoever is in the same two stretches as the cell before tells nothing new.
        let joined = false
        for (let column = 0; column < columns; column++, cell++) {
          if (cell === starts[own + 1]) {
            own++
            joined = false
          }
          if (column === 0) addEdge(own, cell, Number.NEGATIVE_INFINITY)
          else if (cell === starts[own]) {
            const drop = heights[cell]! - heights[cell - 1]!
            addEdge(own, cell, drop)
            addEdge(own - 1, cell - 1, -drop)
          }
          if (column === columns - 1) addEdge(own, cell, Number.NEGATIVE_INFINITY)
          if (row === rows - 1) addEdge(own, cell, Number.NEGATIVE_INFINITY)
          if (row === 0) {
            addEdge(own, cell, Number.NEGATIVE_INFINITY)
            continue
          }
          if (cell - columns === starts[below + 1]) {
            below++
            joined = false
          }
          const drop = heights[cell]! - heights[cell - columns]!
          if (!isLevel(drop, steepStep)) {
            addEdge(own, cell, drop)
            addEdge(below, cell - columns, -drop)
          } else if (!joined) {
            areas.join(own, below)
            joined = true
          }
        }
      }
    },
    'all',
  )
  return { all, falls, rises }
}

/** 1 for the first stretch of each area that is raised. Tells of the cells of each stretch. */
async function raisedAreas(
  { columns, rows, cellSize }: PlanRaster,
  { raisedArea, raisedExtent }: GroundOptions,
  starts: Uint32Array,
  areas: DisjointSets,
  edges: Edges,
  pace: Pace,
): Promise<Uint8Array> {
  const [smallest, extent] = [raisedArea / cellSize ** 2, raisedExtent / cellSize]
  const count = starts.length - 1
  const column = (value: number) => new Uint32Array(count).fill(value)
  const [cells, right, above, left, below] = [column(0), column(0), column(0), column(columns), column(rows)]
  let told = 0
  for (let stretch = 0; stretch < count; stretch++) {
    if (stretch % paceSteps === 0) {
      await pace(starts[stretch]! - told)
      told = starts[stretch]!
    }
    const area = areas.find(stretch)
    const [start, end] = [starts[stretch]!, starts[stretch + 1]!]
    const row = Math.floor(start / columns)
    cells[area]! += end - start
    left[area] = Math.min(left[area]!, start - row * columns)
    right[area] = Math.max(right[area]!, end - 1 - row * columns)
    below[area] = Math.min(below[area]!, row)
    above[area] = Math.max(above[area]!, row)
    if (area === stretch) continue
    for (const sum of [edges.all, edges.falls, edges.rises]) sum[area]! += sum[stretch]!
  }
  await pace(starts[count]! - told)
  const raised = new Uint8Array(count)
  for (let area = 0; area < count; area++) {
    if (cells[area]! < smallest) continue
    if (right[area]! - left[area]! >= extent || above[area]! - below[area]! >= extent) continue
    const [all, falls, rises] = [edges.all[area]!, edges.falls[area]!, edges.rises[area]!]
    if (falls >= leastFalls * all && rises <= mostRises * all) raised[area] = 1
  }
  return raised
}

function isLevel(drop: number, steepStep: number): boolean {
  return drop <= steepStep && drop >= -steepStep
}
