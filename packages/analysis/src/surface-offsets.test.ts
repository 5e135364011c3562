import { expect, test } from 'vitest'
import { offsetEvidence, raiseByOffsets } from './change-evidence.ts'
import type { PointArrays } from './point-arrays.ts'
import { cloudOf, seededRandom } from './random-points.fixture.ts'
import { type SurfaceOffsets, surfaceOffsets } from './surface-offsets.ts'

function normalNumbers(seed: number): () => number {
  const random = seededRandom(seed)
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** One point for each squared unit of 60 x 60, on a slope, moved by `rise` along its normal, with so much noise. */
function slope(seed: number, noise: number, rise: (x: number, y: number) => number = () => 0) {
  const random = seededRandom(seed)
  const normal = normalNumbers(seed + 1000)
  const [nx, nz] = [-0.6, 0.8]
  return cloudOf(3600, () => {
    const [x, y] = [60 * random(), 60 * random()]
    const by = rise(x, y) + noise * normal()
    return [x + nx * by, y, 100 + 0.75 * x + nz * by]
  })
}

async function offsetsOf(a: PointArrays, b: PointArrays): Promise<SurfaceOffsets> {
  return (await surfaceOffsets(a, b, 1)).offsets
}

test('a slope that rose has its rise along the normal as offset, in every cell within', async () => {
  const { offset, deviation, normalZ, cells } = await offsetsOf(
    slope(1, 0.01),
    slope(2, 0.01, () => 0.5),
  )
  let judged = 0
  for (let cell = 0; cell < offset.length; cell++) {
    const [x, y] = cells.middleOf(cell)
    if (!(x > 5 && x < 55 && y > 5 && y < 55 && deviation[cell]! < Infinity)) continue
    judged++
    expect(Math.abs(offset[cell]! - 0.5)).toBeLessThan(8 * deviation[cell]!)
    expect(normalZ[cell]).toBeCloseTo(0.8, 1)
  }
  expect(judged).toBeGreaterThan(2000)
})

test('deviations are those that offsets have: on an unchanged slope 2.5 of them are seldom passed', async () => {
  let [beyond, cells] = [0, 0]
  for (const seed of [3, 5, 7, 9]) {
    const offsets = await offsetsOf(slope(seed, 0.05), slope(seed + 1, 0.05))
    for (let cell = 0; cell < offsets.offset.length; cell++) {
      if (offsets.deviation[cell] === Infinity) continue
      cells++
      if (offsetEvidence(offsets, cell) > 1) beyond++
    }
  }
  // 1.2 % of a normal distribution; neighbouring cells share points, hence the margin.
  expect(beyond / cells).toBeLessThan(0.02)
  expect(beyond / cells).toBeGreaterThan(0.0005)
})

test('rough cover asks for a larger offset than smooth ground before it speaks of change', async () => {
  const rough = await offsetsOf(
    slope(11, 0.5),
    slope(12, 0.5, () => 0.2),
  )
  const smooth = await offsetsOf(
    slope(11, 0.02),
    slope(12, 0.02, () => 0.2),
  )
  const share = ({ offset }: typeof rough, evidence: (cell: number) => number) =>
    offset.filter((_, cell) => evidence(cell) > 1).length / offset.length
  expect(share(smooth, (cell) => offsetEvidence(smooth, cell))).toBeGreaterThan(0.9)
  expect(share(rough, (cell) => offsetEvidence(rough, cell))).toBeLessThan(0.1)
})

test('a point that lies nearer to the other survey than half of the offset gets no evidence from it', async () => {
  const before = slope(21, 0.01)
  const after = slope(22, 0.01, () => 0.5)
  const { offsets, points } = await surfaceOffsets(before, after, 1)
  const distance = Float32Array.from(before.x, (_, i) => (i % 2 === 0 ? 0.5 : 0.1))
  const evidence = new Float32Array(before.x.length)
  const none = { distance: new Float32Array(after.x.length), evidence: new Float32Array(after.x.length) }
  await raiseByOffsets(offsets, points, [{ distance, evidence }, none])
  const inside = [...evidence.keys()].filter((i) => before.x[i]! > 5 && before.x[i]! < 55)
  expect(inside.every((i) => (i % 2 === 0 ? evidence[i]! > 2 : evidence[i] === 0))).toBe(true)
})

test('too few points give no offset, and no evidence', async () => {
  const few = cloudOf(3, (i) => [i, 0, 0])
  const offsets = await offsetsOf(few, slope(31, 0.01))
  expect(offsets.deviation.every((value) => value === Infinity)).toBe(true)
  expect(offsets.offset.every((_, cell) => offsetEvidence(offsets, cell) === 0)).toBe(true)
})

test('neither the number of threads nor a point far away changes what is found, and every point is counted', async () => {
  const random = seededRandom(41)
  const ground = (far: number) =>
    cloudOf(70_000, (i) => (i === far ? [1e6, -1e6, 5000] : [280 * random(), 280 * random(), 0.1 * random()]))
  const [a, b] = [ground(-1), ground(700)]
  const [one, three] = await Promise.all(
    [1, 3].map(async (threads) => {
      let [ordered, measured] = [0, 0]
      const found = await surfaceOffsets(a, b, 0.6, {
        threads,
        onOrdered: (points) => {
          ordered += points
        },
        onMeasured: (points) => {
          measured += points
        },
      })
      expect([ordered, measured]).toEqual([560_000, 140_000])
      return found
    }),
  )
  expect(Buffer.compare(bytesOf(one!.points.order), bytesOf(three!.points.order))).toBe(0)
  for (const key of ['offset', 'deviation', 'normalZ'] as const)
    expect(Buffer.compare(bytesOf(one!.offsets[key]), bytesOf(three!.offsets[key]))).toBe(0)
  expect(three!.offsets.roughness).toBe(one!.offsets.roughness)
  const { cells, offset, deviation } = three!.offsets
  const cell = cells.cellAt(200, 200, 0.05)
  expect(cells.middleOf(cell).map(Math.round)).toEqual([200, 200, 0])
  expect(Math.abs(offset[cell]!)).toBeLessThan(4 * deviation[cell]!)
  expect(deviation[cells.cellAt(1e6, -1e6, 5000)]).toBe(Infinity)
  expect(cells.cellAt(1e6, -1e6, 0)).toBe(-1)
})

function bytesOf({ buffer }: Float32Array | Uint32Array): Uint8Array {
  return new Uint8Array(buffer)
}

test('an abort while surfaces are compared rejects with its reason', async () => {
  const [a, b] = [slope(51, 0.01), slope(52, 0.01)]
  const controller = new AbortController()
  const reason = new Error('enough')
  const onOrdered = () => controller.abort(reason)
  await expect(surfaceOffsets(a, b, 1, { signal: controller.signal, onOrdered })).rejects.toBe(reason)
})
