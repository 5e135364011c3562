// Jobs to poll: made by the API where it keeps them in memory, multiplied by SQL where there are a million.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { finished } from 'node:stream/promises'
import pg from 'pg'
import { createClient } from '../../packages/client/src/index.ts'

/** One job by the API, unsubmitted. */
export async function createJob(url: string, token: string): Promise<string> {
  const client = createClient({ baseUrl: url, token: () => token })
  const iTwinId = randomUUID()
  const inputs = []
  for (const type of ['pointClouds1', 'pointClouds2']) {
    const { id } = await client.realityData.create({ displayName: type, type: 'LAS', iTwinId })
    inputs.push({ type, id })
  }
  const job = { type: 'changeDetection', name: 'bench', iTwinId, inputs, outputs: ['objects3D'] }
  return (await client.jobs.create(job)).id
}

/** `count` jobs by the API; their ids go to the file, one a line. */
export async function createJobs(url: string, token: string, count: number, file: string): Promise<void> {
  const ids: string[] = []
  while (ids.length < count) ids.push(await createJob(url, token))
  await writeFile(file, `${ids.join('\n')}\n`)
}

/** `count` jobs in the midst of their work like the one given, with random ids, straight into the table. */
export async function insertJobs(databaseUrl: string, like: string, count: number, file: string) {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const active: Record<string, string> = {
      id: 'gen_random_uuid()',
      state: `'active'`,
      step: `'Compare_Clouds'`,
      percentage: '56',
      attempt: '1',
      submitted_at: 'now()',
      started_at: 'now()',
    }
    const { rows: columns } = await client.query<{ name: string }>(
      `select attname as name from pg_attribute
       where attrelid = 'job'::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
    )
    const names = columns.map(({ name }) => name)
    await client.query(
      `insert into job (${names}) select ${names.map((name) => active[name] ?? `job.${name}`)}
       from job, generate_series(1, $2::int) where job.id = $1`,
      [like, count],
    )
    await client.query('vacuum analyze job')
    await client.query('checkpoint')
    const { rows } = await client.query<{ id: string }>(`select id from job where state = 'active'`)
    const out = createWriteStream(file)
    for (const { id } of rows) if (!out.write(`${id}\n`)) await once(out, 'drain')
    out.end()
    await finished(out)
  } finally {
    await client.end()
  }
}
