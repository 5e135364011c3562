import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../run-job.fixture.ts'
import { InferenceCrew } from './inference-crew.ts'
import type { InferenceTask } from './inference-task.ts'
import { heightModel, loopingModel } from './point-model.fixture.ts'

const task = (...values: number[]): InferenceTask => ({
  ...{ sizes: [values.length, 1], values: Float32Array.from(values) },
  ...{ points: values.length, wanted: values.length },
})

async function crewOf(model: Uint8Array, threads = 1, signal = new AbortController().signal) {
  const path = join(await temporaryFolder(), 'model.onnx')
  await writeFile(path, model)
  const how = { labels: [0, 1, 2], byClass: false, areLogits: true }
  return new InferenceCrew({ path, ...how, threads, signal, shownName: '@acme/heights/1.0' })
}

test('every task is answered with its key, by as many threads as there are', async () => {
  const crew = await crewOf(heightModel(), 2)
  const found = new Map<number, number[]>()
  try {
    await crew.ready({ ...task(0), wanted: 0 })
    let next = 0
    await crew.run(
      () => (next < 9 ? { task: task(next, 100), key: next++ } : undefined),
      ({ labels }, key) => found.set(key, [...labels]),
    )
  } finally {
    await crew.dismiss()
  }
  const expected = Array.from({ length: 9 }, (_, h) => [h, [h < 1.5 ? 0 : h < 7.5 ? 1 : 2, 2]])
  expect([...found].sort(([a], [b]) => a - b)).toEqual(expected)
})

test('whoever waits is told at once that it was aborted, while the engine still works', async () => {
  const abort = new AbortController()
  const crew = await crewOf(loopingModel(400_000n), 1, abort.signal)
  let answered = false
  const working = crew.run(
    () => (answered ? undefined : { task: task(1), key: 0 }),
    () => {
      answered = true
    },
  )
  setImmediate(() => abort.abort(new Error('cancelled')))
  await expect(working).rejects.toThrow('cancelled')
  expect(answered).toBe(false)
  await crew.dismiss()
})

test('a file that is no model is told with the detector, not with its path', async () => {
  const crew = await crewOf(Buffer.from('no model'))
  const failure = await crew.ready(task(0)).catch((error: unknown) => error as Error)
  await crew.dismiss()
  expect(failure).toMatchObject({ jobMessage: { code: 'Detector_Failed' } })
  expect(String(failure)).toContain('The detector @acme/heights/1.0 could not be run:')
  expect(String(failure)).not.toContain('model.onnx')
})
