import { createLasWriter, openFile, readLasHeader, readPointBatches } from '@alidade/formats'
import { expect, test } from 'vitest'
import { readCloud, runJob, temporaryFolder } from './run-job.fixture.ts'
import { bare, withCrate, withHeap, writeSurvey } from './two-surveys.fixture.ts'

/** A crate that left and a heap that came. */
async function surveys(): Promise<[string, string]> {
  const folder = await temporaryFolder()
  return [
    await writeSurvey(folder, 'march.las', withCrate, { seed: 1, density: 3 }),
    await writeSurvey(folder, 'april.las', withHeap, { seed: 2, density: 3 }),
  ]
}

test('the column of numbers, the locations and the scene speak of the same changes', async () => {
  const job = await runJob(...(await surveys()))
  const features = await job.features()
  expect(features.map(({ properties }) => properties.change)).toEqual([1, 2])
  const clouds = [
    await readCloud(job.path('segmentedModel3DA', 'segmentedModel3DA.las')),
    await readCloud(job.path('segmentedModel3DB', 'segmentedModel3DB.las')),
  ]
  for (const { properties } of features) {
    const marked = clouds.map(({ change }) => change.filter((number) => number === properties.change).length)
    expect(marked[0]! + marked[1]!).toBe(properties.pointCount)
    // What stood, or lay open, at either time is of the change.
    expect(Math.min(...marked)).toBeGreaterThan(0)
  }
  for (const { change } of clouds) expect(Math.max(...change)).toBeLessThanOrEqual(features.length)
})

test('a survey that has these columns already, as results of this job have, keeps them beside the new ones', async () => {
  const [march, april] = await surveys()
  const outputs = ['segmentedModel3DA']
  const first = (await runJob(march, april, { outputs })).path('segmentedModel3DA', 'segmentedModel3DA.las')
  const may = await writeSurvey(await temporaryFolder(), 'may.las', bare, { seed: 3, density: 3 })
  const again = await runJob(first, may, { outputs })
  const [once, twice] = [
    await readCloud(first),
    await readCloud(again.path('segmentedModel3DA', 'segmentedModel3DA.las')),
  ]
  expect(twice.header.extraBytes.map(({ name, type }) => `${name}: ${type}`)).toEqual([
    'change: uint16',
    'distance: float32',
    'change 2: uint16',
    'distance 2: float32',
  ])
  expect(twice.change).toEqual(once.change)
  expect(twice.distance).toEqual(once.distance)
})

test('a survey that came as LAZ leaves as LAZ with the two columns, and every record of it as it was', async () => {
  const [march, april] = await surveys()
  const source = await openFile(march)
  const header = await readLasHeader(source)
  const zipped = march.replace(/las$/, 'laz')
  const writer = await createLasWriter(zipped, { like: header, compressed: true })
  for await (const { records, count } of readPointBatches(source, header)) await writer.append(records, count)
  await writer.close()
  await source.close()

  const outputs = ['segmentedModel3DA', 'segmentedModel3DB', 'segmentation3DA']
  const plain = await runJob(march, april, { outputs })
  const job = await runJob(zipped, april, { outputs, threads: 2 })
  const [cloud, wanted] = [
    await readCloud(job.path('segmentedModel3DA', 'segmentedModel3DA.laz')),
    await readCloud(plain.path('segmentedModel3DA', 'segmentedModel3DA.las')),
  ]
  expect(cloud.header.compressed).toBe(true)
  expect(cloud.records).toEqual(wanted.records)
  expect(cloud.header.extraBytes.map(({ name }) => name)).toEqual(['change', 'distance'])
  expect([...(await job.files()).keys()]).toEqual([
    'segmentedModel3DA/segmentedModel3DA.laz',
    'segmentedModel3DB/segmentedModel3DB.las',
    'segmentation3DA/ContextScene.json',
  ])
  const scene = await job.read('segmentation3DA', 'ContextScene.json')
  expect(scene.toString()).toContain('0:segmentedModel3DA.laz')
})
