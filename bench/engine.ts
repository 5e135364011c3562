// What the engine does to a job, and how soon: begins it, takes it up again after a kill -9 of its runner, of its agent,
// of everything, and leaves off when it is cancelled. Through HTTP, on processes of the real command.
//
//   npm run bench:engine -- [embedded|postgres] [submits] [kills] [cancels]
//
// Embedded, agent and API are one process: a kill of it is a kill of everything. On PostgreSQL there are an API and two
// agents. A runner counts as there when its process is. Linux only, as it reads /proc. The last line is JSON.
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { clusterTarget, embeddedTarget } from '../test/chaos/target.ts'
import { createChangeJob, uploadSurveys } from '../test/e2e/survey-job.ts'
import { writeTwoEpochs } from '../test/e2e/two-epochs.ts'
import { millisecondsUntilGone } from '../test/engine/processes.ts'
import { startPostgres } from '../packages/server/src/store/start-postgres.fixture.ts'
import { machine, median } from './http/measure.ts'

const [database = 'embedded', ...numbers] = process.argv.slice(2)
const [submits = 20, kills = 5, cancels = 20] = numbers.map(Number)
const times: Record<string, number[]> = {}
const took = (what: string, sinceMs: number) => {
  times[what] ??= []
  times[what].push(performance.now() - sinceMs)
}

const folder = await mkdtemp(join(tmpdir(), 'alidade-bench-'))
// Every commit waits for the disk, as in production.
const postgres = database === 'postgres' ? await startPostgres({ fsync: true }) : undefined
const target = postgres === undefined ? await embeddedTarget() : await clusterTarget(postgres.url)
try {
  const client = await target.client('--expires', '12h')
  const iTwinId = randomUUID()
  const upload = async (pointCount: number, side: number) =>
    uploadSurveys(client, iTwinId, (await writeTwoEpochs(folder, pointCount, side)).paths)
  const [small, large] = [await upload(2000, 100), await upload(2_000_000, 400)]
  const submitted = async (surveys: readonly string[]) => {
    const id = await createChangeJob(client, iTwinId, surveys)
    await client.jobs.submit(id)
    return id
  }
  const runnerOtherThan = async (known: readonly number[]) => {
    for (const deadline = performance.now() + 60_000; performance.now() < deadline; await delay(5)) {
      const found = (await target.runners()).find(({ pid }) => !known.includes(pid))
      if (found !== undefined) return found
    }
    throw new Error('no runner within a minute')
  }
  const idle = async () => {
    while ((await target.runners()).length > 0) await delay(5)
  }

  for (let i = 0; i < submits; i++) {
    await idle()
    const id = await createChangeJob(client, iTwinId, small)
    const at = performance.now()
    const answered = client.jobs.submit(id).then(() => took('submit answered', at))
    await runnerOtherThan([])
    took('submit -> runner', at)
    await answered
    await until(async () => (await client.jobs.progress(id)).state === 'success')
    took('submit -> success, a small job', at)
  }

  for (const kind of target.kinds.filter(
    (kind) => kind !== 'api' && (kind !== 'agent' || target.apiCount > 0),
  )) {
    for (let i = 0; i < kills; i++) {
      await idle()
      const id = await submitted(large)
      const runner = await runnerOtherThan([])
      // At another place each time.
      await until(async () => (await client.jobs.progress(id)).percentage >= 5 + (60 * i) / kills)
      const at = performance.now()
      if (kind === 'runner') process.kill(runner.pid, 'SIGKILL')
      else if (kind === 'agent') await target.killAgent(runner.agent)
      else await target.killAll()
      if (kind === 'all') {
        await target.restartAll()
        took('kill of all -> service is back', at)
      }
      const next = await runnerOtherThan([runner.pid])
      took(`kill of ${kind} -> runner`, at)
      if (kind === 'agent') await target.restartAgent(runner.agent)
      await client.jobs.cancel(id)
      await millisecondsUntilGone([next.pid])
    }
  }

  for (let i = 0; i < cancels; i++) {
    await idle()
    const id = await submitted(large)
    const runner = await runnerOtherThan([])
    await until(async () => (await client.jobs.progress(id)).percentage >= 2 + (90 * i) / cancels)
    const at = performance.now()
    await client.jobs.cancel(id)
    took('cancel answered', at)
    await millisecondsUntilGone([runner.pid])
    took('cancel -> computing stopped', at)
  }
} finally {
  await target.remove()
  await postgres?.stop()
  await rm(folder, { recursive: true, force: true })
}

const result: Record<string, { medianMs: number; worstMs: number; of: number }> = {}
for (const [what, values] of Object.entries(times)) {
  const [medianMs, worstMs] = [Math.round(median(values)), Math.round(Math.max(...values))]
  result[what] = { medianMs, worstMs, of: values.length }
  console.log(`${what.padEnd(32)} median ${medianMs} ms, worst ${worstMs} ms, of ${values.length}`)
}
console.log(JSON.stringify({ database, ...result, ...machine() }))

async function until(met: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + 120_000; !(await met()); await delay(5)) {
    if (performance.now() > deadline) throw new Error('it did not come about within two minutes')
  }
}
