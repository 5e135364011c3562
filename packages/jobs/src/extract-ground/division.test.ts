import { join } from 'node:path'
import { writeLasPoints } from '@alidade/formats'
import { expect, test } from 'vitest'
import { inspectedFiles, runJobType, temporaryFolder } from '../run-job.fixture.ts'
import { groundDivision } from './division.ts'
import { extractGround } from './extract-ground.ts'
import type { JobContext } from '../job-type.ts'
import type { Step } from './step-costs.ts'

test('merging is expected to take the same when a run is divided as when it is merged, however many files there are', async () => {
  const folder = await temporaryFolder()
  const names = ['one', 'two', 'three']
  for (const [i, name] of names.entries()) {
    const x = [i, i + 0.2, i + 0.4]
    await writeLasPoints(join(folder, `${name}.las`), { x, y: x, z: x })
  }
  const paths = names.map((name) => join(folder, `${name}.las`))
  const outputs = ['segmentedPointCloud', 'exportedSegmentation3DLAS']
  let told = 0
  const dividing = {
    ...extractGround,
    run: async (context: JobContext) => {
      const shared = { path: (name: string) => join(folder, name) }
      told = (await groundDivision.divide(context as JobContext<Step>, shared, 1_000_000)).mergeSeconds
    },
  }
  await runJobType(dividing, { inputs: { pointClouds: paths }, outputs })
  const pointClouds = (await Promise.all(paths.map((path) => inspectedFiles(path)))).flat()
  const planned = await groundDivision.planMerge({ inputs: { pointClouds }, outputs, threads: 1 }, [])
  const expected = planned.reduce((sum, { total, secondsEach }) => sum + total * secondsEach, 0)
  expect(told).toBeGreaterThan(0)
  expect(told).toBeCloseTo(expected, 12)
})
