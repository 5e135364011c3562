// PLY files: the vertices as a cloud, or the faces as a surface to be sampled.
import type { ByteSource } from './byte-source.ts'
import { colourBand } from './cloud-layout.ts'
import { corrupt, FormatError } from './format-error.ts'
import type { CloudColumn, ForeignCloud, OpenCloudOptions } from './foreign-cloud.ts'
import { readPlyHeader } from './ply-header.ts'
import type { PlyElement, PlyHeader } from './ply-header.ts'
import { readPlyRows } from './ply-rows.ts'
import { sampledCloud, TriangleMesh } from './triangle-mesh.ts'

export async function openPly(source: ByteSource, options: OpenCloudOptions): Promise<ForeignCloud> {
  const header = await readPlyHeader(source)
  const vertices = header.elements.find(({ name }) => name === 'vertex')
  if (vertices === undefined)
    throw new FormatError('NotAPointCloud', 'header', 'expected an element vertex, got none')
  for (const { name, count } of header.elements) {
    if (name !== 'vertex' && name !== 'face' && count > 0)
      options.warn?.(`the ${count} entries of element ${name.slice(0, 40)} are left out`)
  }
  const faces = header.elements.find(({ name, count }) => name === 'face' && count > 0)
  if (faces !== undefined && options.sampleMesh) return openMesh(source, header, vertices, faces, options)
  if (faces !== undefined)
    options.warn?.(`the ${faces.count} faces are left out: the points are their corners`)
  if (vertices.properties.some(({ countType }) => countType !== undefined))
    options.warn?.('lists of values of a vertex are left out')
  return verticesOf(source, header, vertices)
}

type Named = { readonly scalars: readonly number[]; readonly columns: readonly CloudColumn[] }

/** The properties x, y and z, then the others that are no lists. */
function namedScalars({ properties }: PlyElement): Named {
  const places = ['x', 'y', 'z'].map((axis) => {
    const found = properties.findIndex(
      ({ name, countType }) => name.toLowerCase() === axis && countType === undefined,
    )
    if (found < 0)
      throw new FormatError('NotAPointCloud', 'element vertex', `expected a property ${axis}, got none`)
    return found
  })
  const others = properties.flatMap(({ countType }, index) =>
    countType !== undefined || places.includes(index) ? [] : [index],
  )
  return { scalars: [...places, ...others], columns: others.map((index) => properties[index]!) }
}

/** Between corners, colours have values in between; numbers of things have not. */
function coloursOnly({ scalars, columns }: Named): Named {
  const kept = columns.flatMap((column, index) => (colourBand(column.name) === undefined ? [] : [index]))
  return {
    scalars: [...scalars.slice(0, 3), ...kept.map((index) => scalars[3 + index]!)],
    columns: kept.map((index) => columns[index]!),
  }
}

function verticesOf(source: ByteSource, header: PlyHeader, vertices: PlyElement): ForeignCloud {
  const { scalars, columns } = namedScalars(vertices)
  return {
    columns,
    async *batches(signal) {
      const position = { offset: header.dataOffset, line: header.dataLine }
      let last = 0
      for (const element of header.elements) {
        const wanted = { scalars: element === vertices ? scalars : [] }
        for await (const { count, columns } of readPlyRows(
          source,
          header,
          position,
          element,
          wanted,
          signal,
        )) {
          if (element !== vertices) continue
          const [x, y, z, ...others] = columns
          last = position.offset / source.sizeBytes
          yield { count, x: x!, y: y!, z: z!, columns: others, share: last }
        }
      }
      await requireEnd(source, position.offset)
    },
  }
}

async function openMesh(
  source: ByteSource,
  header: PlyHeader,
  vertices: PlyElement,
  faces: PlyElement,
  { signal, sampleMesh, onShare }: OpenCloudOptions,
): Promise<ForeignCloud> {
  const { scalars, columns } = coloursOnly(namedScalars(vertices))
  const property = faces.properties.findIndex(
    ({ name, countType }) => countType !== undefined && /^vertex_ind(?:ices|ex)$/.test(name),
  )
  if (property < 0) throw corrupt('element face', 'a list vertex_indices', 'none')
  const mesh = new TriangleMesh(vertices.count, columns.length)
  let face = 0
  const take = (values: Float64Array, count: number) => {
    face++
    mesh.addPolygon(values, count, () => `element face ${face}`)
  }
  const position = { offset: header.dataOffset, line: header.dataLine }
  for (const element of header.elements) {
    const wanted =
      element === faces
        ? { scalars: [], list: { property, take } }
        : { scalars: element === vertices ? scalars : [] }
    let done = 0
    for await (const { count, columns } of readPlyRows(source, header, position, element, wanted, signal)) {
      if (element === vertices) {
        for (let axis = 0; axis < 3; axis++)
          for (let i = 0; i < count; i++) mesh.positions[3 * (done + i) + axis] = columns[axis]![i]!
        for (const [index, values] of mesh.cornerColumns.entries())
          values.set(columns[3 + index]!.subarray(0, count), done)
      }
      done += count
      onShare?.(position.offset / source.sizeBytes)
    }
  }
  await requireEnd(source, position.offset)
  onShare?.(1)
  return sampledCloud(mesh, columns, sampleMesh!)
}

/** Blank is what may follow the last element: whatever else is there has not been read. */
async function requireEnd(source: ByteSource, offset: number): Promise<void> {
  const rest = await source.read(offset, Math.min(64, source.sizeBytes - offset))
  if (rest.every((byte) => byte === 0 || byte === 9 || byte === 10 || byte === 13 || byte === 32)) return
  throw corrupt(
    `byte ${offset}`,
    'the end of the file behind the last element',
    `${source.sizeBytes - offset} bytes more`,
  )
}
