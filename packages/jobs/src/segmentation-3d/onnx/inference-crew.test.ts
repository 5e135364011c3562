import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { node } from '../../detector/onnx.fixture.ts'
import { temporaryFolder } from '../../run-job.fixture.ts'
import { InferenceCrew, type InferenceCrewOptions } from './inference-crew.ts'
import type { InferenceTask } from './inference-task.ts'
import { floats, heightModel, loopingModel, modelOf } from './point-model.fixture.ts'

const task = (...values: number[]): InferenceTask => ({
  ...{ sizes: [values.length, 1], values: Float32Array.from(values) },
  ...{ points: values.length, wanted: values.length },
})

async function crewOf(model: Uint8Array, changes: Partial<InferenceCrewOptions> = {}) {
  const path = join(await temporaryFolder(), 'model.onnx')
  await writeFile(path, model)
  return new InferenceCrew({
    ...{ path, labels: [0, 1, 2], byClass: false, areLogits: true },
    ...{ threads: 1, signal: new AbortController().signal, shownName: '@acme/heights/1.0' },
    ...changes,
  })
}

test.each([1, 3])(
  'with %i at a time, every task is answered with its key, by all threads',
  async (tasksEach) => {
    const crew = await crewOf(heightModel(), { threads: 2 })
    const found = new Map<number, number[]>()
    try {
      await crew.ready({ ...task(0), wanted: 0 })
      let next = 0
      await crew.run(
        () => (next < 9 ? { task: task(next, 100), key: next++ } : undefined),
        ({ labels }, key) => found.set(key, [...labels]),
        tasksEach,
      )
    } finally {
      await crew.dismiss()
    }
    const expected = Array.from({ length: 9 }, (_, h) => [h, [h < 1.5 ? 0 : h < 7.5 ? 1 : 2, 2]])
    expect([...found].sort(([a], [b]) => a - b)).toEqual(expected)
  },
)

test('whoever waits is told at once that it was aborted, while the engine still works', async () => {
  const abort = new AbortController()
  const crew = await crewOf(loopingModel(200_000n), { signal: abort.signal })
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

test('a crew that is dismissed while its engines work takes nothing with it', async () => {
  // Torn down then, an engine aborts the process of this test.
  const abort = new AbortController()
  const crew = await crewOf(loopingModel(20_000n), { threads: 2, signal: abort.signal })
  await crew.loaded()
  const working = crew.run(
    () => ({ task: task(1), key: 0 }),
    () => abort.abort(new Error('cancelled')),
  )
  await expect(working).rejects.toThrow('cancelled')
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

const constant = (value: number) =>
  modelOf([node('Mul', ['points', 'zero'], ['nought']), node('Add', ['nought', 'all'], ['scores'])], 1, [
    floats('zero', [1, 3], [0, 0, 0]),
    floats('all', [3], [0, value, 0]),
  ])

test.each([
  ['not a number', constant(Number.NaN), true, 'point 0 and class 1 have the score NaN'],
  ['infinite', constant(Number.POSITIVE_INFINITY), true, 'point 0 and class 1 have the score Infinity'],
  ['no probabilities', constant(7), false, 'point 0 and class 1 have the score 7'],
  [
    'fewer than there are labels',
    modelOf([node('Identity', ['points'], ['scores'])]),
    true,
    'expected scores of 2 points and at least 3 classes, got a tensor of 2 x 1',
  ],
  [
    'of one point for all',
    modelOf([node('ReduceMax', ['points'], ['scores'])]),
    true,
    'expected scores of 2 points and at least 3 classes, got a tensor of 1 x 1',
  ],
])('scores that are %s end the work', async (_, model, areLogits, problem) => {
  const crew = await crewOf(model, { areLogits })
  await expect(crew.ready(task(1, 2))).rejects.toThrow(
    `The detector @acme/heights/1.0 could not be run: ${problem}.`,
  )
  await crew.dismiss()
})
