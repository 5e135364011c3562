import { expect, test } from 'vitest'
import { parseContextScene } from './context-scene.ts'
import { sceneLine3D, sceneObject3D, scenePolygon3D } from './scene-from-arrays.ts'
import { writeContextScene } from './write-context-scene.ts'

type Point = [number, number, number]
const far: Point = [500_000, 5_400_000, 100]
const at = (x: number, y: number, z: number): Point => [far[0] + x, far[1] + y, far[2] + z]

test('a box of centre, lengths and rotation', () => {
  const rotation = [0, -1, 0, 1, 0, 0, 0, 0, 1]
  expect(sceneObject3D({ labelId: 3, center: [10, 20, 30], size: [2, 4, 6], rotation })).toEqual({
    LabelInfo: { LabelId: 3 },
    RotatedBox3D: {
      Box3D: { xmin: 9, ymin: 18, zmin: 27, xmax: 11, ymax: 22, zmax: 33 },
      Rotation: { M_00: 0, M_01: -1, M_02: 0, M_10: 1, M_11: 0, M_12: 0, M_20: 0, M_21: 0, M_22: 1 },
    },
  })
  expect(() => sceneObject3D({ labelId: 3, center: far, size: far, rotation: [1] })).toThrow(RangeError)
})

test('a forked line has the length of its segments and the mean width along them', () => {
  const line = sceneLine3D({
    labelId: 14,
    confidence: 0.5,
    vertices: [at(0, 0, 0), at(3, 4, 0), at(0, 0, 15)],
    diameters: Float64Array.of(0.2, 0.4, 0.2),
    segments: [
      [0, 1],
      [0, 2],
    ],
  })
  expect(line).toMatchObject({ Length: 20, MaxDiameter: 0.4, LabelInfo: { LabelId: 14, Confidence: 0.5 } })
  expect(line.MeanDiameter).toBeCloseTo((5 * 0.3 + 15 * 0.2) / 20, 12)
  expect(line.Vertices.get('1')).toEqual({ Position: { x: 500_003, y: 5_400_004, z: 100 }, Diameter: 0.4 })
  expect(line.Segments).toEqual([
    { VertexId1: 0, VertexId2: 1 },
    { VertexId1: 0, VertexId2: 2 },
  ])
})

test('a single vertex is a line without length', () => {
  const line = sceneLine3D({ labelId: 1, vertices: [far], diameters: [0.3], segments: [] })
  expect(line).toMatchObject({ Length: 0, MeanDiameter: 0.3, MaxDiameter: 0.3 })
  expect(() => sceneLine3D({ labelId: 1, vertices: [far], diameters: [], segments: [] })).toThrow(RangeError)
})

/** Upright, with its lower left corner so far from that of the wall. */
const square = (size: number, from = 0) => [
  at(from, 0, from),
  at(from + size, 0, from),
  at(from + size, 0, from + size),
  at(from, 0, from + size),
]

test('a wall with a window: rings are opened, the area is that of the wall', () => {
  const [outer, window] = [square(4), square(1, 1)]
  const polygon = scenePolygon3D({ labelId: 6, outer: [...outer, outer[0]!], inner: [window] })
  expect(polygon.OuterBoundary.VertexIds).toEqual([0, 1, 2, 3])
  expect(polygon.InnerBoundaries).toEqual([{ VertexIds: [4, 5, 6, 7] }])
  expect(polygon.Area).toBeCloseTo(15, 9)
  expect(polygon.Vertices.size).toBe(8)
  expect(polygon.Vertices.get('2')!.Position).toEqual({ x: 500_004, y: 5_400_000, z: 104 })
})

test('a roof with a bay in it, anywhere, in any order', () => {
  const bay: Point[] = [at(0, 0, 5), at(4, 0, 5), at(4, 4, 5), at(2, 1, 5), at(0, 4, 5)]
  expect(scenePolygon3D({ labelId: 6, outer: bay }).Area).toBeCloseTo(16 - 6, 9)
  expect(scenePolygon3D({ labelId: 6, outer: bay.toReversed() }).Area).toBeCloseTo(10, 9)
  expect(scenePolygon3D({ labelId: 6, outer: bay })).not.toHaveProperty('InnerBoundaries')
})

test('what is made is what is read', () => {
  const Objects = new Map([['a', sceneObject3D({ labelId: 1, center: far, size: [1, 1, 1], rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1] })]]) // biome-ignore format: one line
  const Lines = new Map([['b', sceneLine3D({ labelId: 1, vertices: [far, at(1, 1, 1)], diameters: [1, 1], segments: [[0, 1]] })]]) // biome-ignore format: one line
  const Polygons = new Map([['c', scenePolygon3D({ labelId: 1, outer: square(1), inner: [square(0.5)] })]])
  const Annotations = { Objects3D: { Objects }, Lines3D: { Lines }, Polygons3D: { Polygons } }
  expect(parseContextScene(writeContextScene({ Annotations })).Annotations).toEqual(Annotations)
})
