// What migration 0010 makes of the jobs of a database that knew v1 alone.
import { randomUUID } from 'node:crypto'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, inject, onTestFinished, test } from 'vitest'
import { knownMigrations, migrate } from './migrate.ts'
import { openTestStore } from './test-store.ts'

test.each(['PGlite', 'PostgreSQL'])(
  'on %s, jobs of before are shown by v2 unless it has no name for an option, and nobody works on ended ones',
  async (kind) => {
    const store = await openTestStore(kind === 'PostgreSQL' ? { postgresUrl: inject('postgresUrl') } : {})
    const older = await mkdtemp(join(tmpdir(), 'alidade-older-'))
    onTestFinished(async () => {
      await store.remove()
      await rm(older, { recursive: true })
    })
    const { database, jobs } = store
    await database.script('drop schema public cascade; create schema public;')
    for (const { name, number } of await knownMigrations()) {
      const migrations = new URL('./migrations/', import.meta.url)
      if (number < 10) await cp(new URL(name, migrations), join(older, name))
    }
    const now = () => new Date()
    await migrate(database, now, older)

    const iTwin = randomUUID()
    await database.query('insert into itwin values ($1, $2, $3)', [iTwin, 'acme', now()])
    const insert = async (options: object) => {
      const id = randomUUID()
      await database.query(
        `insert into job (id, org, user_id, email, client_id, itwin_id, type, name, inputs, outputs, options, state, agent,
           created_at, modified_at, ended_at)
         values ($1, 'acme', 'ada', '', 'c', $2, 'changeDetection', 'old', '[]', '[]', $3, 'cancelled', 'gone', $4, $4, $4)`,
        [id, iTwin, JSON.stringify(options), now()],
      )
      return id
    }
    const [plain, coloured] = [await insert({ minPoints: 9 }), await insert({ colorThresholdHigh: 9 })]
    await migrate(database, now)
    expect(await jobs.get('acme', plain)).toMatchObject({
      versions: ['v1', 'v2'],
      terminatingUntil: undefined,
    })
    expect(await jobs.get('acme', coloured)).toMatchObject({ versions: ['v1'] })
  },
)
