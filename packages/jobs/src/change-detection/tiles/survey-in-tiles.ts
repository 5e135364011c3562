// A whole survey that lies in tiles: for the few questions that a tile and what is around it cannot answer.
import {
  buildPointTree,
  type CloudFrame,
  inSteps,
  nearestDistancesOfNodes,
  NeighbourSearch,
  type PointArrays,
  type PointTree,
} from '@alidade/analysis'
import { placesWhere, valuesAt } from '../../point-clouds/tiles/places.ts'

export interface SurveyInTiles {
  frame: CloudFrame
  /** Around the points of each tile. */
  boxes: readonly (readonly number[])[]
  /** Of the points in a tile, none twice in all tiles. */
  treeOf(tile: number): Promise<PointTree>
}

/** So many places are looked for at a time, which their neighbours have to fit into memory with. */
const placesAtATime = 20_000

/** From each place to the nearest point of the survey, as `compareClouds` finds it. */
export async function distancesTo(survey: SurveyInTiles, places: PointArrays): Promise<Float32Array> {
  const distance = new Float32Array(places.x.length).fill(Infinity)
  await visitTiles(survey, places, {
    reachOf: (place) => distance[place]!,
    look: (tree, asked) => {
      const query = buildPointTree(chosen(places, asked), survey.frame)
      const found = new Float32Array(asked.length)
      nearestDistancesOfNodes(query, tree, found, 0, query.nodeCount)
      for (const [i, place] of asked.entries()) distance[place] = Math.min(distance[place]!, found[i]!)
    },
  })
  return distance
}

/**
 * The squared distances of so many neighbours of each place, ascending; copies of the place itself left out. `take` gets them
 * in order of place.
 */
export async function neighboursOf(
  survey: SurveyInTiles,
  places: PointArrays,
  neighbours: number,
  take: (place: number, squared: Float64Array) => void,
): Promise<void> {
  const { centre, quantum } = survey.frame
  for (let from = 0; from < places.x.length; from += placesAtATime) {
    const to = Math.min(places.x.length, from + placesAtATime)
    const some = {
      x: places.x.subarray(from, to),
      y: places.y.subarray(from, to),
      z: places.z.subarray(from, to),
    }
    const nearest = Array.from({ length: to - from }, () => new Float64Array(neighbours).fill(Infinity))
    await visitTiles(survey, some, {
      reachOf: (place) => Math.sqrt(nearest[place]!.at(-1)!),
      look: (tree, asked) => {
        const search = new NeighbourSearch(tree, neighbours)
        for (const place of asked)
          search.take(
            inSteps(some.x[place]! - centre[0], quantum),
            inSteps(some.y[place]! - centre[1], quantum),
            inSteps(some.z[place]! - centre[2], quantum),
            nearest[place]!,
          )
      },
    })
    for (const [place, squared] of nearest.entries()) take(from + place, squared)
  }
}

/** Tile by tile, the ones nearest to all places first, each for the places that something in it may matter to. */
async function visitTiles(
  { frame, boxes, treeOf }: SurveyInTiles,
  places: PointArrays,
  {
    reachOf,
    look,
  }: { reachOf: (place: number) => number; look: (tree: PointTree, asked: Uint32Array) => void },
): Promise<void> {
  const count = places.x.length
  if (count === 0) return
  const gaps = boxes.map((box) => {
    let least = Infinity
    for (let place = 0; place < count; place++) least = Math.min(least, gapTo(box, places, place))
    return least
  })
  const order = [...boxes.keys()].sort((one, other) => gaps[one]! - gaps[other]!)
  // Coordinates are rounded, and 32 bits keep what was found so far.
  const isInReach = (gap: number, reach: number) => gap <= reach * (1 + 1e-6) + 4 * frame.quantum
  for (const tile of order) {
    const asked = placesWhere(count, (place) => {
      const gap = gapTo(boxes[tile]!, places, place)
      return gap < Infinity && isInReach(gap, reachOf(place))
    })
    if (asked.length > 0) look(await treeOf(tile), asked)
  }
}

function gapTo(box: readonly number[], { x, y, z }: PointArrays, place: number): number {
  const dx = Math.max(box[0]! - x[place]!, x[place]! - box[3]!, 0)
  const dy = Math.max(box[1]! - y[place]!, y[place]! - box[4]!, 0)
  const dz = Math.max(box[2]! - z[place]!, z[place]! - box[5]!, 0)
  return Math.hypot(dx, dy, dz)
}

export function chosen({ x, y, z }: PointArrays, places: Uint32Array): PointArrays {
  return { x: valuesAt(x, places), y: valuesAt(y, places), z: valuesAt(z, places) }
}
