// OBJ files: the vertices as a cloud, or the faces as a surface to be sampled.
import type { ByteSource } from './byte-source.ts'
import { corrupt, FormatError } from './format-error.ts'
import { allocateBatch, cloudBatchPoints } from './foreign-cloud.ts'
import type { CloudColumn, ForeignCloud, OpenCloudOptions } from './foreign-cloud.ts'
import type { LineCursor } from './line-cursor.ts'
import { readObjLines, readObjNumbers } from './obj-lines.ts'
import { sampledCloud, TriangleMesh } from './triangle-mesh.ts'

export async function openObj(source: ByteSource, options: OpenCloudOptions): Promise<ForeignCloud> {
  const contents = await countContents(source, options.signal)
  if (contents.vertices === 0)
    throw new FormatError('NotAPointCloud', 'file', 'expected lines of vertices (v), got none')
  if (contents.faces > 0 && options.sampleMesh) return openMesh(source, contents, options)
  if (contents.faces > 0)
    options.warn?.(`the ${contents.faces} faces are left out: the points are their corners`)
  if (contents.normals > 0 && !contents.normalsPair)
    options.warn?.(`the ${contents.normals} normals are left out: they do not stand beside their vertices`)
  return verticesOf(source, contents)
}

type Contents = {
  vertices: number
  normals: number
  faces: number
  /** Numbers of a vertex: 3, 4 with a weight, 6 with a colour, 7 with both. */
  width: number
  /** Whether there is a normal for each vertex, and never far from it. */
  normalsPair: boolean
}

async function countContents(source: ByteSource, signal: AbortSignal | undefined): Promise<Contents> {
  const contents: Contents = { vertices: 0, normals: 0, faces: 0, width: 0, normalsPair: true }
  const count = () => {
    if (Math.abs(contents.vertices - contents.normals) >= cloudBatchPoints) contents.normalsPair = false
  }
  const lines = readObjLines(
    source,
    {
      v: (cursor) => {
        if (contents.vertices++ === 0) contents.width = widthOf(cursor)
        count()
      },
      vn: () => {
        contents.normals++
        count()
      },
      f: () => {
        contents.faces++
      },
    },
    signal,
  )
  for await (const _ of lines);
  if (contents.normals !== contents.vertices) contents.normalsPair = false
  return contents
}

function widthOf(cursor: LineCursor): number {
  let width = 0
  for (; width < 8 && cursor.hasWord(); width++) cursor.word()
  if ([3, 4, 6, 7].includes(width)) return width
  throw corrupt(`line ${cursor.line}`, 'a vertex of 3, 4, 6 or 7 numbers', width === 8 ? 'more' : width)
}

const colours: readonly CloudColumn[] = ['red', 'green', 'blue'].map((name) => ({ name, type: 'float32' }))
const normals: readonly CloudColumn[] = ['nx', 'ny', 'nz'].map((name) => ({ name, type: 'float32' }))

function verticesOf(source: ByteSource, { width, normalsPair }: Contents): ForeignCloud {
  const coloured = width >= 6
  const columns = [...(coloured ? colours : []), ...(normalsPair ? normals : [])]
  return {
    columns,
    async *batches(signal) {
      // Twice the points: a vertex and its normal are less than a batch apart.
      const room = 2 * cloudBatchPoints
      const batch = allocateBatch(columns.length, room)
      const all = [batch.x, batch.y, batch.z, ...batch.columns]
      let [points, directions] = [0, 0]
      const row = new Float64Array(8)
      const v = (cursor: LineCursor) => {
        readObjNumbers(cursor, row, width)
        batch.x[points] = row[0]!
        batch.y[points] = row[1]!
        batch.z[points] = row[2]!
        if (coloured)
          for (let band = 0; band < 3; band++) batch.columns[band]![points] = row[width - 3 + band]!
        points++
      }
      const vn = (cursor: LineCursor) => {
        readObjNumbers(cursor, row, 3)
        for (let axis = 0; axis < 3; axis++)
          batch.columns[columns.length - 3 + axis]![directions] = row[axis]!
        directions++
      }
      const isFull = () => points === room || directions === room
      for await (const share of readObjLines(source, normalsPair ? { v, vn } : { v }, signal, isFull)) {
        const count = normalsPair ? Math.min(points, directions) : points
        yield { ...batch, count, share }
        for (const column of all) column.copyWithin(0, count)
        points -= count
        if (normalsPair) directions -= count
      }
    },
  }
}

async function openMesh(
  source: ByteSource,
  contents: Contents,
  { signal, sampleMesh, onShare }: OpenCloudOptions,
): Promise<ForeignCloud> {
  const { width } = contents
  const columns = width >= 6 ? colours : []
  const mesh = new TriangleMesh(contents.vertices, columns.length)
  const row = new Float64Array(8)
  let corners = new Float64Array(16)
  let vertices = 0
  const v = (cursor: LineCursor) => {
    readObjNumbers(cursor, row, width)
    mesh.positions.set(row.subarray(0, 3), 3 * vertices)
    for (const [band, values] of mesh.cornerColumns.entries()) values[vertices] = row[width - 3 + band]!
    vertices++
  }
  const f = (cursor: LineCursor) => {
    let count = 0
    for (; cursor.hasWord(); count++) {
      const index = cursor.numberBefore(slash)
      if (!Number.isInteger(index) || index === 0)
        throw corrupt(
          `line ${cursor.line}`,
          'numbers of vertices',
          JSON.stringify(cursor.lastWord().slice(0, 40)),
        )
      if (count === corners.length) {
        const longer = new Float64Array(2 * count)
        longer.set(corners)
        corners = longer
      }
      // From 1 on, or backwards from the vertex before the face.
      corners[count] = index > 0 ? index - 1 : vertices + index
    }
    if (count < 3) throw corrupt(`line ${cursor.line}`, 'a face of three corners or more', count)
    mesh.addPolygon(corners, count, () => `line ${cursor.line}`)
  }
  for await (const share of readObjLines(source, { v, f }, signal)) onShare?.(share)
  return sampledCloud(mesh, columns, sampleMesh!)
}

const slash = 0x2f
