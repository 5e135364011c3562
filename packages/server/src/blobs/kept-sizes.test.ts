import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { keptSizes } from './kept-sizes.ts'

/** Each walk through the list takes `walkMs`. */
function sizesOf(sizes: number[], { walkMs = 100, maxKept = 100 } = {}) {
  const clock = { now: new Date('2026-11-01T12:00:00Z') }
  const wait = (ms: number) => {
    clock.now = new Date(clock.now.getTime() + ms)
  }
  let asked = 0
  const store = {
    sizeOf: async () => {
      const size = sizes[asked++]
      wait(walkMs)
      if (size === undefined) throw new Error('the account does not answer')
      return size
    },
  }
  return { wait, kept: keptSizes(store, { now: () => clock.now, maxKept }), asked: () => asked }
}

test.each([
  [100, 500],
  [1, 5],
  [60_000, 10_000],
])(
  'where a walk takes %d ms, the size of what clients write is asked again %d ms after it',
  async (walkMs, restMs) => {
    const { wait, kept, asked } = sizesOf([1, 2], { walkMs })
    const uploads = { id: randomUUID(), attempt: 0 }
    const both = [kept.sizeOf(uploads), kept.sizeOf({ ...uploads, id: uploads.id.toUpperCase() })]
    expect(await Promise.all(both)).toEqual([1, 1])
    wait(restMs - 1)
    expect([await kept.sizeOf(uploads), asked()]).toEqual([1, 1])
    wait(1)
    expect([await kept.sizeOf(uploads), asked()]).toEqual([2, 2])
  },
)

test('the size of what a job committed is asked once', async () => {
  const { wait, kept, asked } = sizesOf([7])
  const result = { id: randomUUID(), attempt: 2 }
  await kept.sizeOf(result)
  wait(10 * 365 * 86_400_000)
  expect([await kept.sizeOf(result), asked()]).toEqual([7, 1])
})

test('a size that could not be told is asked again, and the oldest make room', async () => {
  const failing = sizesOf([])
  const result = { id: randomUUID(), attempt: 1 }
  await expect(failing.kept.sizeOf(result)).rejects.toThrow('does not answer')
  await expect(failing.kept.sizeOf(result)).rejects.toThrow('does not answer')
  expect(failing.asked()).toBe(2)

  const small = sizesOf([1, 2, 3, 4], { maxKept: 2 })
  const [a, b, c] = [1, 2, 3].map((attempt) => ({ id: randomUUID(), attempt })) as [
    typeof result,
    typeof result,
    typeof result,
  ]
  for (const each of [a, b, c]) await small.kept.sizeOf(each)
  expect([await small.kept.sizeOf(c), await small.kept.sizeOf(b), await small.kept.sizeOf(a)]).toEqual([
    3, 2, 4,
  ])
})
