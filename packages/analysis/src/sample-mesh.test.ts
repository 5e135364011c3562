import { expect, test } from 'vitest'
import { seededRandom } from './random-points.fixture.ts'
import { meshResolution, sampleMesh } from './sample-mesh.ts'

type Mesh = { positions: Float64Array; triangles: Uint32Array; area: number }
type Point = [number, number, number]

/** A sheet of `cells` by `cells` squares, each of two triangles, over the unit square, put in place by `at`. */
function sheet(cells: number, at: (u: number, v: number) => Point): Mesh {
  const positions: number[] = []
  for (let i = 0; i <= cells; i++)
    for (let j = 0; j <= cells; j++) positions.push(...at(i / cells, j / cells))
  const triangles: number[] = []
  for (let i = 0; i < cells; i++) {
    for (let j = 0; j < cells; j++) {
      const corner = i * (cells + 1) + j
      triangles.push(
        corner,
        corner + 1,
        corner + cells + 1,
        corner + 1,
        corner + cells + 2,
        corner + cells + 1,
      )
    }
  }
  return meshOf(positions, triangles)
}

function meshOf(positions: number[], triangles: number[]): Mesh {
  let area = 0
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = triangles
      .slice(t, t + 3)
      .map((vertex) => positions.slice(3 * vertex, 3 * vertex + 3) as Point)
    area += areaOf(a!, b!, c!)
  }
  return { positions: Float64Array.from(positions), triangles: Uint32Array.from(triangles), area }
}

const minus = (a: Point, b: Point): Point => [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
const cross = (a: Point, b: Point): Point => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
]
const areaOf = (a: Point, b: Point, c: Point) => Math.hypot(...cross(minus(b, a), minus(c, a))) / 2

function cornersOf({ positions, triangles }: Mesh, triangle: number): [Point, Point, Point] {
  const corner = (k: number) =>
    [...positions.subarray(3 * triangles[3 * triangle + k]!, 3 * triangles[3 * triangle + k]! + 3)] as Point
  return [corner(0), corner(1), corner(2)]
}

function samplesOf(mesh: Mesh, resolution?: number): { points: Point[]; triangle: number[] } {
  const points: Point[] = []
  const triangle: number[] = []
  for (const batch of sampleMesh(mesh.positions, mesh.triangles, resolution).batches()) {
    for (let i = 0; i < batch.count; i++) {
      points.push([batch.x[i]!, batch.y[i]!, batch.z[i]!])
      triangle.push(batch.triangle[i]!)
    }
  }
  return { points, triangle }
}

/** The farthest that places at random, of triangles and of their corners, are from a sample. */
function largestGap(
  mesh: Mesh,
  points: Point[],
  resolution: number,
  isMeant: (place: Point) => boolean,
): number {
  const key = (point: Point) => point.map((value) => Math.floor(value / resolution)).join()
  const cells = Map.groupBy(points, key)
  const random = seededRandom(4)
  let largest = 0
  const count = mesh.triangles.length / 3
  for (let n = 0; n < 1500; n++) {
    const [a, b, c] = cornersOf(mesh, Math.floor(random() * count))
    let [s, t] = n % 4 === 0 ? [n % 8 === 0 ? 1 : 0, 0] : [random(), random()]
    if (s + t > 1) [s, t] = [1 - s, 1 - t]
    const place = [0, 1, 2].map(
      (axis) => a[axis]! + s * (b[axis]! - a[axis]!) + t * (c[axis]! - a[axis]!),
    ) as Point
    if (!isMeant(place)) continue
    let nearest = Infinity
    for (const dx of [-1, 0, 1])
      for (const dy of [-1, 0, 1])
        for (const dz of [-1, 0, 1]) {
          const cell = key([
            place[0] + dx * resolution,
            place[1] + dy * resolution,
            place[2] + dz * resolution,
          ])
          for (const point of cells.get(cell) ?? [])
            nearest = Math.min(nearest, Math.hypot(...minus(point, place)))
        }
    largest = Math.max(largest, nearest)
  }
  return largest
}

const far = [448_000.37, 5_411_000.81, 300]
/** A plane through far away coordinates that faces where it is told to. */
function plane(cells: number, slopeX: number, slopeY: number, noise = 0): Mesh {
  const random = seededRandom(9)
  return sheet(cells, (u, v) => [
    far[0]! + 20 * u,
    far[1]! + 20 * v,
    far[2]! + 20 * (u * slopeX + v * slopeY) + noise * random(),
  ])
}
const sphere = (cells: number) =>
  sheet(cells, (u, v) => [
    5 * Math.cos(7 * u) * Math.sin(3 * v + 0.07),
    5 * Math.sin(7 * u) * Math.sin(3 * v + 0.07),
    5 * Math.cos(3 * v + 0.07),
  ])

const cube = () => {
  const corners = Array.from({ length: 8 }, (_, i) => [10 * (i & 1), 10 * ((i >> 1) & 1), 10 * (i >> 2)])
  const faces = [
    0, 2, 1, 1, 2, 3, 4, 5, 6, 5, 7, 6, 0, 1, 4, 1, 5, 4, 2, 6, 3, 3, 6, 7, 0, 4, 2, 2, 4, 6, 1, 3, 5, 3, 7,
    5,
  ]
  return meshOf(corners.flat(), faces)
}

const meshes: [string, () => Mesh][] = [
  ['a level plane of two triangles', () => plane(1, 0, 0)],
  ['a level plane of 20,000 triangles', () => plane(100, 0, 0)],
  ['a slope to one side', () => plane(7, 1, 0)],
  ['the steepest slope between the axes', () => plane(9, 1, 1)],
  ['a cliff', () => plane(9, 30, 0.2)],
  ['a sphere of small triangles', () => sphere(120)],
  ['a sphere of large triangles', () => sphere(9)],
  ['a cube', cube],
  ['rough ground, its triangles smaller than the resolution', () => plane(120, 0.1, 0.2, 0.15)],
]

/** Near the border of a plane; bodies have none. */
function isAtRim([x, y]: Point, reach: number): boolean {
  if (x < far[0]! - 1) return false
  return Math.min(x - far[0]!, far[0]! + 20 - x, y - far[1]!, far[1]! + 20 - y) < reach
}

test.each(meshes)(
  '%s: as many points as its area, on the surface, and none of it far from one',
  (_, make) => {
    const mesh = make()
    const resolution = Math.sqrt(mesh.area / 4000)
    const { points, triangle } = samplesOf(mesh, resolution)
    // Two for each square of the resolution.
    expect(points.length * resolution ** 2).toBeGreaterThan(1.94 * mesh.area)
    expect(points.length * resolution ** 2).toBeLessThan(2.06 * mesh.area)
    let farthest = 0
    for (const [i, point] of points.entries()) {
      const [a, b, c] = cornersOf(mesh, triangle[i]!)
      // Three triangles around the point have the area of the whole if, and only if, it lies inside.
      const around = areaOf(point, b, c) + areaOf(a, point, c) + areaOf(a, b, point)
      farthest = Math.max(farthest, Math.sqrt(Math.max(0, around - areaOf(a, b, c))))
    }
    expect(farthest).toBeLessThan(2e-4)
    expect(largestGap(mesh, points, resolution, (place) => !isAtRim(place, resolution))).toBeLessThan(
      resolution,
    )
    // Beyond a rim there is nothing that could be hit.
    expect(largestGap(mesh, points, resolution, () => true)).toBeLessThan(1.3 * resolution)
  },
)

test('every part of a surface gets its share, however it is cut into triangles', () => {
  // The same slope, once in two triangles, once in 5000.
  const [coarse, fine] = [plane(1, 0.5, 0.3), plane(50, 0.5, 0.3)].map((mesh) => samplesOf(mesh, 0.4).points)
  expect(Math.abs(coarse!.length - fine!.length)).toBeLessThanOrEqual(2)
  const places = new Set(coarse!.map((point) => point.map((value) => value.toFixed(6)).join()))
  const same = fine!.filter((point) => places.has(point.map((value) => value.toFixed(6)).join())).length
  expect(same / fine!.length).toBeGreaterThan(0.99)
})

test('an edge that two triangles share, right through the lattice, is sampled once', () => {
  // Vertices lie on lines of the lattice: a step is 1, and its lines are at 0.5, 1.5 and so on.
  const mesh = meshOf(
    [0, 0, 0, 10.5, 0.5, 0, 10.5, 10.5, 0, 0.5, 10.5, 0, 4.5, 4.5, 0],
    [0, 1, 4, 1, 2, 4, 2, 3, 4, 3, 0, 4],
  )
  const { points } = samplesOf(mesh, Math.SQRT2)
  const places = new Set(points.map(([x, y]) => `${x} ${y}`))
  expect(places.size).toBe(points.length)
  expect(points.some(([x, y]) => x === 4.5 && y === 4.5)).toBe(true)
})

test('the same surface is sampled the same way each time, and in bounded pieces', () => {
  const mesh = plane(3, 0.3, 0.7)
  expect(samplesOf(mesh, 0.1)).toEqual(samplesOf(mesh, 0.1))
  const batches = [...sampleMesh(mesh.positions, mesh.triangles, 0.05).batches()].map(({ count }) => count)
  expect(Math.max(...batches)).toBeLessThanOrEqual(32_768)
  expect(batches.length).toBeGreaterThan(5)
})

test('a resolution of its own is the spacing of the vertices, between one and twenty million samples', () => {
  const square = plane(1, 0, 0)
  const many = new Float64Array(3 * 1_000_000)
  many.set(square.positions)
  expect(meshResolution(many, square.triangles)).toBeCloseTo(20 / 1000, 10)
  const two = plane(1, 0, 0)
  const { resolution, pointCount } = sampleMesh(two.positions, two.triangles)
  expect(pointCount).toBe(1_000_000)
  expect(resolution).toBeCloseTo(Math.sqrt((2 * 400) / 1e6), 10)
})

test('triangles without an area have no points; what is no mesh or no resolution is refused', () => {
  const line = meshOf([0, 0, 0, 1, 1, 1, 2, 2, 2], [0, 1, 2])
  expect(samplesOf(line, 0.1).points).toEqual([])
  expect(() => sampleMesh(line.positions, line.triangles, 0)).toThrow('expected a resolution above 0, got 0')
  expect(() => sampleMesh(line.positions, line.triangles, Number.NaN)).toThrow(RangeError)
  expect(() => sampleMesh(line.positions, Uint32Array.of(0, 1, 3), 1)).toThrow('vertices that are there')
  expect(() =>
    sampleMesh(Float64Array.of(0, 0, 0, Infinity, 0, 0, 0, 1, 0), Uint32Array.of(0, 1, 2), 1),
  ).toThrow(RangeError)
})

test('a long thin needle gives up the thread now and then, and says that it is much work', () => {
  const needle = meshOf([0, 0, 0, 1e9, 1e9, 1e9, 1e9, 1e9, 1e9 + 1e-6], [0, 1, 2])
  const sampling = sampleMesh(needle.positions, needle.triangles, 1e-3)
  expect(sampling.pointCount).toBeGreaterThan(1e10)
  const { count } = sampling.batches().next().value!
  expect(count).toBeLessThan(32_768)
})
