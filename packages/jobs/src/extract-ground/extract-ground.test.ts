import { expect, test } from 'vitest'
import { runJobType, temporaryFolder } from '../run-job.fixture.ts'
import { extractGround } from './extract-ground.ts'
import { readSegmented, withoutClasses } from './read-segmented.fixture.ts'
import { terrain, writeTerrain } from './terrain.fixture.ts'

const outputs = ['segmentedPointCloud']
const fileOf = (run: { path(output: string, name: string): string }) =>
  readSegmented(run.path('segmentedPointCloud', 'segmentedPointCloud.las'))

test('ground is class 2 and everything that stands on it class 1', async () => {
  const made = terrain()
  const pointClouds = await writeTerrain(await temporaryFolder(), 'hill.las', made)
  const { classes, header } = await fileOf(
    await runJobType(extractGround, { inputs: { pointClouds }, outputs }),
  )
  expect(header.pointCount).toBe(made.truth.length)
  expect(new Set(classes)).toEqual(new Set([1, 2]))
  const wrong = made.truth.filter((truth, i) => truth !== classes[i]).length
  expect(wrong / made.truth.length).toBeLessThan(0.02)
})

test('the classes that a cloud comes with play no part', async () => {
  const folder = await temporaryFolder()
  const made = terrain()
  const results = await Promise.all(
    [0, 1, 2].map(async (k) => {
      const classification = made.x.map((_, i) => (k === 0 ? 0 : (i * (k + 6)) % 32))
      const pointClouds = await writeTerrain(folder, `${k}.las`, made, { classification })
      return (await fileOf(await runJobType(extractGround, { inputs: { pointClouds }, outputs }))).records
    }),
  )
  expect(results[1]!.equals(results[0]!)).toBe(true)
  expect(results[2]!.equals(results[0]!)).toBe(true)
})
