// Two API and three agent processes on one PostgreSQL, as real commands.
import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { Client } from '../../packages/client/src/index.ts'
import type { Progress } from '../../packages/contract/src/index.ts'
import { millisecondsUntilGone, processesIn } from '../engine/processes.ts'
import { type Cluster, startCluster } from './cluster.ts'
import { startProcess } from './service-process.ts'
import {
  attemptContainers,
  createChangeJob,
  outputContainers,
  resultHash,
  uploadSurveys,
} from './survey-job.ts'
import { writeTwoEpochs } from './two-epochs.ts'

const often = { intervalsSeconds: [0.05] }
const iTwinId = randomUUID()
let folder: string
let cluster: Cluster
let client: Client
let large: string[]
let small: string[]
/** A little larger: divided into four tiles. */
let wide: string[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alidade-scene-'))
  const flags = ['--threads', '1', '--divide-from', '130000']
  cluster = await startCluster(inject('postgresUrl'), { apis: 2, agents: 3, flags })
  client = await cluster.client('--org', 'acme')
  large = await uploadSurveys(client, iTwinId, (await writeTwoEpochs(folder, 60_000)).paths)
  small = await uploadSurveys(client, iTwinId, (await writeTwoEpochs(folder, 2_000)).paths)
  wide = await uploadSurveys(client, iTwinId, (await writeTwoEpochs(folder, 70_000)).paths)
}, 120_000)
afterAll(async () => {
  await cluster?.remove()
  await rm(folder, { recursive: true, force: true })
})

async function submitted(surveys: readonly string[]): Promise<string> {
  const id = await createChangeJob(client, iTwinId, surveys)
  await client.jobs.submit(id)
  return id
}

/** Asks until the job has ended. */
async function watch(id: string): Promise<Progress[]> {
  const seen: Progress[] = []
  do {
    seen.push(await client.jobs.progress(id))
    await delay(80)
  } while (seen.at(-1)!.state === 'active')
  return seen
}

function expectRising(seen: Progress[]): void {
  const percentages = seen.map(({ percentage }) => percentage)
  expect(percentages).toEqual([...percentages].sort((a, b) => a - b))
  expect(new Set(percentages).size).toBeGreaterThan(5)
  expect(seen.at(-1)).toMatchObject({ state: 'success', percentage: 100 })
}

/** Which agents have logged that they began work on the job. */
function workersOf(id: string): number[] {
  const began = new RegExp(`"jobId":"${id}".*attempt begun`)
  return cluster.agents.flatMap((agent, i) => (began.test(agent.log()) ? [i] : []))
}

async function workerOf(id: string): Promise<number> {
  for (;;) {
    const [worker] = workersOf(id)
    if (worker !== undefined) return worker
    await delay(30)
  }
}

/** Which agents have logged that they began a tile of the job. */
function tileAttemptsOf(id: string): { agent: number; tile: string; attempt: number }[] {
  return cluster.agents.flatMap((each, agent) => {
    const lines = each.log().split('\n').slice(0, -1)
    return lines
      .filter((line) => line.includes(`"tileOf":"${id}"`))
      .map((line) => {
        const { jobId: tile, attempt } = JSON.parse(line) as { jobId: string; attempt: number }
        return { agent, tile, attempt }
      })
  })
}

test('every agent computes the same, and a client balanced over two API processes never sees the percentage go back', async () => {
  const jobs = await Promise.all([large, large, large].map(submitted))
  const seen = await Promise.all(jobs.map(watch))
  expect(new Set(jobs.flatMap(workersOf)).size).toBe(3)
  seen.forEach(expectRising)
  const hashes = await Promise.all(jobs.map((id) => resultHash(client, id)))
  expect(new Set(hashes).size).toBe(1)
}, 120_000)

test('each of many jobs is done once, whoever takes it', async () => {
  const ids = await Promise.all(Array.from({ length: 5 }, () => submitted(small)))
  for (const id of ids) expect(await client.waitForJob(id, often)).toMatchObject({ state: 'success' })
  for (const id of ids) expect(workersOf(id)).toHaveLength(1)
}, 120_000)

test('a killed agent costs a divided job the tile that it was in, which another one that is free takes up within fifteen seconds', async () => {
  const id = await submitted(wide)
  const seen = watch(id)
  await expect.poll(() => tileAttemptsOf(id), { timeout: 60_000, interval: 20 }).not.toEqual([])
  const [lost] = tileAttemptsOf(id)
  const victim = cluster.agents[lost!.agent]!
  await victim.kill()
  const killedAt = performance.now()
  const begunAgain = () => tileAttemptsOf(id).filter(({ attempt }) => attempt > 1)
  const others = cluster.agents.filter((agent) => agent !== victim)
  let freeAt = Infinity
  while (begunAgain().length === 0) {
    const runners = await Promise.all(others.map(({ dataDir }) => processesIn(join(dataDir, 'scratch'))))
    freeAt = runners.every((pids) => pids.length > 0) ? Infinity : Math.min(freeAt, performance.now())
    await delay(150)
  }
  expect(performance.now() - Math.max(killedAt, freeAt)).toBeLessThan(15_000)
  const undisturbed = await submitted(wide)
  expectRising(await seen)
  expect(begunAgain()).toMatchObject([{ tile: lost!.tile, attempt: 2 }])
  expect(await client.waitForJob(undisturbed, often)).toMatchObject({ state: 'success' })
  const agents = tileAttemptsOf(undisturbed).map(({ agent }) => agent)
  expect(agents).toHaveLength(4)
  expect(new Set(agents).size).toBe(2)
  expect(await resultHash(client, id)).toBe(await resultHash(client, undisturbed))
  cluster.agents[lost!.agent] = await victim.restart()
  // What it had in its folder is gone, and nobody computes on for it.
  const scratch = join(victim.dataDir, 'scratch')
  expect(await processesIn(scratch)).toEqual([])
  expect(await readdir(scratch)).toEqual([])
}, 240_000)

test('a token made with the database is good at every API process, and one taken back is refused by all of them', async () => {
  const token = await cluster.apis[0]!.token('--org', 'acme')
  const answers = () =>
    Promise.all(
      cluster.apis.map(async ({ url }) => {
        const headers = { authorization: `Bearer ${token}` }
        return (await fetch(`${url}/realitydataanalysis/jobs`, { headers })).status
      }),
    )
  expect(await answers()).toEqual([200, 200])
  const { jti } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { jti: string }
  await cluster.apis[1]!.token('revoke', jti)
  await expect.poll(answers, { timeout: 5000, interval: 200 }).toEqual([401, 401])
}, 60_000)

test('an API process with another blob folder is refused on the same database, and says what to do', async () => {
  const { databaseUrl } = cluster
  await expect(startProcess({ role: 'api', databaseUrl })).rejects.toThrow(
    /give all of them the same --blob-dir/,
  )
}, 60_000)

test('an agent told to stop gives its job back, which is no loss, and another one goes on', async () => {
  const id = await submitted(large)
  const worker = await workerOf(id)
  const agent = cluster.agents[worker]!
  expect(await agent.stop(), agent.log()).toBe(0)
  expect(agent.log()).toContain('given back to the queue')
  expect((await watch(id)).at(-1)).toMatchObject({ state: 'success' })
}, 120_000)

test('an agent that comes back when another one has done its job changes nothing of it', async () => {
  const id = await submitted(large)
  const zombie = cluster.agents[await workerOf(id)]!
  while ((await client.jobs.progress(id)).percentage < 5) await delay(10)
  const scratch = join(zombie.dataDir, 'scratch')
  const asleep = [zombie.pid, ...(await processesIn(scratch))]
  expect(asleep).toHaveLength(2)
  // Until another agent has taken the job up and brought it to its end.
  for (const pid of asleep) process.kill(pid, 'SIGSTOP')
  await client.waitForJob(id, often)
  const ended = await client.jobs.get(id)
  const hash = await resultHash(client, id)
  expect(ended).toMatchObject({ state: 'success' })
  expect(workersOf(id)).toHaveLength(2)

  for (const pid of asleep) process.kill(pid, 'SIGCONT')
  const noResult = new RegExp(`"jobId":"${id}".*attempt ended without a result`)
  await expect.poll(() => zombie.log(), { timeout: 30_000 }).toMatch(noResult)
  await millisecondsUntilGone(asleep.slice(1))
  await expect.poll(() => readdir(scratch)).toEqual([])
  expect(await client.jobs.get(id)).toEqual(ended)
  expect(await resultHash(client, id)).toBe(hash)
  const outputs = ended.outputs.map((output) => output.id)
  const written = await attemptContainers(cluster.blobDir)
  expect(written.filter((name) => outputs.includes(name.split('/')[0]!))).toEqual(
    await outputContainers(client, [id], 2),
  )
}, 120_000)

// What is stopped from here on stays so: a start less for each.
test('with one API process killed, clients and agents go on with the other', async () => {
  const id = await submitted(large)
  await cluster.apis[1]!.kill()
  const seen = await watch(id)
  expect(seen.at(-1)).toMatchObject({ state: 'success', percentage: 100 })
  expect(await resultHash(client, id)).toMatch(/^[0-9a-f]{64}$/)
}, 120_000)

test('a database that is away for a while costs no work: the same attempt tells its success afterwards', async () => {
  const id = await submitted(large)
  const worker = await workerOf(id)
  const step = async () => (await client.jobs.progress(id)).step
  await expect.poll(step, { timeout: 30_000, interval: 20 }).toBe('Compare_Clouds')
  const outage = await cutDatabase(cluster.databaseUrl)
  try {
    const health = async () => (await fetch(`${cluster.apis[0]!.url}/readyz`)).status
    await expect.poll(health, { timeout: 20_000 }).toBe(503)
    // The job ends while nobody can be told.
    const log = () => cluster.agents[worker]!.log()
    await expect.poll(log, { timeout: 60_000 }).toContain('could not tell how the attempt ended')
  } finally {
    await outage.end()
  }
  await watch(id)
  const { state, executionInformation } = await client.jobs.get(id)
  expect({ state, errors: executionInformation?.errors }).toEqual({ state: 'success', errors: [] })
  expect(await resultHash(client, id)).toMatch(/^[0-9a-f]{64}$/)
}, 120_000)

/** Ends every connection to the database and lets nobody in, as when its server is gone. */
async function cutDatabase(url: string): Promise<{ end(): Promise<void> }> {
  const name = new URL(url).pathname.slice(1)
  const server = new pg.Client({ connectionString: inject('postgresUrl') })
  await server.connect()
  const allow = (whether: boolean) =>
    server.query(`alter database "${name}" with allow_connections ${whether}`)
  await allow(false)
  await server.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name])
  return {
    end: async () => {
      await allow(true)
      await server.end()
    },
  }
}
