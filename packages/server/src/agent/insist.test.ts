import { expect, test } from 'vitest'
import { isDatabaseAway } from '../store/database-away.ts'
import { openPostgres } from '../store/postgres-database.ts'
import { insist } from './insist.ts'

const never = new AbortController().signal

test('what fails is said again until it is heard, and each failure is told', async () => {
  const told: unknown[] = []
  let said = 0
  const say = async () => {
    if (++said < 3) throw new Error(`away ${said}`)
    return 'heard'
  }
  const options = { signal: never, onError: (error: unknown) => told.push(error), longestPauseMs: 1 }
  expect(await insist(say, options)).toBe('heard')
  expect(told).toMatchObject([{ message: 'away 1' }, { message: 'away 2' }])
})

test('an error that does not pass counts at once, and so does the one after the end was told', async () => {
  const say = () => Promise.reject(new TypeError('ours'))
  const passes = (error: unknown) => !(error instanceof TypeError)
  await expect(insist(say, { signal: never, onError: () => undefined, passes })).rejects.toThrow('ours')
  const told = AbortSignal.abort()
  await expect(insist(say, { signal: told, onError: () => undefined })).rejects.toThrow('ours')
})

test('a server that nobody listens on is away; a statement that is wrong is not', async () => {
  const refused = await openPostgres({ url: 'postgres://127.0.0.1:1/x', onError: () => undefined }).catch(
    (error: unknown) => error,
  )
  expect(isDatabaseAway(refused)).toBe(true)
  expect(isDatabaseAway(Object.assign(new Error('syntax error'), { code: '42601' }))).toBe(false)
  expect(isDatabaseAway(new Error('Connection terminated unexpectedly'))).toBe(true)
  expect(isDatabaseAway(undefined)).toBe(false)
})
