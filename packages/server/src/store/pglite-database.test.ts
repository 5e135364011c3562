import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openPglite } from './pglite-database.ts'
import { copyTemplate } from './test-store.ts'

test('a start that was killed while it made the database does not keep the next one from making it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'alidade-pglite-'))
  try {
    // What a kill leaves in the name under which it is made: the version file is there, half of the rest is not.
    const unfinished = join(folder, 'database.new')
    await copyTemplate(unfinished)
    for (const name of ['base', 'pg_wal']) await rm(join(unfinished, name), { recursive: true })

    const database = await openPglite(join(folder, 'database'))
    expect((await database.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    await database.close()
    expect(await readdir(folder)).toEqual(['database'])
  } finally {
    await rm(folder, { recursive: true })
  }
  // A database is made: 4 s on an idle machine.
}, 120_000)

test('a second opening of the same database is refused until the first is closed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'alidade-pglite-'))
  try {
    const path = join(folder, 'database')
    await copyTemplate(path)
    const first = await openPglite(path)
    await expect(openPglite(path)).rejects.toThrow(`is in use by process ${process.pid}`)
    await first.close()
    await (await openPglite(path)).close()
  } finally {
    await rm(folder, { recursive: true })
  }
})
