import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../run-job.fixture.ts'
import { rateAt, secondsPerPoint } from './model-rate.ts'
import { labels, loopingModel, wideningModel } from './point-model.fixture.ts'
import type { PointModel } from './point-model.ts'

async function rateOf(model: Uint8Array, signal = new AbortController().signal) {
  const path = join(await temporaryFolder(), 'model.onnx')
  await writeFile(path, model)
  const pointModel: PointModel = {
    ...{ path, shownName: 'detector.zip', features: ['heightAboveGround'], labels, normalisation: {} },
    ...{ arrangement: 'points-features', points: 4096, isFixed: false, byClass: false, scores: 'logits' },
    ...{ voxelSizeMetres: 0.25, blockSizeMetres: 50, overlapMetres: 0 },
  }
  return secondsPerPoint(pointModel, { shown: 4096, signal })
}

test('a model that does more takes longer for a point, told before it has seen one', async () => {
  const [quick, slow] = [(await rateOf(wideningModel(1)))!, (await rateOf(wideningModel(1000)))!]
  // A thousand numbers with an exponential each, of which a core does less than 2e9 a second; one of them takes next to nothing.
  expect(slow).toBeGreaterThan(5e-7)
  expect(quick).toBeLessThan(slow / 10)
})

test('a model that cannot be run on made points has no rate, and is left to the real ones', async () => {
  expect(await rateOf(wideningModel(100_000_000_000))).toBeUndefined()
})

test('a file that is no model is told at once, and whoever waits for an endless one hears of the end', async () => {
  await expect(rateOf(Buffer.from('no model'))).rejects.toMatchObject({
    jobMessage: { code: 'Detector_Failed' },
  })
  const abort = new AbortController()
  const trying = rateOf(loopingModel(300_000n), abort.signal)
  setImmediate(() => abort.abort(new Error('cancelled')))
  await expect(trying).rejects.toThrow('cancelled')
})

test('where twice the points take four times as long, the rate is that of as many as the model takes', () => {
  const quadratic = (points: number) => ({ points, seconds: points ** 2 / 1e7 })
  expect(rateAt(8192, [quadratic(1024), quadratic(4096)])).toBeCloseTo(8192 / 1e7, 9)
  const linear = (points: number) => ({ points, seconds: points / 1e4 })
  expect(rateAt(65_536, [linear(1024), linear(4096)])).toBeCloseTo(1e-4, 9)
  expect(rateAt(4096, [linear(4096)])).toBeCloseTo(1e-4, 9)
})
