import { expect, test } from 'vitest'
import type { Caller } from './caller.ts'
import { TokenMemory } from './token-memory.ts'

const caller = (userId: string): Caller => ({
  ...{ org: 'acme', userId, email: '', clientId: 'sdk', scopes: ['itwin-platform'], admin: false },
})

/** A header of 100 characters whose last 40 are `end` over and over. */
const header = (start: string, end: string) => `Bearer ${start.padEnd(53, '.')}${end.repeat(40)}`

test('a token with the signature of another one is not taken for it', () => {
  const memory = new TokenMemory(1000)
  memory.keep(header('ada', 'x'), caller('ada'), 1, 0)
  expect(memory.recall(header('bob', 'x'), 0, 0)).toBeUndefined()
  expect(memory.recall(header('ada', 'x'), 0, 0)?.userId).toBe('ada')
})

test('of two tokens with one end the later is remembered, and counts once', () => {
  const memory = new TokenMemory(250)
  for (const user of ['ada', 'bob', 'ada', 'bob']) memory.keep(header(user, 'x'), caller(user), 1, 0)
  memory.keep(header('cyd', 'y'), caller('cyd'), 1, 0)
  const remembered = [header('ada', 'x'), header('bob', 'x'), header('cyd', 'y')]
  expect(remembered.map((token) => memory.recall(token, 0, 0)?.userId)).toEqual([undefined, 'bob', 'cyd'])
})

test('tokens are remembered up to so many characters, and the one unused longest is forgotten first', () => {
  const memory = new TokenMemory(350)
  for (const end of ['a', 'b', 'c']) memory.keep(header('', end), caller(end), 1, 0)
  memory.recall(header('', 'a'), 0, 0)
  memory.keep(header('', 'd'), caller('d'), 1, 0)
  const remembered = ['a', 'b', 'c', 'd'].map((end) => memory.recall(header('', end), 0, 0)?.userId)
  expect(remembered).toEqual(['a', undefined, 'c', 'd'])
})

test('a token that has expired leaves room for others', () => {
  const memory = new TokenMemory(200)
  memory.keep(header('', 'a'), caller('a'), 5, 0)
  memory.keep(header('', 'b'), caller('b'), 9, 0)
  expect(memory.recall(header('', 'a'), 0, 5)).toBeUndefined()
  memory.keep(header('', 'c'), caller('c'), 9, 0)
  expect(['b', 'c'].map((end) => memory.recall(header('', end), 0, 5)?.userId)).toEqual(['b', 'c'])
})

test('a header longer than the whole memory is not remembered and costs nobody their place', () => {
  const memory = new TokenMemory(150)
  memory.keep(header('', 'a'), caller('a'), 1, 0)
  memory.keep(header('', 'b').padEnd(151, 'b'), caller('b'), 1, 0)
  expect(memory.recall(header('', 'a'), 0, 0)?.userId).toBe('a')
})
