// GET progress while runners use every core: a thousand clients, each with a token, an id and a connection of its own,
// that ask every 15 s; rate limit and log as they come.
//
//   npm run bench:progress-under-work -- [embedded|postgres] [clients] [seconds]
//
// As many runners as cores, and jobs enough that there are always as many. Times count from the moment when a
// client wanted to ask, its first question (whose token is new) included. Linux only. The last line is JSON.
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Client, createClient } from '../packages/client/src/index.ts'
import { createChangeJob, uploadSurveys } from '../test/e2e/survey-job.ts'
import { writeTwoEpochs } from '../test/e2e/two-epochs.ts'
import { createDatabase, startPostgres } from '../packages/server/src/store/start-postgres.fixture.ts'
import { startLoad } from './http/load-process.ts'
import { openManyTokens } from './http/many-tokens.ts'
import { busyShare, machine, quantile } from './http/measure.ts'
import type { Observed, OpenLoop } from './http/open-loop.ts'
import { startAlidade } from './http/server-process.ts'

const [database = 'embedded', clients = 1000, seconds = 60] = process.argv
  .slice(2)
  .map((value, i) => (i === 0 ? value : Number(value))) as [string?, number?, number?]
const cores = availableParallelism()
const folder = await mkdtemp(join(tmpdir(), 'alidade-bench-'))
const closers: (() => unknown)[] = [() => rm(folder, { recursive: true, force: true })]
try {
  const [ids, tokens] = [join(folder, 'ids'), join(folder, 'tokens')]
  const issuer = await openManyTokens()
  closers.push(() => issuer.close())
  const postgres = database === 'postgres' ? await startPostgres() : undefined
  closers.push(() => postgres?.stop())
  const databaseUrl = postgres && (await createDatabase(postgres.url, 'bench'))
  const shared = databaseUrl === undefined ? [] : ['--database-url', databaseUrl]
  const service = await startAlidade(folder, [
    ...issuer.flags,
    ...shared,
    '--slots',
    String(cores),
    '--threads',
    '1',
  ])
  closers.push(() => service.stop())
  await issuer.write(tokens, clients)

  const token = await issuer.token('maker')
  const client = createClient({ baseUrl: service.url, token: () => token })
  const jobs = await submitJobs(client)
  await writeFile(ids, `${jobs.join('\n')}\n`)
  while ((await activeRunners(client, jobs)) < cores) await delay(50)

  const load = startLoad<OpenLoop, Observed>('./open-loop.ts')
  closers.push(() => load.stop())
  const busy = busyShare()
  const task = { port: service.port, ids, tokens, periodSeconds: 15, connections: clients, seconds }
  const { statuses, latenciesMs } = await load.run(task)
  const result = {
    statuses,
    medianMs: Number(quantile(latenciesMs, 0.5).toFixed(1)),
    p99Ms: Number(quantile(latenciesMs, 0.99).toFixed(1)),
    worstMs: Number(quantile(latenciesMs, 1).toFixed(1)),
    busy: Number(busy().toFixed(2)),
    runnersAtTheEnd: await activeRunners(client, jobs),
  }
  console.log(
    `${database}, ${clients} clients: median ${result.medianMs} ms, p99 ${result.p99Ms} ms, worst ${result.worstMs} ms, ` +
      `answers ${JSON.stringify(statuses)}; cores busy ${(result.busy * 100).toFixed(0)} %`,
  )
  console.log(JSON.stringify({ database, clients, seconds, ...result, ...machine() }))
} finally {
  for (const close of closers.reverse()) await close()
}

/** More than are done while this runs. */
async function submitJobs(client: Client): Promise<string[]> {
  const iTwinId = randomUUID()
  const surveys = await uploadSurveys(client, iTwinId, (await writeTwoEpochs(folder, 2_000_000, 400)).paths)
  const jobs: string[] = []
  for (let i = 0; i < 20 * cores; i++) {
    const id = await createChangeJob(client, iTwinId, surveys)
    await client.jobs.submit(id)
    jobs.push(id)
  }
  return jobs
}

async function activeRunners(client: Client, jobs: readonly string[]): Promise<number> {
  const all = await Promise.all(jobs.map((id) => client.jobs.progress(id)))
  return all.filter(({ state, step }) => state === 'active' && step !== 'Wait_In_Queue').length
}
