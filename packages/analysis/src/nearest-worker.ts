/** The thread side of `compareClouds`: indexes a cloud when told to, then takes chunks until none is left. */
import { parentPort, workerData } from 'node:worker_threads'
import { measureAbsence } from './absence.ts'
import type { CloudFrame } from './cloud-frame.ts'
import { nodesOfChunk } from './distance-blocks.ts'
import { nearestDistancesOfNodes } from './nearest-distances.ts'
import type { PointArrays } from './point-arrays.ts'
import { pointSpacingOfTree } from './point-spacing.ts'
import { buildPointTree, type PointTree } from './point-tree.ts'

export type NearestWorkerData = {
  readonly clouds: readonly [PointArrays, PointArrays]
  readonly frame: CloudFrame
  /** Whether they are to be found. */
  readonly spacings: boolean
}

export type NearestTask =
  | { readonly kind: 'index'; readonly cloud: 0 | 1 }
  | {
      readonly kind: 'compare'
      readonly passes: readonly NearestPass[]
      readonly nextChunk: Int32Array
      /** The chunk to end before. */
      readonly endChunk: number
    }

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

const port = parentPort
if (port === null) throw new Error('nearest-worker.ts must run in a worker thread')
const { clouds, frame, spacings } = workerData as NearestWorkerData
const report = (message: NearestReport) => port.postMessage(message)

port.on('message', (task: NearestTask) => {
  if (task.kind === 'index') index(task.cloud)
  else compare(task)
})

function index(cloud: 0 | 1): void {
  let unreported = 0
  const tree = buildPointTree(clouds[cloud], frame, (points) => {
    unreported += points
    if (unreported < pointsPerReport) return
    report({ kind: 'indexed', points: unreported })
    unreported = 0
  })
  if (unreported > 0) report({ kind: 'indexed', points: unreported })
  report({ kind: 'tree', cloud, tree, spacing: spacings ? pointSpacingOfTree(tree) : Number.NaN })
}

function compare({ passes, nextChunk, endChunk }: Extract<NearestTask, { kind: 'compare' }>): void {
  for (;;) {
    const chunk = Atomics.add(nextChunk, 0, 1)
    const nodes = chunk < endChunk ? nodesOfChunk(passes, chunk) : undefined
    if (nodes === undefined) break
    const { pass, from, to } = nodes
    const points = nearestDistancesOfNodes(pass.query, pass.reference, pass.distance, from, to)
    const { absence } = pass
    if (absence !== undefined) measureAbsence(pass.query, pass.distance, absence, from, to)
    report({ kind: 'compared', points })
  }
  report({ kind: 'idle' })
}
