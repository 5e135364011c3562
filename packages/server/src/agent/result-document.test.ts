import { jobTypes } from '@alidade/contract'
import { expect, test } from 'vitest'
import { resultDocument } from './result-document.ts'

const { segmentedPointCloud, segmentation3D } = jobTypes.extractGround.outputs
const { segmentedModel3DA } = jobTypes.changeDetection.outputs

test('a result that is what was declared of it stays so', () => {
  expect(resultDocument(segmentedPointCloud, ['segmentedPointCloud.laz'])).toBeUndefined()
  expect(resultDocument(segmentation3D, ['ContextScene.json', 'segmentedPointCloud.las'])).toBeUndefined()
})

test('a cloud in the format of the input says which that was', () => {
  expect(resultDocument(segmentedPointCloud, ['segmentedPointCloud.las'])).toEqual({
    type: 'LAS',
    rootDocument: 'segmentedPointCloud.las',
  })
})

test('waveforms beside a cloud are no document of their own', () => {
  expect(resultDocument(segmentedPointCloud, ['segmentedPointCloud.las', 'segmentedPointCloud.wdp'])).toEqual(
    {
      type: 'LAS',
      rootDocument: 'segmentedPointCloud.las',
    },
  )
})

test('of several files none is the first, and of several formats the declared one is told', () => {
  const name = 'segmentedPointCloud'
  expect(resultDocument(segmentedPointCloud, [`${name}-1-a.las`, `${name}-2-b.las`])).toEqual({
    type: 'LAS',
    rootDocument: undefined,
  })
  expect(resultDocument(segmentedPointCloud, [`${name}-1-a.las`, `${name}-2-b.laz`])).toEqual({
    type: 'LAZ',
    rootDocument: undefined,
  })
  expect(
    resultDocument(segmentedModel3DA, ['segmentedModel3DA-1-a.las', 'segmentedModel3DA-2-b.las']),
  ).toEqual({
    type: segmentedModel3DA.realityDataType,
    rootDocument: undefined,
  })
})
