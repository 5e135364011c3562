/** The work of `compareClouds` in blocks: chunks of leaves for the threads, and runs of chunks that can be kept. */
import type { Kept } from './kept.ts'
import type { NearestPass } from './nearest-tasks.ts'

/** About ten thousand points: some milliseconds of work. */
const chunkNodes = 512
const chunkPoints = 10_000

/** Chunks are numbered through all passes; undefined beyond the last one. `before`: points of the passes before. */
export function nodesOfChunk(
  passes: readonly NearestPass[],
  chunk: number,
): { pass: NearestPass; before: number; from: number; to: number } | undefined {
  let left = chunk
  let before = 0
  for (const pass of passes) {
    const chunks = chunksOf(pass.query)
    if (left < chunks) {
      const from = left * chunkNodes
      return { pass, before, from, to: Math.min(from + chunkNodes, pass.query.nodeCount) }
    }
    left -= chunks
    before += pass.query.pointCount
  }
  return undefined
}

export function chunksPerBlock({ blockPoints }: Kept): number {
  return Math.ceil(blockPoints / chunkPoints)
}

function chunksOf({ nodeCount }: { nodeCount: number }): number {
  return Math.ceil(nodeCount / chunkNodes)
}

/** Of each point of a block: its place among the points of all passes, one after the other, and its values. */
type DistanceBlock = readonly [place: Uint32Array, distance: Float32Array, absence: Float32Array]

function emptyBlock(pointCount: number): DistanceBlock {
  return [new Uint32Array(pointCount), new Float32Array(pointCount), new Float32Array(pointCount)]
}

/** Where the distances and the absence of the points of both clouds go; absence may be empty. */
export type DistanceColumns = readonly { readonly distance: Float32Array; readonly absence: Float32Array }[]

/** What is kept of the trees: with it, and all blocks, there is no need of them. */
export type KeptTrees = { spacings: [number, number]; known: Set<number>; blockPoints: Uint32Array }

/** Fills in the blocks that were kept; undefined where nobody got so far as to begin them. */
export async function takeBlocks(kept: Kept, columns: DistanceColumns): Promise<KeptTrees | undefined> {
  const trees = new Float64Array(3)
  if (!(await kept.take('trees', [trees]))) return undefined
  const blockPoints = new Uint32Array(trees[2]!)
  if (!(await kept.take('blocks', [blockPoints]))) return undefined
  const known = new Set<number>()
  for (const [number, points] of blockPoints.entries()) {
    const block = emptyBlock(points)
    if (!(await kept.take(`block-${number}`, block))) continue
    scatter(block, columns)
    known.add(number)
  }
  return { spacings: [trees[0]!, trees[1]!], known, blockPoints }
}

/** Keeps what `takeBlocks` has to know first; returns the number of points of each block. */
export async function keepTrees(
  kept: Kept,
  spacings: readonly number[],
  passes: readonly NearestPass[],
): Promise<Uint32Array> {
  const length = Math.ceil(chunkCount(passes) / chunksPerBlock(kept))
  const blockPoints = Uint32Array.from({ length }, (_, number) => pointsOfBlock(kept, passes, number))
  await kept.keep('blocks', [blockPoints])
  await kept.keep('trees', [Float64Array.of(spacings[0]!, spacings[1]!, blockPoints.length)])
  return blockPoints
}

/** Keeps what the threads have found for one block. */
export async function keepBlock(kept: Kept, passes: readonly NearestPass[], number: number): Promise<void> {
  const block = emptyBlock(pointsOfBlock(kept, passes, number))
  const [place, distance, absence] = block
  let at = 0
  forEachPoint(kept, passes, number, (pass, before, point) => {
    place[at] = before + point
    distance[at] = pass.distance[point]!
    absence[at++] = pass.absence?.values[point] ?? 0
  })
  await kept.keep(`block-${number}`, block)
}

function scatter([place, distance, absence]: DistanceBlock, columns: DistanceColumns): void {
  const [first, second] = columns
  const split = first!.distance.length
  for (let i = 0; i < place.length; i++) {
    const into = place[i]! < split ? first! : second!
    const point = place[i]! < split ? place[i]! : place[i]! - split
    into.distance[point] = distance[i]!
    if (into.absence.length > 0) into.absence[point] = absence[i]!
  }
}

export function chunkCount(passes: readonly NearestPass[]): number {
  return passes.reduce((sum, { query }) => sum + chunksOf(query), 0)
}

function pointsOfBlock(kept: Kept, passes: readonly NearestPass[], number: number): number {
  let points = 0
  forEachPoint(kept, passes, number, () => points++)
  return points
}

function forEachPoint(
  kept: Kept,
  passes: readonly NearestPass[],
  block: number,
  visit: (pass: NearestPass, before: number, point: number) => void,
): void {
  const size = chunksPerBlock(kept)
  const end = Math.min((block + 1) * size, chunkCount(passes))
  for (let chunk = block * size; chunk < end; chunk++) {
    const { pass, before, from, to } = nodesOfChunk(passes, chunk)!
    const { link, index } = pass.query
    for (let node = from; node < to; node++) {
      const first = link[8 * node + 3]!
      // Inner nodes have no points.
      const after = first + Math.abs(link[8 * node + 7]!)
      for (let i = first; i < after; i++) visit(pass, before, index[i]!)
    }
  }
}
