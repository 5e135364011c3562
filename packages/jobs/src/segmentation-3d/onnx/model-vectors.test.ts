// What is made of the classes that a model gave.
import { parseContextScene } from '@alidade/formats'
import { expect, test } from 'vitest'
import { corner, writeTerrain } from '../../extract-ground/terrain.fixture.ts'
import { runJobType, temporaryFolder } from '../../run-job.fixture.ts'
import { segmentation3D } from '../segmentation-3d.ts'
import { heightModel, labels, writeDetector } from './point-model.fixture.ts'

test('labels of a manifest say what objects and polygons are made of, with the confidence of the model', async () => {
  const folder = await temporaryFolder()
  const [ground, middle, high] = labels
  const flagged = [ground, { ...middle, object: false }, { ...high, object: true, contour: true }]
  const { detectors } = await writeDetector(folder, heightModel(), { labels: flagged })
  const job = await runJobType(segmentation3D, {
    inputs: { pointClouds: await writeTerrain(folder, 'site.las') },
    outputs: ['segmentation3D', 'objects3D', 'polygons3D', 'lines3D'],
    detectors,
  })
  const annotationsOf = async (output: string) =>
    parseContextScene(await job.read(output, 'ContextScene.json')).Annotations!
  expect([...(await annotationsOf('segmentation3D')).Labels!.values()]).toEqual([
    { Name: 'ground' },
    { Name: 'middle' },
    { Name: 'high', Object: true, Contour: true },
  ])
  // Of the house that is 9 m high, not of the one of 6 m; the tops of crowns are small.
  const { Polygons } = (await annotationsOf('polygons3D')).Polygons3D!
  const largest = [...Polygons.values()].sort((a, b) => b.Area - a.Area)[0]!
  expect(Math.abs(largest.Area - 300) / 300).toBeLessThan(0.12)
  expect(largest.LabelInfo.LabelId).toBe(6)
  expect(largest.LabelInfo.Confidence).toBeGreaterThan(0.9)
  const { Objects } = (await annotationsOf('objects3D')).Objects3D!
  const house = [...Objects.values()].find(({ RotatedBox3D: { Box3D } }) => {
    const middle = [(Box3D.xmin + Box3D.xmax) / 2 - corner[0], (Box3D.ymin + Box3D.ymax) / 2 - corner[1]]
    return Math.hypot(middle[0]! - 62.5, middle[1]! - 50) < 1
  })!
  expect(house.LabelInfo.Confidence).toBeGreaterThan(0.9)
  expect([...Objects.values()].every(({ LabelInfo }) => LabelInfo.LabelId === 6)).toBe(true)
  expect((await annotationsOf('lines3D')).Lines3D!.Lines.size).toBe(0)
  expect(job.warnings.map(({ code, params }) => [code, ...params])).toEqual([
    ['Classes_Unused', 'lines3D', 'pointClouds'],
  ])
})
