// Very many clients, each with a token and an id of its own, that ask for progress at the documented cadence in its worst
// case, every 15 s: are all answered, how soon, and what does the API process spend?
//
//   npm run bench:many-clients -- [embedded|postgres] [clients] [seconds]
//
// The first 15 s are told apart: every token is new then, and its signature is checked. Jobs: 100 by the API on the
// embedded database, one for each client in PostgreSQL. Clients share 256 kept connections, as behind a proxy; rate limit
// and log are as they come. Linux only, as it reads /proc. The last line is JSON.
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDatabase, startPostgres } from '../packages/server/src/store/start-postgres.fixture.ts'
import { startLoad } from './http/load-process.ts'
import { openManyTokens } from './http/many-tokens.ts'
import { cpuSeconds, machine, quantile, residentMegabytes } from './http/measure.ts'
import type { Observed, OpenLoop } from './http/open-loop.ts'
import { createJob, createJobs, insertJobs } from './http/polled-jobs.ts'
import { startAlidade } from './http/server-process.ts'

const [database = 'embedded', clients = 100_000, seconds = 45] = process.argv
  .slice(2)
  .map((value, i) => (i === 0 ? value : Number(value))) as [string?, number?, number?]
const periodSeconds = 15
const folder = await mkdtemp(join(tmpdir(), 'alidade-bench-'))
const closers: (() => unknown)[] = [() => rm(folder, { recursive: true, force: true })]
try {
  const [ids, tokens] = [join(folder, 'ids'), join(folder, 'tokens')]
  const issuer = await openManyTokens()
  closers.push(() => issuer.close())
  const postgres = database === 'postgres' ? await startPostgres() : undefined
  closers.push(() => postgres?.stop())
  const databaseUrl = postgres && (await createDatabase(postgres.url, 'bench'))
  const role = databaseUrl === undefined ? [] : ['--role', 'api', '--database-url', databaseUrl]
  const service = await startAlidade(folder, [...issuer.flags, ...role])
  closers.push(() => service.stop())
  const token = await issuer.token('maker')
  if (databaseUrl === undefined) await createJobs(service.url, token, 100, ids)
  else await insertJobs(databaseUrl, await createJob(service.url, token), clients, ids)
  await issuer.write(tokens, clients)

  const load = startLoad<OpenLoop, Observed>('./open-loop.ts')
  closers.push(() => load.stop())
  console.log(
    `${database}, ${clients} clients, ${(clients / periodSeconds).toFixed(0)} requests/s, ${(await stat(tokens)).size / clients} bytes a token`,
  )
  const phases: Record<string, unknown> = {}
  for (const [phase, phaseSeconds] of [
    ['first 15 s', periodSeconds],
    ['afterwards', seconds],
  ] as const) {
    const [cpuBefore, loadBefore, began] = [
      await cpuSeconds(service.pid),
      await load.cpuSeconds(),
      performance.now(),
    ]
    const task = { port: service.port, ids, tokens, periodSeconds, connections: 256, seconds: phaseSeconds }
    const { statuses, latenciesMs } = await load.run(task)
    const took = (performance.now() - began) / 1000
    const result = {
      statuses,
      medianMs: Number(quantile(latenciesMs, 0.5).toFixed(1)),
      p99Ms: Number(quantile(latenciesMs, 0.99).toFixed(1)),
      worstMs: Number(quantile(latenciesMs, 1).toFixed(1)),
      // Of a core, over the time for which requests were sent.
      cores: Number((((await cpuSeconds(service.pid)) - cpuBefore) / phaseSeconds).toFixed(3)),
      microseconds: Number(
        ((((await cpuSeconds(service.pid)) - cpuBefore) / latenciesMs.length) * 1e6).toFixed(1),
      ),
      loadCores: Number((((await load.cpuSeconds()) - loadBefore) / took).toFixed(2)),
      residentMegabytes: await residentMegabytes(service.pid),
    }
    phases[phase] = result
    console.log(`${phase}: ${JSON.stringify(result)}`)
  }
  console.log(JSON.stringify({ database, clients, seconds, phases, ...machine() }))
} finally {
  for (const close of closers.reverse()) await close()
}
