// Models that ask for more than there is, in runners of their own: the attempt fails with its reason, and the process is gone.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { field, message, node } from '../../packages/jobs/src/detector/onnx.fixture.ts'
import { inputFiles } from '../../packages/jobs/src/run-job.fixture.ts'
import {
  int64s,
  loopingModel,
  modelOf,
  writeDetector,
} from '../../packages/jobs/src/segmentation-3d/onnx/point-model.fixture.ts'
import { type RunAttemptOptions, runAttempt } from '../../packages/server/src/agent/run-attempt.ts'
import { writeTwoEpochs } from '../e2e/two-epochs.ts'
import { processesIn } from './processes.ts'

let folder: string
let survey: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alidade-models-'))
  survey = (await writeTwoEpochs(folder, 5000, 60)).paths[0]
})
afterAll(() => rm(folder, { recursive: true, force: true }))

let runs = 0
async function attempt(model: Uint8Array, more: Partial<RunAttemptOptions> = {}) {
  const own = join(folder, String(++runs))
  const [scratch, output] = [join(own, 'scratch'), join(own, 'output')]
  for (const path of [own, scratch, output]) await mkdir(path)
  const { detectors } = await writeDetector(own, model)
  const result = await runAttempt({
    type: 'segmentation3D',
    inputs: { pointClouds: await inputFiles(survey) },
    detectors,
    options: {},
    outputs: { segmentedPointCloud: { folder: output, name: 'segmentedPointCloud', reference: '' } },
    scratch,
    threads: 2,
    memoryLimitMegabytes: 700,
    loggedAs: 'this test',
    signal: new AbortController().signal,
    ...more,
  })
  expect(await processesIn(scratch)).toEqual([])
  return result
}

/** Each number becomes so many, which are added up again: 64 bytes for each of them. */
const widening = (times: number) =>
  modelOf(
    [
      node('Expand', ['points', 'shape'], ['wide']),
      // Long enough for whoever watches.
      node('Sigmoid', ['wide'], ['wide1']),
      node('Sigmoid', ['wide1'], ['wide2']),
      node('Sigmoid', ['wide2'], ['wide3']),
      node('Sigmoid', ['wide3'], ['wide4']),
      node('ReduceSum', ['wide4', 'axis'], ['sum']),
      node(
        'Concat',
        ['sum', 'sum', 'sum'],
        ['scores'],
        field(5, message(field(1, 'axis'), field(3, 1), field(20, 2))),
      ),
    ],
    1,
    [int64s('shape', [3], [times, 1, 1]), int64s('axis', [1], [0])],
  )

test('a model that fills the memory ends its attempt as OutOfMemory, at the limit of the job', async () => {
  expect(await attempt(widening(6_000_000), { memoryLimitMegabytes: 400 })).toMatchObject({
    state: 'failed',
    errors: [{ code: 'OutOfMemory', params: ['400', expect.any(String)] }],
  })
}, 60_000)

test('a model that asks for terabytes at once fails as what it is', async () => {
  expect(await attempt(widening(100_000_000_000))).toMatchObject({
    state: 'failed',
    errors: [
      { code: 'Detector_Failed', params: ['detector.zip', expect.stringContaining('allocate memory')] },
    ],
  })
}, 60_000)

test('a model in an endless loop is gone soon after its cancellation', async () => {
  const abort = new AbortController()
  const onProgress: RunAttemptOptions['onProgress'] = ({ part }) => {
    if (part === 'trial') setTimeout(() => abort.abort(), 1500)
  }
  const result = await attempt(loopingModel(2n ** 62n), { signal: abort.signal, onProgress })
  expect(result).toEqual({ state: 'cancelled' })
}, 60_000)
