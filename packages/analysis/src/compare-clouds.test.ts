import { expect, test } from 'vitest'
import { compareClouds } from './compare-clouds.ts'
import { nearestDistances } from './nearest-distances.ts'
import { sharePoints } from './point-arrays.ts'
import { cloudOf, seededRandom } from './random-points.fixture.ts'

function terrain(count: number, seed: number) {
  const random = seededRandom(seed)
  const side = Math.sqrt(count)
  return cloudOf(count, () => [500_000 + side * random(), 5_200_000 + side * random(), 5 * random()])
}

function bytesOf({ buffer }: Float32Array): Uint8Array {
  return new Uint8Array(buffer)
}

test('both directions equal the single-threaded distances, and every point is counted once', async () => {
  // So many that three threads have work.
  const [a, b] = [terrain(250_000, 1), terrain(160_000, 2)]
  const [expectedA, expectedB] = [nearestDistances(a, b), nearestDistances(b, a)]
  for (const threads of [1, 3]) {
    let [compared, indexed] = [0, 0]
    const { distanceA, distanceB } = await compareClouds(a, b, {
      threads,
      onAdvance: (points) => {
        compared += points
      },
      onIndexed: (points) => {
        indexed += points
      },
    })
    expect(compared).toBe(410_000)
    expect(indexed).toBe(410_000)
    expect(Buffer.compare(bytesOf(distanceA), bytesOf(expectedA))).toBe(0)
    expect(Buffer.compare(bytesOf(distanceB), bytesOf(expectedB))).toBe(0)
    expect(distanceA.buffer).toBeInstanceOf(SharedArrayBuffer)
  }
})

test('one direction leaves the other one out, and has the same distances to the last bit', async () => {
  const scattered = terrain(6000, 3)
  // Among them outliers, and so many copies of one place that they are more than a leaf and a batch have.
  const a = cloudOf(6300, (i) => {
    if (i < 6000) return [scattered.x[i]!, scattered.y[i]!, scattered.z[i]!]
    return i < 6060 ? [500_000 + 10 ** (i % 7), 5_200_000, -(10 ** (i % 5))] : [500_010, 5_200_010, 2]
  })
  const b = terrain(4000, 4)
  const { distanceA, distanceB, spacingA } = await compareClouds(a, b, { direction: 'aToB' })
  expect(Buffer.compare(bytesOf(distanceA), bytesOf(nearestDistances(a, b)))).toBe(0)
  expect(distanceB.length).toBe(0)
  expect(spacingA).toBeNaN()
})

test('empty clouds are compared without complaint', async () => {
  const none = terrain(0, 1)
  expect((await compareClouds(none, none)).distanceA.length).toBe(0)
  const { distanceA, distanceB } = await compareClouds(terrain(3, 5), none)
  expect([...distanceA]).toEqual([Infinity, Infinity, Infinity])
  expect(distanceB.length).toBe(0)
})

test('an abort during the work rejects with its reason within a second', async () => {
  const [a, b] = [sharePoints(terrain(200_000, 6)), sharePoints(terrain(200_000, 7))]
  for (const during of ['onIndexed', 'onAdvance'] as const) {
    const controller = new AbortController()
    const reason = new Error(`stopped while ${during}`)
    let abortedAt = 0
    const stop = () => {
      if (abortedAt === 0) abortedAt = performance.now()
      controller.abort(reason)
    }
    await expect(compareClouds(a, b, { signal: controller.signal, [during]: stop })).rejects.toBe(reason)
    expect(performance.now() - abortedAt).toBeLessThan(1000)
  }
})

test('an aborted signal starts nothing', async () => {
  const signal = AbortSignal.abort(new Error('too late'))
  await expect(compareClouds(terrain(5, 1), terrain(5, 2), { signal })).rejects.toThrow('too late')
})

test('a coordinate that is no number is refused', async () => {
  const broken = cloudOf(3, (i) => [i, Number.NaN, 0])
  await expect(compareClouds(terrain(5, 1), broken)).rejects.toBeInstanceOf(RangeError)
})

test('a worker that breaks rejects with its cause', async () => {
  process.once('worker', (worker) => void worker.terminate())
  const failure = await compareClouds(terrain(100_000, 1), terrain(100_001, 2)).catch(
    (error: unknown) => error,
  )
  expect(failure).toBeInstanceOf(Error)
  const { message, cause } = failure as Error
  expect(message).toContain('a worker that compares clouds broke')
  expect((cause as Error).message).toMatch(/^the worker left with exit code \d$/)
})

test('an error of the progress callback ends the comparison with it', async () => {
  const fault = new Error('cannot tell')
  const onAdvance = () => {
    throw fault
  }
  await expect(compareClouds(terrain(100, 1), terrain(100, 2), { onAdvance })).rejects.toBe(fault)
})

test('small clouds are compared and counted by the calling thread, which has its turn meanwhile and can abort', async () => {
  const [a, b] = [terrain(60_000, 10), terrain(50_000, 11)]
  const controller = new AbortController()
  const reason = new Error('stopped')
  let started = 0
  const onWorker = () => started++
  process.on('worker', onWorker)
  try {
    const counted = { indexed: 0, compared: 0 }
    const { distanceA } = await compareClouds(a, b, {
      onIndexed: (points) => {
        counted.indexed += points
      },
      onAdvance: (points) => {
        counted.compared += points
      },
    })
    expect(Buffer.compare(bytesOf(distanceA), bytesOf(nearestDistances(a, b)))).toBe(0)
    expect(counted).toEqual({ indexed: 110_000, compared: 110_000 })
    // Put off until the first turn: nothing of the comparison itself ends it.
    setImmediate(() => controller.abort(reason))
    let compared = 0
    const onAdvance = (points: number) => {
      compared += points
    }
    await expect(compareClouds(a, b, { signal: controller.signal, onAdvance })).rejects.toBe(reason)
    expect(compared).toBe(0)
    expect(started).toBe(0)
  } finally {
    process.off('worker', onWorker)
  }
})

test('the work is done off the calling thread where it is long', async () => {
  const [a, b] = [sharePoints(terrain(400_000, 8)), sharePoints(terrain(400_000, 9))]
  // Processor time, not time of day: other programs on the machine must not decide this.
  const before = process.threadCpuUsage()
  await compareClouds(a, b, { threads: 1 })
  const { user, system } = process.threadCpuUsage(before)
  expect((user + system) / 1000).toBeLessThan(200)
})
