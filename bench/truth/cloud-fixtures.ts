// The runs that the percentage is judged on whose input is one cloud: its ground, and its classes.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { alsBasicDetector, groundDetector } from '@alidade/contract'
import { manifest } from '../../packages/jobs/src/detector/detector.fixture.ts'
import { node } from '../../packages/jobs/src/detector/onnx.fixture.ts'
import {
  floats,
  heightModel,
  modelOf,
  pointManifest,
} from '../../packages/jobs/src/segmentation-3d/onnx/point-model.fixture.ts'
import { autzenHalves } from '../autzen-halves.ts'
import { type Fixture, tiles, ttp } from './fixture.ts'
import { givenClasses } from './given-classes.ts'
import { shiftedCopies } from './shifted-copies.ts'
import { stateCrs } from './stated-crs.ts'

const ground = { threads: 2, type: 'extractGround', detector: groundDetector.name } as const
const segmentation = { threads: 2, type: 'segmentation3D' } as const
const als = {
  ...segmentation,
  detector: alsBasicDetector.name,
  outputs: ['segmentedPointCloud', 'objects3D', 'polygons3D', 'lines3D'],
} as const
/** Of classes that als-basic has told before. */
const given = {
  ...segmentation,
  input: 'segmentation3D',
  outputs: ['objects3D', 'polygons3D', 'lines3D'],
} as const
/** Of the heights above the ground. */
const byModel = (model: Uint8Array) =>
  ({
    ...segmentation,
    detector: { manifest: { ...manifest, ...pointManifest() }, model },
    outputs: ['segmentedPointCloud', 'segmentation3D'],
  }) as const

/** The same in their own system, which a clipping of the same survey names: its lengths are feet. */
const ofTilesInFeet = (copies: number) => async (data: string, folder: string) => {
  const folders = await ofTiles(copies)(data, folder)
  for (const into of folders) {
    const paths = (await readdir(into)).map((name) => join(into, name))
    await stateCrs(paths, join(data, 'pointcloud/formats/autzen_trim.laz'))
  }
  return folders
}
const ofTiles = (copies: number) => (data: string, folder: string) =>
  shiftedCopies([tiles(data)], copies, folder)
const ofGivenTtp = (copies: number) => async (data: string, folder: string) => [
  await givenClasses(ttp(data)[0]![0]!, copies, folder),
]
const ofTtp = (copies: number) => (data: string, folder: string) =>
  shiftedCopies(ttp(data).slice(0, 1), copies, folder)

export const cloudFixtures: Record<string, Fixture> = {
  groundLaz: {
    ...ground,
    about: 'ground of the Autzen tiles 3 times, LAZ',
    outputs: ['segmentedPointCloud'],
    surveys: ofTiles(3),
  },
  groundTiles: {
    ...ground,
    about: 'ground of the Autzen tiles 5 times, LAZ, divided',
    outputs: ['segmentedPointCloud'],
    surveys: ofTiles(5),
  },
  groundLas: {
    ...ground,
    about: 'ground of an Autzen half 7 times, LAS',
    outputs: ['segmentation3D', 'segmentedPointCloud'],
    surveys: async (data, folder) => shiftedCopies([[(await autzenHalves(data, folder))[0]!]], 7, folder),
  },
  groundTtp: {
    ...ground,
    about: 'ground of TTP 2015 48 times, LAZ to LAS and LAZ',
    outputs: ['segmentation3D', 'exportedSegmentation3DLAS', 'exportedSegmentation3DLAZ'],
    surveys: ofTtp(48),
  },
  als: { ...als, about: 'classes and vectors of the Autzen tiles, LAZ in feet', surveys: ofTilesInFeet(1) },
  alsUnnamed: { ...als, about: 'the same with feet that pass for metres', surveys: ofTiles(1) },
  alsTiles: {
    ...als,
    about: 'the same in feet 4 times, divided',
    surveys: ofTilesInFeet(4),
  },
  alsTtp: { ...als, about: 'classes and vectors of TTP 2015 32 times, LAZ', surveys: ofTtp(32) },
  quickModel: {
    ...byModel(heightModel()),
    about: 'classes of the Autzen tiles by a model of next to nothing',
    surveys: ofTiles(1),
  },
  slowModel: {
    ...byModel(layeredModel(256)),
    about: 'classes of the Autzen tiles by a model of some work',
    surveys: ofTiles(1),
  },
  given: { ...given, about: 'vectors of given classes of TTP 2015 40 times, LAZ', surveys: ofGivenTtp(40) },
  givenTiles: {
    ...given,
    about: 'the same 100 times, in tiles',
    surveys: ofGivenTtp(100),
  },
  modelTiles: { ...byModel(layeredModel(256)), about: 'the same 4 times, divided', surveys: ofTiles(4) },
}

/** Scores by three layers, two of them of so many numbers. */
function layeredModel(width: number): Uint8Array {
  const layer = (name: string, from: number, to: number) => {
    const weights = Array.from({ length: from * to }, (_, i) => Math.sin(i))
    return floats(name, [from, to], weights)
  }
  const nodes = [
    node('MatMul', ['points', 'first'], ['a']),
    node('Relu', ['a'], ['b']),
    node('MatMul', ['b', 'second'], ['c']),
    node('Relu', ['c'], ['d']),
    node('MatMul', ['d', 'third'], ['scores']),
  ]
  const layers = [layer('first', 1, width), layer('second', width, width), layer('third', width, 3)]
  return modelOf(nodes, 1, layers)
}
