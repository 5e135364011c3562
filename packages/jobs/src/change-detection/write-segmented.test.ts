import { expect, test } from 'vitest'
import { readCloud, runJob, temporaryFolder } from './run-job.fixture.ts'
import { bare, withCrate, withHeap, writeSurvey } from './two-surveys.fixture.ts'

/** A crate that left and a heap that came. */
async function surveys(): Promise<[string, string]> {
  const folder = await temporaryFolder()
  return [
    await writeSurvey(folder, 'march.las', withCrate, { seed: 1 }),
    await writeSurvey(folder, 'april.las', withHeap, { seed: 2 }),
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
  const may = await writeSurvey(await temporaryFolder(), 'may.las', bare, { seed: 3 })
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
