// A surface in memory while it is read, and the cloud of points that it is sampled into.
import { setImmediate } from 'node:timers/promises'
import { corrupt, FormatError } from './format-error.ts'
import { allocateBatch, cloudBatchPoints, largestCoordinate } from './foreign-cloud.ts'
import type { CloudBatch, CloudColumn, ForeignCloud, SampleMesh } from './foreign-cloud.ts'

/** What a surface may take of the memory of a job. */
const mostMeshBytes = 2 * 1024 ** 3
const vertexBytes = 24

/** Vertices by number, triangles of them; the corner columns (colours) are values at the vertices. */
export class TriangleMesh {
  readonly positions: Float64Array
  readonly cornerColumns: readonly Float64Array[]
  private corners = new Uint32Array(3 * 1024)
  private cornerCount = 0

  /** FormatError `Unsupported` where so many vertices are more than memory is given for. */
  constructor(vertexCount: number, columns: number) {
    requireMeshRoom(vertexCount * (vertexBytes + 8 * columns))
    this.positions = new Float64Array(3 * vertexCount)
    this.cornerColumns = Array.from({ length: columns }, () => new Float64Array(vertexCount))
  }

  get triangles(): Uint32Array {
    return this.corners.subarray(0, this.cornerCount)
  }

  /** Cuts a polygon into triangles around its first corner; fewer than three corners are no surface. */
  addPolygon(vertices: Float64Array, count: number, place: () => string): void {
    const vertexCount = this.positions.length / 3
    for (let i = 0; i < count; i++) {
      const vertex = vertices[i]!
      if (!(vertex >= 0 && vertex < vertexCount && Number.isInteger(vertex)))
        throw corrupt(place(), `vertices 0 to ${vertexCount - 1}`, vertex)
    }
    for (let i = 2; i < count; i++) this.addTriangle(vertices[0]!, vertices[i - 1]!, vertices[i]!)
  }

  addTriangle(a: number, b: number, c: number): void {
    if (this.cornerCount + 3 > this.corners.length) this.grow()
    this.corners[this.cornerCount++] = a
    this.corners[this.cornerCount++] = b
    this.corners[this.cornerCount++] = c
  }

  private grow(): void {
    const vertexRoom = this.positions.byteLength + this.cornerColumns.length * (this.positions.byteLength / 3)
    requireMeshRoom(vertexRoom + 2 * this.corners.byteLength)
    const grown = new Uint32Array(2 * this.corners.length)
    grown.set(this.corners)
    this.corners = grown
  }
}

export function requireMeshRoom(sizeBytes: number): void {
  if (sizeBytes <= mostMeshBytes) return
  const problem = `expected a surface that takes at most ${mostMeshBytes} bytes of memory, got one of ${sizeBytes}`
  throw new FormatError('Unsupported', 'surface', problem)
}

const mostSamples = 1_000_000_000

/** The points that `sampleMesh` makes of a surface; what is known at its corners is interpolated between them. */
export function sampledCloud(
  mesh: TriangleMesh,
  columns: readonly CloudColumn[],
  sampleMesh: SampleMesh,
): ForeignCloud {
  const { positions, triangles } = mesh
  requirePositions(positions)
  const sampling = sampleMesh(positions, triangles)
  if (sampling.pointCount > mostSamples) {
    const problem = `expected at most ${mostSamples} samples of the surface, got ${sampling.pointCount}; a coarser resolution makes fewer`
    throw new FormatError('Unsupported', 'surface', problem)
  }
  return {
    columns,
    async *batches(signal) {
      const batch = allocateBatch(columns.length)
      let done = 0
      for (const samples of sampling.batches()) {
        // Also where there is none in a batch: large triangles may take long between two points.
        await setImmediate()
        signal?.throwIfAborted()
        for (let first = 0; first < samples.count; first += cloudBatchPoints) {
          const count = Math.min(cloudBatchPoints, samples.count - first)
          const { x, y, z, triangle } = samples
          for (let i = 0; i < count; i++) {
            batch.x[i] = x[first + i]!
            batch.y[i] = y[first + i]!
            batch.z[i] = z[first + i]!
            if (columns.length > 0) interpolate(mesh, triangle[first + i]!, batch, i)
          }
          done += count
          yield { ...batch, count, share: Math.min(1, done / sampling.pointCount) }
        }
      }
    },
  }
}

function requirePositions(positions: Float64Array): void {
  for (let i = 0; i < positions.length; i++) {
    if (Math.abs(positions[i]!) <= largestCoordinate) continue
    throw corrupt(
      `vertex ${Math.floor(i / 3) + 1}`,
      `a finite place below ${largestCoordinate}`,
      positions[i],
    )
  }
}

/** Values at a point of a triangle, weighted by the areas across from the corners. */
function interpolate(
  { positions, triangles, cornerColumns }: TriangleMesh,
  triangle: number,
  batch: Omit<CloudBatch, 'count' | 'share'>,
  i: number,
): void {
  const [a, b, c] = [triangles[3 * triangle]!, triangles[3 * triangle + 1]!, triangles[3 * triangle + 2]!]
  let [bb, cc, bc, pb, pc] = [0, 0, 0, 0, 0]
  for (const [axis, place] of [batch.x[i]!, batch.y[i]!, batch.z[i]!].entries()) {
    const start = positions[3 * a + axis]!
    const [toB, toC, toP] = [
      positions[3 * b + axis]! - start,
      positions[3 * c + axis]! - start,
      place - start,
    ]
    bb += toB * toB
    cc += toC * toC
    bc += toB * toC
    pb += toP * toB
    pc += toP * toC
  }
  const area = bb * cc - bc * bc
  const weightB = area > 0 ? Math.min(1, Math.max(0, (cc * pb - bc * pc) / area)) : 0
  const weightC = area > 0 ? Math.min(1 - weightB, Math.max(0, (bb * pc - bc * pb) / area)) : 0
  for (const [index, values] of cornerColumns.entries()) {
    const value = values[a]! + weightB * (values[b]! - values[a]!) + weightC * (values[c]! - values[a]!)
    batch.columns[index]![i] = value
  }
}
