// Everything that tiles have to know of the whole, from samples and from the points around some of them.
import {
  buildPointTree,
  CellIndex,
  type CloudFrame,
  frameOfSamples,
  inSteps,
  NeighbourSearch,
  type Place,
  type PointArrays,
  spacingNeighbour,
  spacingOf,
} from '@alidade/analysis'
import { placesWhere } from '../../point-clouds/tiles/places.ts'
import { chosen, neighboursOf } from './survey-in-tiles.ts'
import type { NumberedPoints } from '../../point-clouds/tiles/point-files.ts'
import { contains, type TileBounds, withinEdge } from '../../point-clouds/tiles/plan-tiles.ts'

/** The later survey as changes are told from it, in place. */
export function moveBack<Points extends PointArrays>(points: Points, shift: Place): Points {
  for (const [axis, values] of [points.x, points.y, points.z].entries())
    for (let i = 0; i < values.length; i++) values[i]! -= shift[axis]!
  return points
}

export function copyOf({ x, y, z }: PointArrays): PointArrays {
  return { x: x.slice(), y: y.slice(), z: z.slice() }
}

/** As `compareClouds` counts coordinates of all points; of the samples for it. */
export function frameOfSurveys(samples: readonly PointArrays[], pointCounts: readonly number[]): CloudFrame {
  return frameOfSamples(
    samples,
    pointCounts.reduce((sum, count) => sum + count, 0),
  )
}

export interface SpacingSources {
  /** The points that tell the spacing, as they lie. */
  seeds: PointArrays
  tiles: readonly TileBounds[]
  boxes: readonly (readonly number[])[]
  halo: number
  frame: CloudFrame
  /** What is taken from coordinates before they are compared. */
  shift: Place
  /** The points in and around a tile, as they lie. */
  read(tile: number, isWanted: (x: number, y: number) => boolean): Promise<NumberedPoints>
  onTile(tile: number): void
}

/** Share of the halo that is looked at around each seed before all else is. */
const nearInHalos = 1 / 4

/** The spacing of a survey, as `pointSpacing` finds it with all its points in memory. */
export async function spacingInTiles(sources: SpacingSources): Promise<number> {
  const { seeds, tiles, halo, frame, shift, read, onTile } = sources
  const { centre, quantum } = frame
  const squared: number[] = []
  const open: number[] = []
  const near = tiles.length > 1 ? nearInHalos * halo : Infinity
  for (const [tile, bounds] of tiles.entries()) {
    const own = placesWhere(seeds.x.length, (i) => contains(bounds, seeds.x[i]!, seeds.y[i]!))
    if (own.length > 0) {
      const points = await read(tile, isNearTo(chosen(seeds, own), near))
      const tree = buildPointTree(moveBack(points, shift), frame)
      const search = new NeighbourSearch(tree, spacingNeighbour)
      for (const seed of own) {
        const place = [seeds.x, seeds.y, seeds.z].map((values, axis) =>
          inSteps(values[seed]! - shift[axis]! - centre[axis]!, quantum),
        ) as [number, number, number]
        const found = search.squaredDistance(...place)
        const known = Math.min(near, halo + withinEdge(bounds, seeds.x[seed]!, seeds.y[seed]!))
        if (Math.sqrt(found) < known - 4 * quantum) squared.push(found)
        else open.push(seed)
      }
    }
    onTile(tile)
  }
  const survey = {
    frame,
    boxes: movedBoxes(sources.boxes, shift),
    treeOf: async (tile: number) => {
      const isOwn = (x: number, y: number) => contains(tiles[tile]!, x, y)
      return buildPointTree(moveBack(await read(tile, isOwn), shift), frame)
    },
  }
  const places = moveBack(chosen(seeds, Uint32Array.from(open)), shift)
  await neighboursOf(survey, places, spacingNeighbour, (_, found) => squared.push(found.at(-1)!))
  return spacingOf(squared)
}

export function movedBoxes(boxes: readonly (readonly number[])[], shift: Place): number[][] {
  return boxes.map((box) => box.map((value, i) => value - shift[i % 3]!))
}

/** Whether a place may be within `distance` of one of these on both axes. */
function isNearTo({ x, y }: PointArrays, distance: number): (x: number, y: number) => boolean {
  if (!(distance > 0 && distance < Infinity)) return () => true
  const [originX, originY] = [x[0]!, y[0]!]
  const step = (value: number, origin: number) => Math.floor((value - origin) / distance)
  const cells = new CellIndex()
  for (let i = 0; i < x.length; i++)
    for (let beside = 0; beside < 9; beside++)
      cells.add(step(x[i]!, originX) + (beside % 3) - 1, step(y[i]!, originY) + Math.floor(beside / 3) - 1, 0)
  return (placeX, placeY) => cells.find(step(placeX, originX), step(placeY, originY), 0) >= 0
}
