import { expect, test } from 'vitest'
import { countInTurn } from './count-in-turn.ts'

/** What was begun and counted, as `part total: counts`. */
function counted(totals: Record<string, number>, ...counts: number[]): string[] {
  const parts: { name: string; counts: number[] }[] = []
  const begin = (_step: string, { part, total }: { part?: string; total: number }) => {
    const counts: number[] = []
    parts.push({ name: `${part} ${total}`, counts })
    return { advance: (count: number) => void counts.push(count) }
  }
  const count = countInTurn({ begin }, 'Compare_Clouds', 'points', totals)
  for (const some of counts) count(some)
  return parts.map(({ name, counts }) => `${name}: ${counts}`)
}

test('a part begins when the one before is full, and a count that reaches over both is shared out', () => {
  expect(counted({ index: 10, distances: 20 })).toEqual(['index 10: '])
  expect(counted({ index: 10, distances: 20 }, 10)).toEqual(['index 10: 10', 'distances 20: '])
  expect(counted({ index: 10, distances: 20 }, 4, 9, 17)).toEqual(['index 10: 4,6', 'distances 20: 3,17'])
})

test('a part with nothing in it begins and is passed, wherever it stands', () => {
  expect(counted({ none: 0, some: 2, nothing: 0, last: 1 }, 3)).toEqual([
    'none 0: ',
    'some 2: 2',
    'nothing 0: ',
    'last 1: 1',
  ])
})

test('what is counted beyond the last part is left out', () => {
  expect(counted({ index: 10 }, 7, 7, 7)).toEqual(['index 10: 7,3'])
})
