/** The tasks of `compareClouds`, whichever thread takes them. */
import { measureAbsence } from './absence.ts'
import type { CloudFrame } from './cloud-frame.ts'
import { nodesOfChunk } from './distance-blocks.ts'
import { nearestDistancesOfNodes } from './nearest-distances.ts'
import type { PointArrays } from './point-arrays.ts'
import { pointSpacingOfTree } from './point-spacing.ts'
import { buildPointTree, type PointTree } from './point-tree.ts'

export type NearestData = {
  readonly clouds: readonly [PointArrays, PointArrays]
  readonly frame: CloudFrame
  /** Whether they are to be found. */
  readonly spacings: boolean
}

export type IndexTask = {
  readonly kind: 'index'
  readonly cloud: 0 | 1
  /** Whether nothing is searched for in it; see `buildPointTree`. */
  readonly forQueries: boolean
}
export type CompareTask = {
  readonly kind: 'compare'
  readonly passes: readonly NearestPass[]
  readonly nextChunk: Int32Array
  /** The chunk to end before. */
  readonly endChunk: number
}
export type NearestTask = IndexTask | CompareTask

/** One direction: every point of `query` against `reference`. */
export type NearestPass = {
  readonly query: PointTree
  readonly reference: PointTree
  readonly distance: Float32Array
  /** Where to say how surely `reference` has nothing where it would have; see `absence.ts`. */
  readonly absence?: { readonly values: Float32Array; readonly neighbours: number; readonly from: number }
}

export type NearestReport =
  | { readonly kind: 'indexed'; readonly points: number }
  | { readonly kind: 'tree'; readonly cloud: 0 | 1; readonly tree: PointTree; readonly spacing: number }
  | { readonly kind: 'compared'; readonly points: number }
  | { readonly kind: 'idle' }

const pointsPerReport = 1 << 16

/** Ends with the report of the tree. `beside`: see `PointTreeOptions`. */
export function indexCloud(
  { clouds, frame, spacings }: NearestData,
  { cloud, forQueries }: IndexTask,
  report: (report: NearestReport) => void,
  beside?: PointTree,
): PointTree {
  let unreported = 0
  const onIndexed = (points: number) => {
    unreported += points
    if (unreported < pointsPerReport) return
    report({ kind: 'indexed', points: unreported })
    unreported = 0
  }
  const tree = buildPointTree(clouds[cloud], frame, { onIndexed, forQueries, beside })
  if (unreported > 0) report({ kind: 'indexed', points: unreported })
  report({ kind: 'tree', cloud, tree, spacing: spacings ? pointSpacingOfTree(tree) : Number.NaN })
  return tree
}

/** One chunk that nobody has taken yet; idle where there is none. */
export function compareChunk({ passes, nextChunk, endChunk }: CompareTask): NearestReport {
  const chunk = Atomics.add(nextChunk, 0, 1)
  const nodes = chunk < endChunk ? nodesOfChunk(passes, chunk) : undefined
  if (nodes === undefined) return { kind: 'idle' }
  const { pass, from, to } = nodes
  const points = nearestDistancesOfNodes(pass.query, pass.reference, pass.distance, from, to)
  const { absence } = pass
  if (absence !== undefined) measureAbsence(pass.query, pass.distance, absence, from, to)
  return { kind: 'compared', points }
}
