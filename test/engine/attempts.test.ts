// What becomes of a job whose runner succeeds, fails, dies, hangs or outgrows its memory.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Agent } from '../../packages/server/src/agent/agent.ts'
import { type BlobStore, BlobStoreError } from '../../packages/server/src/blobs/blob-store.ts'
import type { JobRecord } from '../../packages/server/src/store/job-record.ts'
import { type Engine, openEngine } from './engine-fixture.ts'
import { randomNumbers } from './processes.ts'

let engine: Engine
let agent: Agent
beforeAll(async () => {
  engine = await openEngine(120_000)
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
  await agent.stop()
  expect(await engine.containers(outputIds(job))).toEqual(
    outputIds(job)
      .map((id) => `${id}/3`)
      .sort(),
  )
})

test('the third lost runner is the last: the job fails as WorkerLost and leaves no files', async () => {
  agent = await engine.startAgent()
  const job = await submit(await engine.create())
  for (let kill = 1; kill <= 3; kill++) {
    const pid = await engine.untilRunner()
    const since = engine.logged.length
    process.kill(pid, 'SIGKILL')
    await engine.untilLogged(kill < 3 ? 'attempt begun' : 'job failed', since)
  }
  expect(await record(job)).toMatchObject({ state: 'failed', errors: [{ code: 'WorkerLost' }], attempt: 3 })
  await agent.stop()
  expect(await engine.containers(outputIds(job))).toEqual([])
  for (const id of outputIds(job)) expect(await engine.realityData.get(engine.org, id)).toBeUndefined()
})

test('a runner that outgrows its memory limit ends as OutOfMemory, with what it had reached', async () => {
  const memoryLimitMegabytes = 110
  agent = await engine.startAgent({ memoryLimitMegabytes })
  const job = await submit(await engine.create())
  await engine.until(job.id, ended)
  const { state, errors, attempt } = await record(job)
  expect({ state, attempt }).toEqual({ state: 'failed', attempt: 1 })
  expect(errors).toMatchObject([{ code: 'OutOfMemory', params: ['110', expect.any(String)] }])
  expect(Number(errors[0]!.params[1])).toBeGreaterThan(60)
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
  const blobs = faulty(engine.blobs, async (...args) => {
    if (++published === 2) throw new BlobStoreError('NoSpace', 'the disk is full')
    return await engine.blobs.publishFile(...args)
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
  const blobs = faulty(engine.blobs, undefined, async () => {
    throw new Error('input/output error')
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

/** The store with one operation or another in its place; the disk does not fail when one wants it to. */
function faulty(
  blobs: BlobStore,
  publishFile: BlobStore['publishFile'] = (...args) => blobs.publishFile(...args),
  deleteContainer: BlobStore['deleteContainer'] = (container) => blobs.deleteContainer(container),
): BlobStore {
  return new Proxy(blobs, {
    get: (target, name) => {
      if (name === 'publishFile') return publishFile
      if (name === 'deleteContainer') return deleteContainer
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
