// What an upload has to say of a model of point clouds, and which models do not agree with it.
import { pointFeatures } from '@alidade/contract'
import { memorySource } from '@alidade/formats'
import { expect, test } from 'vitest'
import {
  heightModel,
  labels,
  pointManifest,
  transposedHeightModel,
} from '../segmentation-3d/onnx/point-model.fixture.ts'
import { defaultDetectorLimits } from './detector.ts'
import { detectorArchive } from './detector.fixture.ts'
import { onnxModel, valueInfo } from './onnx.fixture.ts'
import { readDetector } from './read-detector.ts'

const declared = { task: 'SemanticSegmentation3D', labels: [] } as const
const read = (changes: Record<string, unknown> = {}, model = heightModel()) =>
  readDetector(memorySource(detectorArchive(pointManifest(changes), model)), declared, defaultDetectorLimits)

test('a manifest says what its model is shown, and which class codes points get', async () => {
  const input = {
    ...{ features: ['x', 'heightAboveGround'], arrangement: 'batch-points-features', points: 64 },
    normalisation: { x: { subtract: 1, divide: 25 } },
    ...{ voxelSizeMetres: 0.5, blockSizeMetres: 25, overlapMetres: 5 },
  }
  const model = onnxModel({
    inputs: [valueInfo('points', [1, 'n', 2])],
    outputs: [valueInfo('scores', [])],
  })
  const described = await read({ input, scores: 'probabilities' }, model)
  expect(described).toMatchObject({ input, labels, scores: 'probabilities', layout: 'point-scores' })
})

test('a model without features is kept: nobody can run it, and nothing is compared', async () => {
  const labelsOfOld = [{ id: 0, name: 'ground' }]
  await read({ input: { features: undefined, points: 7 }, labels: labelsOfOld }, onnxModel())
})

const input = (more: object) => ({ input: more })
const byFeature = { arrangement: 'batch-features-points' }

test.each<[string, Record<string, unknown>, Uint8Array | undefined, string]>([
  [
    'a feature that there is not',
    input({ features: ['temperature'] }),
    undefined,
    `input.features[0]: expected one of ${pointFeatures.join(', ')}`,
  ],
  [
    'a normalisation of a feature that there is not',
    input({ normalisation: { temperature: { divide: 2 } } }),
    undefined,
    `input.normalisation.temperature: expected one of ${pointFeatures.join(', ')}`,
  ],
  ['no block', input({ blockSizeMetres: 0 }), undefined, 'input.blockSizeMetres'],
  [
    'a division by nothing',
    input({ normalisation: { x: { divide: 0 } } }),
    undefined,
    'input.normalisation.x.divide',
  ],
  [
    'blocks that reach over more than their neighbours',
    input({ blockSizeMetres: 10, overlapMetres: 6 }),
    undefined,
    'input.overlapMetres: expected at most half of the block, 5 m, got 6',
  ],
  [
    'a label without a class code',
    { labels: [...labels, { id: 3, name: 'mast' }] },
    undefined,
    'labels[3].classification: expected the class code of its points, got nothing',
  ],
  [
    'a layout of images',
    { layout: 'class-map' },
    undefined,
    'layout: expected point-scores or scores-of-points, got class-map',
  ],
  [
    'features of points for images',
    { task: 'ObjectDetection2D', ...input({ width: 64, height: 64 }) },
    undefined,
    'input.features: expected none for ObjectDetection2D',
  ],
  [
    'more features than the model takes',
    input({ features: ['x', 'y'] }),
    undefined,
    "input 'points' of the model: expected 2 numbers of a point, as the manifest lists features, got 1",
  ],
  [
    'another number of points',
    input({ points: 100 }),
    heightModel(64),
    'expected 100 points, as the manifest says, got 64',
  ],
  [
    'a batch where there is none',
    input({ arrangement: 'batch-points-features' }),
    undefined,
    'expected 3 dimensions, got 2',
  ],
  ['no batch where there is one', {}, heightModel('n', true), 'expected 2 dimensions, got 3'],
  [
    'points where features are',
    { layout: 'scores-of-points', ...input({ ...byFeature, features: ['x', 'y', 'z'] }) },
    transposedHeightModel(),
    'expected 3 numbers of a point, as the manifest lists features, got 2',
  ],
  [
    'more labels than there are scores',
    { labels: [...labels, { id: 3, name: 'mast', classification: 15 }] },
    undefined,
    "output 'scores' of the model: expected at least 4 classes, as the labels of the manifest say, got 3",
  ],
  [
    'scores the other way round',
    { layout: 'scores-of-points' },
    heightModel(64),
    'expected scores of 64 points, as many as go in, got 3',
  ],
  [
    'two tensors of points',
    {},
    onnxModel({
      inputs: [valueInfo('points', ['n', 1]), valueInfo('colours', ['n', 3])],
      outputs: [valueInfo('scores', ['n', 3])],
    }),
    "expected one tensor of points, got 'points', 'colours'",
  ],
])('%s is refused with its place', async (_, changes, model, problem) => {
  await expect(read(changes, model)).rejects.toThrow(problem)
})
