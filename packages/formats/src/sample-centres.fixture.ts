// The plainest sampling of a surface: the middle of each triangle, so that a test sees which triangles were read.
import type { SampleMesh } from './foreign-cloud.ts'

export const sampleCentres: SampleMesh = (positions, triangles) => ({
  pointCount: triangles.length / 3,
  *batches() {
    const count = triangles.length / 3
    const middle = (axis: number) =>
      Float64Array.from({ length: count }, (_, i) => {
        const corners = triangles.subarray(3 * i, 3 * i + 3)
        return corners.reduce((sum, corner) => sum + positions[3 * corner + axis]!, 0) / 3
      })
    const triangle = Uint32Array.from({ length: count }, (_, i) => i)
    yield { count, x: middle(0), y: middle(1), z: middle(2), triangle }
  },
})
