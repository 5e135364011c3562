import { expect, test } from 'vitest'
import { inspectClouds } from './inspect.ts'
import { allOutputs, inspectedFiles, runJob, temporaryFolder } from './run-job.fixture.ts'
import { withCrate, withHeap, writeSurvey } from './two-surveys.fixture.ts'

test('the headers tell what the results will take on the disk: never less, and no more than 2 MB an output beyond', async () => {
  const folder = await temporaryFolder()
  const march = await writeSurvey(folder, 'march.las', withCrate, { seed: 1, density: 3 })
  const april = await writeSurvey(folder, 'april.las', withHeap, { seed: 2, density: 3, side: 80 })
  for (const outputs of [allOutputs, ['segmentedModel3DB'], ['segmentedModel3DA'], ['objects3D']]) {
    const inputs = { modelA: await inspectedFiles(march), modelB: await inspectedFiles(april) }
    const { resultBytes } = await inspectClouds(inputs, outputs, new AbortController().signal)
    const job = await runJob(march, april, { outputs })
    const written = [...(await job.files()).values()].reduce((sum, { length }) => sum + length, 0)
    expect(resultBytes).toBeGreaterThanOrEqual(written)
    expect(resultBytes - written).toBeLessThanOrEqual(2e6 * outputs.length)
  }
})
