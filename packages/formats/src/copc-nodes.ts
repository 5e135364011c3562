// Points of a COPC file by place and resolution: only the chunks of the octree's nodes that meet a box are decoded.
import type { ByteSource } from './byte-source.ts'
import { readCopcHierarchy } from './copc-hierarchy.ts'
import type { CopcKey, CopcNode } from './copc-hierarchy.ts'
import { readCopcInfo } from './copc-info.ts'
import type { CopcInfo } from './copc-info.ts'
import { corrupt, FormatError } from './format-error.ts'
import type { Vector3 } from './las-coordinates.ts'
import type { LasHeader } from './las-header.ts'
import { batchPointsOf } from './las-points.ts'
import type { PointBatch, ReadPointsOptions } from './las-points.ts'
import { readLazBatches } from './laz-batches.ts'
import { chooseChunks, readLazChunks } from './laz-chunks.ts'
import type { LazChunks } from './laz-chunks.ts'

export type ReadCopcOptions = ReadPointsOptions & {
  /** In the unit of the CRS; default all. */
  readonly box?: { readonly min: Vector3; readonly max: Vector3 }
  /** Space between points that is fine enough, in the unit of the CRS; default: all points. */
  readonly resolution?: number
}

/**
 * Yields the points of every node that meets the box and whose parents do not reach the resolution yet, in file order and
 * with their index in the file. Nodes are whole: points of them outside of the box come as well. FormatError `Unsupported`
 * when the file is not a COPC, `Corrupt` when its hierarchy, chunk table and header contradict each other.
 */
export async function* readCopcNodes(
  source: ByteSource,
  header: LasHeader,
  options: ReadCopcOptions = {},
): AsyncGenerator<PointBatch, void, undefined> {
  const { box, resolution, signal, threads = 1 } = options
  if (resolution !== undefined && !(resolution > 0)) {
    throw new RangeError(`expected a resolution above 0, got ${resolution}`)
  }
  const batchPoints = batchPointsOf(header, options)
  const info = readCopcInfo(header)
  if (!info || !header.compressed) {
    throw new FormatError('Unsupported', 'COPC info VLR', 'expected one in a LAZ file, got none')
  }
  signal?.throwIfAborted()
  const chunks = await readLazChunks(source, header)
  if (chunks.offsets.length === 0) return
  const levels = resolution === undefined ? Infinity : levelOf(resolution, info)
  const wanted = (key: CopcKey) => key.level <= levels && (!box || meets(key, info, header, box))
  const nodes = await readCopcHierarchy(source, info, wanted, {
    mostPages: chunks.offsets.length + 1,
    signal,
  })
  const chosen = chunksOf(nodes, chunks)
  const all = box === undefined && resolution === undefined
  const points = nodes.reduce((sum, { pointCount }) => sum + pointCount, 0)
  if (all && points !== header.pointCount) {
    throw corrupt('COPC hierarchy', `nodes of ${header.pointCount} points in all`, points)
  }
  yield* readLazBatches(source, header, chooseChunks(chunks, chosen), { batchPoints, threads, signal })
}

/** The first level whose points are no farther apart. */
function levelOf(resolution: number, { spacing }: CopcInfo): number {
  return Math.max(0, Math.ceil(Math.log2(spacing / resolution)))
}

/** A step of the stored integers more on each side: what lies on a border may have been rounded to either. */
function meets(
  { level, x, y, z }: CopcKey,
  { center, halfSize }: CopcInfo,
  { scale }: LasHeader,
  box: { readonly min: Vector3; readonly max: Vector3 },
): boolean {
  const size = (2 * halfSize) / 2 ** level
  return [x, y, z].every((index, axis) => {
    const low = center[axis]! - halfSize + index * size
    return box.min[axis]! <= low + size + scale[axis]! && box.max[axis]! >= low - scale[axis]!
  })
}

/** Indices of their chunks, ascending; each node is one chunk, and each chunk one node. */
function chunksOf(nodes: readonly CopcNode[], chunks: LazChunks): Uint32Array {
  const indexOf = new Map<number, number>()
  for (const [i, offset] of chunks.offsets.entries()) if (chunks.pointCounts[i]! > 0) indexOf.set(offset, i)
  const chosen = nodes.map(({ offset, sizeBytes, pointCount, place }) => {
    const i = indexOf.get(offset)
    if (i === undefined) throw corrupt(place, 'a node that is a chunk of its own', `byte ${offset}`)
    indexOf.delete(offset)
    const [size, count] = [chunks.sizes[i]!, chunks.pointCounts[i]!]
    if (sizeBytes !== size || pointCount !== count) {
      const got = `${pointCount} in ${sizeBytes} bytes`
      throw corrupt(place, `the ${count} points in ${size} bytes of its chunk`, got)
    }
    return i
  })
  return Uint32Array.from(chosen).sort()
}
