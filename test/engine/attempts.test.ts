// What becomes of a job whose runner succeeds or dies, whose inputs vanish or whose disk fails.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Agent } from '../../packages/server/src/agent/agent.ts'
import { BlobStoreError } from '../../packages/server/src/blobs/blob-store.ts'
import type { JobRecord } from '../../packages/server/src/store/job-record.ts'
import { changedStore } from './changed-store.ts'
import { type Engine, openEngine } from './engine-fixture.ts'
import { randomNumbers } from './processes.ts'

let engine: Engine
let agent: Agent
beforeAll(async () => {
  engine = await openEngine(10_000, 70)
})
afterAll(() => engine.close())
afterEach(async () => {
  await agent.stop()
  expect(await engine.runners()).toEqual([])
  expect(await engine.scratch()).toEqual([])
})

const submit = async (job: JobRecord) => {
  await engine.jobs.submit(engine.org, job.id, [])
  return job
}
const outputIds = (job: JobRecord) => job.outputs.map(({ realityDataId }) => realityDataId)
const ended = ({ endedAt }: { endedAt: Date | undefined }) => endedAt !== undefined
const record = async ({ id }: JobRecord) => (await engine.jobs.get(engine.org, id))!

test('success binds what its attempt wrote; until then an output reads as empty', async () => {
  agent = await engine.startAgent()
  const job = await submit(await engine.create())
  const [output] = outputIds(job)
  const readable = async () => {
    const { container } = (await engine.realityData.resolveContainer(output!))!
    return (await engine.blobs.list(container)).blobs.map(({ name }) => name)
  }
  let looks = 0
  await engine.until(job.id, ended, async () => {
    const names = await readable()
    if ((await record(job)).state !== 'active') return
    looks++
    expect(names).toEqual([])
  })
  expect(looks).toBeGreaterThan(10)
  expect(await record(job)).toMatchObject({ state: 'success', percentage: 100, attempt: 1, errors: [] })
  expect(await readable()).toEqual(['ContextScene.json'])
  await agent.stop()
  expect(await engine.containers(outputIds(job))).toEqual(
    outputIds(job)
      .map((id) => `${id}/1`)
      .sort(),
  )
})

test('a runner killed at a random moment is replaced at once, and the percentage does not go back', async () => {
  const seed = Date.now() % 1e6
  const random = randomNumbers(seed)
  agent = await engine.startAgent()
  const job = await submit(await engine.create())
  const percentages: number[] = []
  const watching = engine.until(job.id, ended, ({ percentage }) => percentages.push(percentage))
  let target = 0
  for (let kill = 1; kill <= 2; kill++) {
    const pid = await engine.untilRunner()
    target += random() * (90 - target)
    await engine.until(job.id, ({ percentage }) => percentage >= target)
    const since = engine.logged.length
    const { percentage, step } = (await engine.jobs.progress(engine.org, job.id))!
    process.kill(pid, 'SIGKILL')
    const killedAt = Date.now()
    const next = await engine.untilLogged('attempt begun', since)
    console.log(
      `seed ${seed}: killed in ${step} at ${percentage.toFixed(1)} %, next attempt after ${next.time - killedAt} ms`,
    )
    expect(next).toMatchObject({ jobId: job.id, attempt: kill + 1 })
    expect(next.time - killedAt).toBeLessThan(2000)
  }
  expect(await watching).toMatchObject({ state: 'success' })
  expect(percentages).toEqual([...percentages].sort((a, b) => a - b))
  await engine.untilLogged('caught up with the attempt that was lost')
  await agent.stop()
  expect(await engine.containers(outputIds(job))).toEqual(
    outputIds(job)
      .map((id) => `${id}/3`)
      .sort(),
  )
})

test('an input that vanished after submission is named, whether its runner has started or not', async () => {
  const gone = await engine.uploadAgain(1)
  agent = await engine.startAgent({ slots: 1 })
  const [during, before] = [
    await submit(await engine.create(undefined, [engine.inputs[0]!, gone])),
    await submit(await engine.create(undefined, [engine.inputs[0]!, gone])),
  ]
  await engine.untilRunner()
  await engine.blobs.deleteContainer({ id: gone })
  for (const job of [during, before]) {
    await engine.until(job.id, ended)
    expect(await record(job)).toMatchObject({
      state: 'failed',
      attempt: 1,
      errors: [{ code: 'InputData_Missing', params: [expect.any(String), expect.any(String)] }],
    })
  }
})

test('a disk that is full while results are published fails the job as DiskFull and leaves no files', async () => {
  let published = 0
  const blobs = changedStore(engine.blobs, {
    publishFile: async (...args) => {
      if (++published === 2) throw new BlobStoreError('NoSpace', 'the disk is full')
      return await engine.blobs.publishFile(...args)
    },
  })
  agent = await engine.startAgent({ blobs })
  const job = await submit(await engine.create())
  await engine.until(job.id, ended)
  expect(await record(job)).toMatchObject({ state: 'failed', errors: [{ code: 'DiskFull' }] })
  expect(published).toBe(2)
  await agent.stop()
  expect(await engine.containers(outputIds(job))).toEqual([])
})

test('files that cannot be removed after the commit do not undo it', async () => {
  const blobs = changedStore(engine.blobs, {
    deleteContainer: async () => {
      throw new Error('input/output error')
    },
  })
  agent = await engine.startAgent({ blobs })
  const job = await submit(await engine.create())
  const [output] = outputIds(job)
  const pid = await engine.untilRunner()
  await engine.blobs.putBlob({ id: output!, attempt: 1 }, 'half', bytes('of a lost attempt'))
  process.kill(pid, 'SIGKILL')
  const since = engine.logged.length
  await engine.until(job.id, ended)
  await engine.untilLogged('files of ended attempts are left to the sweep', since)
  await agent.stop()
  expect(await record(job)).toMatchObject({ state: 'success', attempt: 2, errors: [] })
  expect(await engine.containers([output!])).toEqual([`${output}/1`, `${output}/2`])
})

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
