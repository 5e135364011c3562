// GET progress through the real service (bearer token, scopes, rate limit, correlation id, metrics, a log line to a file
// for each) beside a bare node:http server that sends the same body and beside plain Express: requests per second and
// processor time of the server.
//
//   npm run bench:progress -- [embedded|postgres] [rounds] [seconds] [connections] [jobs]
//
// On PostgreSQL there are a million jobs, of which each request asks for one at random, and its own processes' time is
// told beside that of the API. Every server and the load generator are processes of their own; rounds alternate, so that
// whatever else the machine does falls on all. Processor time is read from /proc, hence Linux only. The last line is
// JSON. `NODE_FLAGS="--cpu-prof --cpu-prof-dir=/tmp/prof"` profiles the service.
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createDatabase, startPostgres } from '../packages/server/src/store/start-postgres.fixture.ts'
import type { Answered, ClosedLoop } from './http/closed-loop.ts'
import { startLoad } from './http/load-process.ts'
import { cpuSeconds, machine, median } from './http/measure.ts'
import { createJob, createJobs, insertJobs } from './http/polled-jobs.ts'
import { startAlidade, startServer } from './http/server-process.ts'

const [database = 'embedded', ...numbers] = process.argv.slice(2)
const [rounds = 7, seconds = 4, connections = 32, jobs = database === 'postgres' ? 1_000_000 : 100] =
  numbers.map(Number)

interface Round {
  requestsPerSecond: number
  microsecondsPerRequest: number
  /** Of the database, where it is a process of its own. */
  databaseMicroseconds: number
  /** How much of a core the load generator took. */
  loadCores: number
}

const folder = await mkdtemp(join(tmpdir(), 'alidade-bench-'))
const closers: (() => unknown)[] = [() => rm(folder, { recursive: true, force: true })]
try {
  await main()
} finally {
  for (const close of closers.reverse()) await close()
}

async function main(): Promise<void> {
  const ids = join(folder, 'ids')
  const postgres = database === 'postgres' ? await startPostgres() : undefined
  closers.push(() => postgres?.stop())
  const { service, token } = await serviceWithJobs(postgres?.url, ids)
  const path = (id: string) => `/realitydataanalysis/jobs/${id}/progress`
  const [id = ''] = (await readFile(ids, 'latin1')).split('\n', 1)
  const authorization = `Bearer ${token}`
  const answer = await fetch(service.url + path(id), { headers: { authorization } })
  if (answer.status !== 200) throw new Error(`expected 200, got ${answer.status}: ${await answer.text()}`)
  const body = await answer.text()
  console.log(`${database}, ${jobs} jobs, ${connections} connections, each answered with ${body}`)
  const program = (name: string) => fileURLToPath(new URL(`./http/${name}.ts`, import.meta.url))
  const bare = await startServer([program('bare-node'), body], join(folder, 'bare.log'))
  closers.push(() => bare.stop())
  const express = await startServer([program('plain-express'), body, ids], join(folder, 'express.log'))
  closers.push(() => express.stop())

  const load = startLoad<ClosedLoop, Answered>('./closed-loop.ts')
  closers.push(() => load.stop())
  const [before, behind] = path('\n').split('\n')
  const request = {
    before: `GET ${before}`,
    behind:
      `${behind} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\n` +
      'Accept: application/vnd.bentley.itwin-platform.v1+json\r\n\r\n',
  }
  const servers = { alidade: service, 'node:http': bare, express }
  const measured: Record<string, Round[]> = { alidade: [], 'node:http': [], express: [] }
  for (let round = -1; round < rounds; round++) {
    for (const [name, { pid, port }] of Object.entries(servers)) {
      const before = {
        server: await cpuSeconds(pid),
        load: await load.cpuSeconds(),
        database: await databaseCpu(postgres?.pid),
      }
      const warmUp = round < 0
      const answered = await load.run({ port, ids, ...request, connections, seconds: warmUp ? 3 : seconds })
      const perRequest = (cpu: number) => (cpu / answered.requests) * 1e6
      if (warmUp) continue
      measured[name]!.push({
        requestsPerSecond: answered.requests / answered.seconds,
        microsecondsPerRequest: perRequest((await cpuSeconds(pid)) - before.server),
        databaseMicroseconds: perRequest((await databaseCpu(postgres?.pid)) - before.database),
        loadCores: ((await load.cpuSeconds()) - before.load) / answered.seconds,
      })
    }
  }
  await report(measured)
}

async function serviceWithJobs(postgresUrl: string | undefined, ids: string) {
  const flags = ['--rate-limit', '100000000']
  const databaseUrl = postgresUrl && (await createDatabase(postgresUrl, 'bench'))
  if (databaseUrl !== undefined) flags.push('--role', 'api', '--database-url', databaseUrl)
  const nodeFlags = process.env.NODE_FLAGS?.split(' ') ?? []
  const service = await startAlidade(folder, flags, nodeFlags)
  closers.push(() => service.stop())
  const token = await service.token()
  if (databaseUrl === undefined) await createJobs(service.url, token, jobs, ids)
  else await insertJobs(databaseUrl, await createJob(service.url, token), jobs, ids)
  return { service, token }
}

/** Processor time of a PostgreSQL and its children that live. */
async function databaseCpu(pid: number | undefined): Promise<number> {
  if (pid === undefined) return 0
  let sum = 0
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const text = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    const parent = Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1])
    if (parent === pid || Number(name) === pid) sum += await cpuSeconds(Number(name)).catch(() => 0)
  }
  return sum
}

async function report(measured: Record<string, Round[]>): Promise<void> {
  const middle = (name: string, of: (round: Round) => number) => median(measured[name]!.map(of))
  const result: Record<string, Record<string, number>> = {}
  for (const name of Object.keys(measured)) {
    const requestsPerSecond = Math.round(middle(name, (round) => round.requestsPerSecond))
    const microseconds = Number(middle(name, (round) => round.microsecondsPerRequest).toFixed(1))
    const loadCores = Number(middle(name, (round) => round.loadCores).toFixed(2))
    const inDatabase = Number(middle(name, (round) => round.databaseMicroseconds).toFixed(1))
    // Of the same round: what disturbed one disturbed its neighbours too.
    const beside = (of: (round: Round) => number) =>
      Number(median(measured[name]!.map((round, i) => of(round) / of(measured['node:http']![i]!))).toFixed(3))
    const ofRequests = beside((round) => round.requestsPerSecond)
    const perProcessor = beside((round) => 1 / round.microsecondsPerRequest)
    result[name] = { requestsPerSecond, microseconds, ofRequests, perProcessor, loadCores, inDatabase }
    console.log(
      `${name.padEnd(10)} ${String(requestsPerSecond).padStart(6)} requests/s, ${microseconds} us of processor each: ` +
        `${ofRequests.toFixed(2)} of node:http's requests/s, ${perProcessor.toFixed(2)} per processor time ` +
        `(load ${loadCores} of a core${name === 'alidade' && inDatabase > 0 ? `, database ${inDatabase} us` : ''})`,
    )
  }
  const logBytes = (await stat(join(folder, 'alidade.log'))).size
  console.log(`log: ${(logBytes / 1e6).toFixed(1)} MB`)
  console.log(JSON.stringify({ ...result, database, jobs, rounds, seconds, connections, ...machine() }))
}
