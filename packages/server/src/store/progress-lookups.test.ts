import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from './database.ts'
import { progressLookups } from './progress-lookups.ts'
import { openTestStore, type TestStore } from './test-store.ts'

let store: TestStore
const jobs = Array.from({ length: 3 }, () => randomUUID())
beforeAll(async () => {
  store = await openTestStore()
  const iTwin = randomUUID()
  await store.database.query(`insert into itwin values ($1, 'acme', now())`, [iTwin])
  for (const [i, id] of jobs.entries()) {
    await store.database.query(
      `insert into job (id, org, user_id, email, client_id, itwin_id, type, name, inputs, outputs, options, state, step,
         percentage, created_at, modified_at)
       values ($1, 'acme', '', '', '', $2, '', '', '[]', '[]', '{}', 'active', 'Compare_Clouds', $3, now(), now())`,
      [id, iTwin, 10 * i],
    )
  }
})
afterAll(() => store.remove())

/** The real database, and what was asked of it: each statement waits until it is let go. */
function heldDatabase() {
  const asked: { ids: string[]; letGo: () => void; fail: (error: Error) => void }[] = []
  const database: Pick<Database, 'prepared'> = {
    prepared: async (name, text, values) => {
      const held = new Promise<void>((letGo, fail) => {
        asked.push({ ids: String(values[0]).split(','), letGo, fail })
      })
      await held
      return store.database.prepared(name, text, values)
    },
  }
  return { asked, lookUp: progressLookups(database) }
}

const percentage = async (found: ReturnType<ReturnType<typeof progressLookups>>) => (await found)?.percentage

test('lookups that come while a statement is under way go out together as the next one', async () => {
  const { asked, lookUp } = heldDatabase()
  const first = percentage(lookUp('acme', jobs[0]!))
  await expect.poll(() => asked.length).toBe(1)
  const others = [jobs[1]!, jobs[2]!, jobs[1]!].map((id) => percentage(lookUp('acme', id)))
  asked[0]!.letGo()
  expect(await first).toBe(0)
  expect(asked.map(({ ids }) => ids)).toEqual([[jobs[0]], [jobs[1], jobs[2]]])
  asked[1]!.letGo()
  expect(await Promise.all(others)).toEqual([10, 20, 10])
})

test('a job of another tenant is not found, and neither is what is no id', async () => {
  const lookUp = progressLookups(store.database)
  expect(await lookUp('other', jobs[0]!)).toBeUndefined()
  expect(await lookUp('acme', randomUUID())).toBeUndefined()
  expect(await lookUp('acme', `${jobs[0]}' or true`)).toBeUndefined()
})

test('a statement that fails fails its own lookups, and the next one is asked', async () => {
  const { asked, lookUp } = heldDatabase()
  const first = lookUp('acme', jobs[0]!)
  await expect.poll(() => asked.length).toBe(1)
  const second = percentage(lookUp('acme', jobs[1]!))
  asked[0]!.fail(new Error('away'))
  await expect(first).rejects.toThrow('away')
  asked[1]!.letGo()
  expect(await second).toBe(10)
})
