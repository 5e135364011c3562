// Who ends an attempt from outside: a cancel in each phase, the end of the service, another attempt at the same job.
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { jobTypes } from '../../packages/contract/src/index.ts'
import type { Agent } from '../../packages/server/src/agent/agent.ts'
import type { BlobStore } from '../../packages/server/src/blobs/blob-store.ts'
import type { JobRecord, ProgressRecord } from '../../packages/server/src/store/job-record.ts'
import { changedStore } from './changed-store.ts'
import { type Engine, openEngine } from './engine-fixture.ts'
import { millisecondsUntilGone } from './processes.ts'

let engine: Engine
let agent: Agent | undefined
/** Large enough for a step to be seen before it is over. */
let long: readonly string[]
beforeAll(async () => {
  engine = await openEngine(4000)
  long = await engine.uploadSurveys(40_000)
})
afterAll(() => engine.close())
afterEach(async () => {
  await agent?.stop()
  agent = undefined
  expect(await engine.runners()).toEqual([])
  expect(await engine.scratch()).toEqual([])
})

const submitted = async (inputs = engine.inputs as readonly string[]) => {
  const job = await engine.create(['objects3D', 'segmentedModel3DA', 'segmentedModel3DB'], inputs)
  await engine.jobs.submit(engine.org, job.id, [])
  return job
}
const outputIds = (job: JobRecord) => job.outputs.map(({ realityDataId }) => realityDataId)
const bound = (job: JobRecord, attempt: number) =>
  outputIds(job)
    .map((id) => `${id}/${attempt}`)
    .sort()
const record = async ({ id }: JobRecord) => (await engine.jobs.get(engine.org, id))!
const ended = ({ endedAt }: ProgressRecord) => endedAt !== undefined
const steps: readonly string[] = jobTypes.changeDetection.steps
/** On a busy machine a short step is over before it is seen. */
const atLeastIn = (step: string) => (progress: ProgressRecord) =>
  steps.indexOf(progress.step) >= steps.indexOf(step)

describe('a cancel is answered at once and ends all work within three seconds', () => {
  const phases: Record<string, (job: JobRecord) => Promise<unknown>> = {
    'while its runner starts': async (job) => {
      await engine.until(job.id, atLeastIn('Prepare_Production'))
      await engine.untilRunner()
    },
    'while it reads': (job) => engine.until(job.id, atLeastIn('Read_Clouds')),
    'while it computes': (job) => engine.until(job.id, atLeastIn('Compare_Clouds')),
    'while its runner writes': (job) => engine.until(job.id, atLeastIn('Write_Results')),
    'while its runner is stopped and hears nothing': async (job) => {
      await engine.until(job.id, atLeastIn('Read_Clouds'))
      process.kill(await engine.untilRunner(), 'SIGSTOP')
    },
  }
  test.each(Object.entries(phases))('%s', async (phase, reached) => {
    // Whatever is reached before the cancel, it is not the end.
    const gate = gated(engine.blobs, 1)
    agent = await engine.startAgent({ blobs: gate.blobs })
    const job = await submitted(long)
    await reached(job)
    const done = cancelled(job, phase, { workedOn: true })
    await engine.until(job.id, ended)
    gate.open()
    await done
  })

  test('while its inputs are fetched', async () => {
    const fetching = Promise.withResolvers<void>()
    const read: BlobStore['read'] = async (...args) => {
      const { stream: whole, ...properties } = await engine.blobs.read(...args)
      whole.destroy()
      const stream = new Readable({ read: () => fetching.resolve() })
      stream.push('the first bytes')
      return { ...properties, stream }
    }
    agent = await engine.startAgent({
      blobs: changedStore(engine.blobs, { localSegments: undefined, read }),
      // It is told, and does not find out by itself.
      heartbeatMs: 60_000,
    })
    const job = await submitted()
    await fetching.promise
    await cancelled(job, 'fetching', { workedOn: true })
  })

  test('while it waits in the queue', async () => {
    const job = await submitted()
    await cancelled(job, 'queued')
    agent = await engine.startAgent()
    expect(await engine.jobs.claim('somebody')).toBeUndefined()
  })

  test('while its results are published, and just before they are committed', async () => {
    for (const file of [1, 3]) {
      const gate = gated(engine.blobs, file)
      agent = await engine.startAgent({ blobs: gate.blobs })
      const job = await submitted()
      await gate.reached
      expect(await engine.containers(outputIds(job))).toHaveLength(file)
      const done = cancelled(job, `publishing file ${file}`, { workedOn: true })
      await engine.until(job.id, ended)
      gate.open()
      await done
      await agent.stop()
    }
  })

  test('twice: the second cancel finds it done', async () => {
    agent = await engine.startAgent()
    const job = await submitted(long)
    await engine.until(job.id, atLeastIn('Read_Clouds'))
    const both = await Promise.all([1, 2].map(() => engine.jobs.cancel(engine.org, job.id)))
    expect(both.map((change) => change && 'changed' in change && change.changed)).toEqual([true, false])
    await cancelled(job, 'cancelled already', { changed: false })
  })

  test('between two agents: the one that stopped has given it back, the next one does not take it', async () => {
    agent = await engine.startAgent()
    const job = await submitted(long)
    await engine.until(job.id, atLeastIn('Read_Clouds'))
    await agent.stop()
    await cancelled(job, 'between two agents')
    agent = await engine.startAgent()
    await agent.stop()
    expect(await record(job)).toMatchObject({ state: 'cancelled', attempt: 1 })
  })

  test('while an agent comes up whose predecessor was killed over it', async () => {
    const job = await submitted()
    // All that a killed agent leaves behind: a row with its name, and a lease.
    expect(await engine.jobs.claim('here')).toMatchObject({ id: job.id, attempt: 1 })
    const starting = engine.startAgent({ name: 'here' })
    await cancelled(job, 'while its agent starts')
    agent = await starting
    await agent.stop()
    expect(await record(job)).toMatchObject({ state: 'cancelled' })
    expect(await engine.jobs.claim('somebody')).toBeUndefined()
  })

  /** Cancels, and waits until nothing of the job is left; until nobody works on it where somebody does. */
  async function cancelled(job: JobRecord, phase: string, { changed = true, workedOn = false } = {}) {
    const since = engine.logged.length
    const askedAt = performance.now()
    expect(await engine.jobs.cancel(engine.org, job.id)).toMatchObject({ changed })
    const answeredMs = performance.now() - askedAt
    const terminating = workedOn ? untilTerminated(job) : undefined
    const goneMs = await millisecondsUntilGone(await engine.runners())
    console.log(
      `cancel, ${phase}: answered in ${answeredMs.toFixed(0)} ms, runner gone after ${goneMs.toFixed(0)} ms`,
    )
    // One that hears nothing is killed two seconds later.
    const mostMs = phase.includes('hears nothing') ? 12_000 : 3000
    expect(goneMs).toBeLessThan(mostMs)
    if (workedOn) {
      await engine.untilLogged('attempt ended without a result', since, job.id)
      expect(performance.now() - askedAt).toBeLessThan(mostMs)
    }
    await terminating
    await agent?.stop()
    const { terminatingUntil, ...rest } = await record(job)
    expect(rest).toMatchObject({ state: 'cancelled', errors: [] })
    // An agent that was killed holds a lease that it does not renew.
    if (!phase.includes('agent starts')) expect(terminatingUntil).toBeUndefined()
    expect(await engine.containers(outputIds(job))).toEqual([])
    for (const id of outputIds(job)) expect(await engine.realityData.get(engine.org, id)).toBeUndefined()
  }
})

/** The row says that the work on a cancelled job is being ended, for as long as there is any. */
async function untilTerminated(job: JobRecord): Promise<void> {
  for (let seen = 0; ; seen++, await delay(5)) {
    const { terminatingUntil } = (await engine.jobs.progress(engine.org, job.id))!
    if (terminatingUntil === undefined) {
      expect(seen, 'it was never said').toBeGreaterThan(0)
      expect(await engine.runners()).toEqual([])
      expect(await engine.scratch()).toEqual([])
      expect(await engine.containers(outputIds(job))).toEqual([])
      return
    }
    expect(terminatingUntil.getTime()).toBeGreaterThan(Date.now())
  }
}

test('an agent that stops gives its job back, uncounted, and another one finishes it', async () => {
  agent = await engine.startAgent()
  const job = await submitted(long)
  const { percentage } = await engine.until(job.id, atLeastIn('Compare_Clouds'))
  const began = performance.now()
  await agent.stop()
  expect(performance.now() - began).toBeLessThan(3500)
  expect(await engine.runners()).toEqual([])
  expect(await record(job)).toMatchObject({ state: 'active', attempt: 1 })
  const { rows } = await engine.database.query('select losses from job where id = $1', [job.id])
  expect(rows).toEqual([{ losses: 0 }])

  agent = await engine.startAgent({ name: 'another' })
  const seen: number[] = []
  await engine.until(job.id, ended, (progress) => seen.push(progress.percentage))
  expect(seen[0]).toBeGreaterThanOrEqual(percentage)
  await agent.stop()
  expect(await record(job)).toMatchObject({ state: 'success', attempt: 2 })
  expect(await engine.containers(outputIds(job))).toEqual(bound(job, 2))
})

test('an attempt that is not the current one any more ends without effect, its files go', async () => {
  const gate = gated(engine.blobs, 3)
  agent = await engine.startAgent({ blobs: gate.blobs, heartbeatMs: 100 })
  const job = await submitted()
  await gate.reached
  await engine.database.query('update job set attempt = attempt + 1 where id = $1', [job.id])
  const since = engine.logged.length
  gate.open()
  await engine.untilLogged('attempt ended without a result', since)
  await agent.stop()
  expect(await record(job)).toMatchObject({ state: 'active', attempt: 2, errors: [] })
  expect(await engine.containers(outputIds(job))).toEqual([])
  await engine.jobs.cancel(engine.org, job.id)
})

test('a lease that lapses while its attempt is alive is not handed out a second time', async () => {
  const gate = gated(engine.blobs, 1)
  agent = await engine.startAgent({ blobs: gate.blobs, slots: 2, pollMs: 20, heartbeatMs: 20 })
  const job = await submitted()
  await gate.reached
  // As when the machine slept for longer than a lease lasts.
  const renewed = `select id from job where id = $1 and lease_until > clock_timestamp()`
  const lapsed = `update job set lease_until = clock_timestamp() - interval '1 minute' where id = $1`
  expect((await engine.database.query(lapsed, [job.id])).rowCount).toBe(1)
  await expect
    .poll(async () => (await engine.database.query(renewed, [job.id])).rowCount, { timeout: 5000 })
    .toBe(1)
  gate.open()
  await engine.until(job.id, ended)
  expect(await record(job)).toMatchObject({ state: 'success', attempt: 1 })
})

test('two slots run two jobs side by side', async () => {
  agent = await engine.startAgent({ slots: 2, threadsPerJob: 1 })
  const jobs = [await submitted(), await submitted()]
  for (; (await engine.runners()).length < 2; await delay(20)) {
    for (const { id } of jobs) expect((await engine.jobs.progress(engine.org, id))!.state).toBe('active')
  }
  for (const job of jobs) await engine.until(job.id, ended)
  for (const job of jobs) expect(await record(job)).toMatchObject({ state: 'success', attempt: 1 })
})

/** The store, which keeps the n-th file that is published waiting, once it is there, until told to go on. */
function gated(blobs: BlobStore, n: number) {
  const reached = Promise.withResolvers<void>()
  const opened = Promise.withResolvers<void>()
  let published = 0
  const publishFile: BlobStore['publishFile'] = async (...args) => {
    const properties = await blobs.publishFile(...args)
    if (++published === n) {
      reached.resolve()
      await opened.promise
    }
    return properties
  }
  const gate = changedStore(blobs, { publishFile })
  return { blobs: gate, reached: reached.promise, open: opened.resolve }
}
