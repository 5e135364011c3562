// Attempts that would never end: whoever hangs, and in whatever phase, the job ends as Stalled and names the step.
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Agent } from '../../packages/server/src/agent/agent.ts'
import type { BlobStore } from '../../packages/server/src/blobs/blob-store.ts'
import type { JobRecord } from '../../packages/server/src/store/job-record.ts'
import { changedStore } from './changed-store.ts'
import { type Engine, openEngine } from './engine-fixture.ts'
import { millisecondsUntilGone } from './processes.ts'

let engine: Engine
let agent: Agent
beforeAll(async () => {
  engine = await openEngine(5_000)
})
afterAll(() => engine.close())
afterEach(async () => {
  await agent.stop()
  expect(await engine.runners()).toEqual([])
  expect(await engine.scratch()).toEqual([])
})

const stallMinutes = 1.5 / 60

const submitted = async () => {
  const job = await engine.create(['objects3D', 'segmentedModel3DA'])
  await engine.jobs.submit(engine.org, job.id, [])
  return job
}
const outputIds = (job: JobRecord) => job.outputs.map(({ realityDataId }) => realityDataId)
const fixture = (name: string) =>
  fileURLToPath(new URL(`../../packages/server/src/runner/${name}.fixture.ts`, import.meta.url))

async function stalledIn(job: JobRecord, steps: string[], minutes = stallMinutes): Promise<void> {
  await engine.until(job.id, ({ endedAt }) => endedAt !== undefined)
  const { state, attempt, errors } = (await engine.jobs.get(engine.org, job.id))!
  expect({ state, attempt, code: errors[0]?.code }).toEqual({ state: 'failed', attempt: 1, code: 'Stalled' })
  expect(errors[0]!.params[0]).toBe(String(minutes))
  expect(steps).toContain(errors[0]!.params[1])
  expect(await engine.containers(outputIds(job))).toEqual([])
}

test('a runner in an endless loop is ended, though it hears nothing', async () => {
  agent = await engine.startAgent({ stallMinutes, runner: fixture('looping-runner') })
  const job = await submitted()
  const pid = await engine.untilRunner()
  await stalledIn(job, ['Prepare_Production'])
  // The job has failed at once, and its agent says that it has yet to end the runner.
  const { terminatingUntil } = (await engine.jobs.progress(engine.org, job.id))!
  expect(terminatingUntil!.getTime()).toBeGreaterThan(Date.now())
  expect(await engine.runners()).toEqual([pid])
  await millisecondsUntilGone([pid])
  await expect
    .poll(async () => (await engine.jobs.progress(engine.org, job.id))!.terminatingUntil, { timeout: 5000 })
    .toBeUndefined()
})

test('a runner that talks and does not advance is ended', async () => {
  agent = await engine.startAgent({ stallMinutes, runner: fixture('idle-runner') })
  const job = await submitted()
  await stalledIn(job, ['Read_Clouds', 'Prepare_Production'])
})

test('inputs that never arrive are waited for no longer', async () => {
  const blobs = changedStore(engine.blobs, {
    localSegments: undefined,
    // Headers come, the file does not.
    read: async (container, name, range) => {
      const opened = await engine.blobs.read(container, name, range)
      return range?.lengthBytes === undefined ? { ...opened, stream: silent() } : opened
    },
  })
  agent = await engine.startAgent({ stallMinutes, blobs })
  await stalledIn(await submitted(), ['Prepare_Production'])
  // The download was ended in good order, not left alone.
  expect(engine.logged.some(({ msg }) => msg === 'went on without what would not end')).toBe(false)
})

test('a disk that does not answer while results are published is waited for no longer, and what it wrote goes', async () => {
  const answered = Promise.withResolvers<void>()
  const hanging: BlobStore['publishFile'] = async (...args) => {
    await answered.promise
    return engine.blobs.publishFile(...args)
  }
  // Long enough for a runner to come up and compute on a busy machine.
  const minutes = 6 / 60
  agent = await engine.startAgent({
    stallMinutes: minutes,
    blobs: changedStore(engine.blobs, { publishFile: hanging }),
    endGraceMs: 200,
  })
  const job = await submitted()
  const since = engine.logged.length
  await stalledIn(job, ['Write_Results'], minutes)
  await engine.untilLogged('went on without what would not end', since, job.id)
  answered.resolve()
  await engine.untilLogged('what would not end has ended', since, job.id)
  expect(await engine.containers(outputIds(job))).toEqual([])
})

/** A stream that gives some bytes and then nothing any more. */
function silent(): Readable {
  const stream = new Readable({ read: () => undefined })
  stream.push(Buffer.alloc(100))
  return stream
}
