import { expect, test } from 'vitest'
import { cellHash, sampledEvery } from './cell-sample.ts'
import { type RegistrationCells, RegistrationSpread, registrationSpread } from './registration-spread.ts'
import { seededRandom } from './random-points.fixture.ts'

/** Level cells, 512 x 512 of them, in blocks that lie up to 4 cm higher than others. */
function blocks(): RegistrationCells {
  const random = seededRandom(5)
  const count = 512 * 512
  const steps = new Int32Array(3 * count)
  const [offset, deviation] = [new Float32Array(count), new Float32Array(count)]
  for (let cell = 0; cell < count; cell++) {
    const [i, j] = [Math.floor(cell / 512), cell % 512]
    steps.set([i - 256, j - 256, 3], 3 * cell)
    const block = Math.floor(i / 128) + Math.floor(j / 128)
    offset[cell] = 0.01 * (block % 5) + 0.01 * (random() - 0.5)
    deviation[cell] = 0.004 + 0.002 * random()
  }
  return { steps, offset, deviation, normalZ: new Float32Array(count).fill(1) }
}

function chosen(cells: RegistrationCells, numbers: number[]): RegistrationCells {
  const of = (values: Float32Array) => Float32Array.from(numbers, (cell) => values[cell]!)
  return {
    steps: Int32Array.from(numbers.flatMap((cell) => [...cells.steps.subarray(3 * cell, 3 * cell + 3)])),
    ...{ offset: of(cells.offset), deviation: of(cells.deviation), normalZ: of(cells.normalZ) },
  }
}

test('how far blocks lie apart is found whatever the order of cells, and however they are shared out', async () => {
  const cells = blocks()
  const { steps, offset, deviation, normalZ } = cells
  const spread = await registrationSpread({ steps }, offset, deviation, normalZ)
  expect(spread).toBeGreaterThan(0.005)
  const backwards = [...offset.keys()].reverse()
  const turned = chosen(cells, backwards)
  expect(await registrationSpread(turned, turned.offset, turned.deviation, turned.normalZ)).toBe(spread)
  const parted = new RegistrationSpread(0.005)
  for (let part = 0; part < 3; part++)
    parted.add(
      chosen(
        cells,
        backwards.filter((cell) => cell % 3 === part),
      ),
    )
  const whole = new RegistrationSpread(0.005)
  whole.add(cells)
  expect(parted.spread()).toBe(whole.spread())
})

test('the cells of a smaller sample are among those of a larger one, about evenly', () => {
  expect(sampledEvery(100)).toBe(1)
  expect(sampledEvery(16 * 4096)).toBe(16)
  let [every4, every16] = [0, 0]
  for (let i = -100; i < 100; i++)
    for (let j = -100; j < 100; j++) {
      const hash = cellHash(i, j, 7)
      if (hash % 4 === 0) every4++
      if (hash % 16 === 0) every16++
    }
  expect(every4 / 10_000).toBeCloseTo(1, 1)
  expect(every16 / 2500).toBeCloseTo(1, 1)
})
