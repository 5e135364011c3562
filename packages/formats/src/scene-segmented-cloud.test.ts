import { expect, test } from 'vitest'
import { parseContextScene } from './context-scene.ts'
import { crsFromDefinition } from './crs.ts'
import { splitScenePath } from './scene-path.ts'
import { segmentedCloudScene } from './scene-segmented-cloud.ts'
import { sceneDefinition } from './scene-srs.ts'
import { writeContextScene } from './write-context-scene.ts'

const reference = 'rds:11111111-2222-3333-4444-555555555555'
const boundingBox = { xmin: 0, ymin: 0, zmin: 0, xmax: 10, ymax: 20, zmax: 5 }

test('a segmented cloud is a cloud of the scene and its segmentation, in one system, with its classes as labels', () => {
  const scene = segmentedCloudScene({
    reference,
    fileName: 'segmented.laz',
    crs: crsFromDefinition('EPSG:25832'),
    boundingBox,
    labels: [
      [1, 'rest'],
      [2, 'ground'],
    ],
  })
  expect(JSON.parse(writeContextScene(scene))).toEqual({
    version: '6.0',
    SpatialReferenceSystems: { '0': { Definition: 'EPSG:25832' } },
    PointCloudCollection: {
      SRSId: 0,
      PointClouds: { '0': { Name: 'segmented.laz', Path: '0:segmented.laz', BoundingBox: boundingBox } },
    },
    Annotations: {
      Labels: { '1': { Name: 'rest' }, '2': { Name: 'ground' } },
      Segmentation3D: { SRSId: 0, Path: '0:segmented.laz' },
    },
    References: { '0': { Path: reference } },
  })
})

test('without a system the scene names none, and still leads to the file', () => {
  const scene = parseContextScene(
    writeContextScene(segmentedCloudScene({ reference: '../clouds', fileName: 'a.las', labels: [] })),
  )
  expect(scene.SpatialReferenceSystems).toBeUndefined()
  expect(scene.Annotations!.Segmentation3D).toEqual({ Path: '0:a.las' })
  const { referenceId, relativePath } = splitScenePath(scene.PointCloudCollection!.PointClouds.get('0')!.Path)
  expect([scene.References!.get(referenceId!)!.Path, relativePath]).toEqual(['../clouds', 'a.las'])
})

test.each(['EPSG:32632', 'EPSG:28992+5709', 'ENU:36.7127,-6.10034', 'Local:unit=meter'])(
  'the definition %s is written as it was read',
  (definition) => {
    expect(sceneDefinition(crsFromDefinition(definition))).toBe(definition)
  },
)

test('a system without a code is its WKT', () => {
  const wkt = 'LOCAL_CS["site",UNIT["metre",1]]'
  expect(sceneDefinition(crsFromDefinition(wkt))).toBe(wkt)
})
