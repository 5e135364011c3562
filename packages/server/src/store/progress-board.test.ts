import { expect, test } from 'vitest'
import { ProgressBoard } from './progress-board.ts'

const unset = { startedAt: undefined, endedAt: undefined, terminatingUntil: undefined }
const job = (id: string, percentage: number) =>
  ({ ...unset, id, org: 'acme', state: 'active', percentage, step: 'Read_Clouds', versions: ['v1'] }) as const

test('a board tells what was written last, and to its tenant only', () => {
  const board = new ProgressBoard()
  expect(board.knows('a')).toBe(false)
  board.write(job('a', 10))
  board.write(job('a', 20))
  expect(board.get('acme', 'a')).toMatchObject({ percentage: 20, state: 'active' })
  expect(board.get('other', 'a')).toBeUndefined()
})

test('what was read does not replace what was written meanwhile, nor bring back what was deleted', () => {
  const board = new ProgressBoard()
  board.write(job('a', 20))
  board.fill(job('a', 10))
  expect(board.get('acme', 'a')?.percentage).toBe(20)
  board.forget('b')
  board.fill(job('b', 10))
  expect(board.knows('b')).toBe(true)
  expect(board.get('acme', 'b')).toBeUndefined()
})

test('the jobs written longest ago make room', () => {
  const board = new ProgressBoard(2)
  board.write(job('a', 1))
  board.write(job('b', 1))
  board.write(job('a', 2))
  board.write(job('c', 1))
  expect(['a', 'b', 'c'].map((id) => board.knows(id))).toEqual([true, false, true])
})
