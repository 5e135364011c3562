import { expect, test } from 'vitest'
import { paceByShare } from './pace.ts'

async function counted(all: number, work: number, ...units: number[]): Promise<number[]> {
  const counts: number[] = []
  const pace = paceByShare(async (done) => void counts.push(done), all, work)
  for (const some of units) await pace(some)
  return counts
}

test('what is counted rises with the share of the work that is done, in whole numbers', async () => {
  expect(await counted(10, 4, 1, 1, 2)).toEqual([2, 3, 5])
})

test('more work than was foreseen counts no more, and without any all is counted at once', async () => {
  expect(await counted(10, 4, 3, 3, 3)).toEqual([7, 3, 0])
  expect(await counted(10, 0, 0, 0)).toEqual([10, 0])
})
