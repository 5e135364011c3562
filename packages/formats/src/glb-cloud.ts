// GLB files: points as a cloud, triangles as a surface to be sampled; whatever the scene places more than once is there
// more than once.
import { setImmediate } from 'node:timers/promises'
import type { ByteSource } from './byte-source.ts'
import { allocateBatch, cloudBatchPoints } from './foreign-cloud.ts'
import type { CloudBatch, CloudColumn, ForeignCloud, OpenCloudOptions } from './foreign-cloud.ts'
import { FormatError } from './format-error.ts'
import { accessorAt, readAccessor } from './glb-accessors.ts'
import type { GlbAccessor } from './glb-accessors.ts'
import { readGlbContainer } from './glb-container.ts'
import type { GlbContainer } from './glb-container.ts'
import { placedPrimitives, placePoints } from './glb-nodes.ts'
import type { Placement, PlacedPrimitive } from './glb-nodes.ts'
import { optional, objectAt } from './json-shape.ts'
import { requireMeshRoom, sampledCloud, TriangleMesh } from './triangle-mesh.ts'

type Part = {
  readonly path: string
  readonly placement: Placement
  readonly mode: number
  readonly positions: GlbAccessor
  readonly colours?: GlbAccessor
  readonly indices?: GlbAccessor
}

const colours: readonly CloudColumn[] = ['red', 'green', 'blue'].map((name) => ({
  name,
  type: 'float32',
  range: [0, 1],
}))
const isSurface = ({ mode }: Part) => mode >= 4
/** A file may place the same points any number of times. */
const mostPoints = 2 ** 32

export async function openGlb(source: ByteSource, options: OpenCloudOptions): Promise<ForeignCloud> {
  const container = await readGlbContainer(source)
  const all = placedPrimitives(container.json).map((primitive) => partOf(container, primitive))
  const parts = all.filter(({ mode }) => mode === 0 || mode >= 4)
  if (parts.length < all.length) options.warn?.(`${all.length - parts.length} sets of lines are left out`)
  if (parts.length > 0) options.warn?.('y points up in glTF: it has become z, and z has become -y')
  const columns = parts.some((part) => part.colours) ? colours : []
  const surfaces = parts.filter(isSurface)
  const points = options.sampleMesh ? parts.filter((part) => !isSurface(part)) : parts
  const total = points.reduce((sum, { positions }) => sum + positions.count, 0)
  if (total > mostPoints)
    throw new FormatError('Unsupported', '$.nodes', `expected at most ${mostPoints} points, got ${total}`)
  if (surfaces.length > 0 && !options.sampleMesh)
    options.warn?.('triangles are left out: the points are their corners')
  const cloud = pointsOf(source, points, columns)
  if (surfaces.length === 0 || !options.sampleMesh) return cloud
  const mesh = await readMesh(source, surfaces, columns, options)
  const sampled = sampledCloud(mesh, columns, options.sampleMesh)
  if (points.length === 0) return sampled
  return {
    columns,
    async *batches(signal) {
      for await (const batch of sampled.batches(signal)) yield { ...batch, share: batch.share / 2 }
      for await (const batch of cloud.batches(signal)) yield { ...batch, share: 0.5 + batch.share / 2 }
    },
  }
}

function partOf(container: GlbContainer, { primitive, path, placement, mode }: PlacedPrimitive): Part {
  const attributes = objectAt(primitive.attributes, `${path}.attributes`)
  const positions = accessorAt(container, attributes.POSITION, `${path}.attributes.POSITION`, [3])
  const coloursAt = `${path}.attributes.COLOR_0`
  const colours = optional(attributes, 'COLOR_0', (index) => accessorAt(container, index, coloursAt, [3, 4]))
  if (colours && colours.count !== positions.count)
    throw new FormatError('Corrupt', coloursAt, `expected ${positions.count} colours, got ${colours.count}`)
  const indices = optional(primitive, 'indices', (index) =>
    accessorAt(container, index, `${path}.indices`, [1]),
  )
  if (indices && !indices.type.startsWith('uint'))
    throw new FormatError(
      'Invalid',
      `${path}.indices`,
      `expected whole numbers from 0 on, got ${indices.type}`,
    )
  return { path, placement, mode, positions, ...(colours && { colours }), ...(indices && { indices }) }
}

function pointsOf(source: ByteSource, parts: readonly Part[], columns: readonly CloudColumn[]): ForeignCloud {
  const total = parts.reduce((sum, { positions }) => sum + positions.count, 0)
  return {
    columns,
    async *batches(signal) {
      const batch = allocateBatch(columns.length)
      let done = 0
      for (const part of parts) {
        for (let first = 0; first < part.positions.count; first += cloudBatchPoints) {
          const count = Math.min(cloudBatchPoints, part.positions.count - first)
          await readPart(source, part, first, count, batch)
          await setImmediate()
          signal?.throwIfAborted()
          done += count
          yield { ...batch, count, share: done / total }
        }
      }
    },
  }
}

/** Places and colours of some vertices; what has no colour is white. */
async function readPart(
  source: ByteSource,
  { positions, colours, placement }: Part,
  first: number,
  count: number,
  { x, y, z, columns }: Pick<CloudBatch, 'x' | 'y' | 'z' | 'columns'>,
): Promise<void> {
  await readAccessor(source, positions, first, count, [x, y, z])
  placePoints(placement, x, y, z, count)
  if (colours) await readAccessor(source, colours, first, count, columns)
  else for (const column of columns) column.fill(1)
}

async function readMesh(
  source: ByteSource,
  parts: readonly Part[],
  columns: readonly CloudColumn[],
  { signal, onShare }: OpenCloudOptions,
): Promise<TriangleMesh> {
  const corners = (part: Part) => (part.indices ?? part.positions).count
  const vertexCount = parts.reduce((sum, { positions }) => sum + positions.count, 0)
  const cornerCount = parts.reduce((sum, part) => sum + corners(part), 0)
  requireMeshRoom(24 * vertexCount + 12 * cornerCount)
  const mesh = new TriangleMesh(vertexCount, columns.length)
  const batch = allocateBatch(columns.length)
  let [base, done] = [0, 0]
  for (const part of parts) {
    for (let first = 0; first < part.positions.count; first += cloudBatchPoints) {
      const count = Math.min(cloudBatchPoints, part.positions.count - first)
      await readPart(source, part, first, count, batch)
      for (const [axis, values] of [batch.x, batch.y, batch.z].entries())
        for (let i = 0; i < count; i++) mesh.positions[3 * (base + first + i) + axis] = values[i]!
      for (const [i, values] of mesh.cornerColumns.entries())
        values.set(batch.columns[i]!.subarray(0, count), base + first)
      await setImmediate()
      signal?.throwIfAborted()
    }
    await addTriangles(source, part, base, mesh, signal)
    base += part.positions.count
    onShare?.(++done / parts.length)
  }
  return mesh
}

async function addTriangles(
  source: ByteSource,
  { indices, positions, mode, path }: Part,
  base: number,
  mesh: TriangleMesh,
  signal: AbortSignal | undefined,
): Promise<void> {
  const count = (indices ?? positions).count
  const values = new Float64Array(Math.min(count, cloudBatchPoints))
  // The corners before this one: the first of all for a fan, the last two.
  let [start, older, newer] = [0, 0, 0]
  for (let first = 0; first < count; first += cloudBatchPoints) {
    const length = Math.min(cloudBatchPoints, count - first)
    if (indices) await readAccessor(source, indices, first, length, [values])
    else for (let i = 0; i < length; i++) values[i] = first + i
    for (let i = 0, n = first; i < length; i++, n++) {
      const corner = values[i]!
      if (corner >= positions.count)
        throw new FormatError(
          'Corrupt',
          `${path}.indices`,
          `expected vertices below ${positions.count}, got ${corner}`,
        )
      if (n === 0) start = corner
      const ends = mode === 4 ? n % 3 === 2 : n >= 2
      if (ends) mesh.addTriangle(base + (mode === 6 ? start : older), base + newer, base + corner)
      older = newer
      newer = corner
    }
    await setImmediate()
    signal?.throwIfAborted()
  }
}
