// An attempt that is killed leaves what it has finished to the next one on the same agent, and nothing but that.
import { createHash } from 'node:crypto'
import { cp, open, readdir, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Agent } from '../../packages/server/src/agent/agent.ts'
import { makeSmallDisk, testOnSmallDisk } from '../../packages/server/src/disk/small-disk.fixture.ts'
import { watchDisk } from '../../packages/server/src/disk/watch-disk.ts'
import type { JobRecord } from '../../packages/server/src/store/job-record.ts'
import { type Engine, openEngine } from './engine-fixture.ts'

let engine: Engine
let agent: Agent
let undisturbed: string
let keptUndisturbed: string[]
const outputs = ['objects3D', 'segmentedModel3DB']
/** Several attempts, on a machine that may have other work. */
const patienceMs = 120_000
/** Every job keeps, in blocks that even these surveys have several of. */
const keeping = { keepFromSeconds: 0.001, keepBlockPoints: 10_000 }

beforeAll(async () => {
  engine = await openEngine(25_000)
  agent = await engine.startAgent()
  const job = await submitted()
  const seen = new Set<string>()
  const look = async () => {
    for (const name of await keptNames(job)) seen.add(name)
  }
  await engine.until(job.id, ({ endedAt }) => endedAt !== undefined, look)
  undisturbed = await resultOf(job)
  keptUndisturbed = [...seen]
  await agent.stop()
})
afterAll(() => engine?.close())
afterEach(async () => {
  await agent.stop()
  expect(await engine.scratch()).toEqual([])
})

async function submitted(inputs = engine.inputs): Promise<JobRecord> {
  const job = await engine.create(outputs, inputs)
  await engine.jobs.submit(engine.org, job.id, [])
  return job
}

/** One hash of all that the job wrote, once it has succeeded. */
async function resultOf({ id }: JobRecord): Promise<string> {
  const hash = createHash('sha256')
  await engine.until(id, ({ state }) => state === 'success')
  for (const { name, realityDataId } of (await engine.jobs.get(engine.org, id))!.outputs) {
    const { container } = (await engine.realityData.resolveContainer(realityDataId))!
    for (const blob of (await engine.blobs.list(container)).blobs) {
      hash.update(`${name}/${blob.name}`)
      for await (const bytes of (await engine.blobs.read(container, blob.name)).stream) hash.update(bytes)
    }
  }
  return hash.digest('hex')
}

const keptNames = ({ id }: JobRecord, keptDir = engine.keptDir): Promise<string[]> =>
  readdir(join(keptDir, id)).catch(() => [])

async function untilKept(job: JobRecord, name: string): Promise<void> {
  while (!(await keptNames(job)).includes(name)) {
    const { endedAt } = (await engine.jobs.progress(engine.org, job.id))!
    if (endedAt !== undefined) throw new Error(`the job ended before it was seen to keep ${name}`)
    await delay(10)
  }
}

/** Of each attempt that took over anything: how many results of which part. */
const takenOver = (job: JobRecord) =>
  engine.logged
    .filter(
      ({ jobId, msg }) => jobId === job.id && msg === 'did not do again what an earlier attempt had kept',
    )
    .map(({ takenOver = {} }) => takenOver)
const refused = (job: JobRecord) =>
  engine.logged
    .filter((line) => line.jobId === job.id && line.msg === 'what an earlier attempt kept is not believed')
    .map((line) => line.name)

/** A job under way that has kept this part, with its agent stopped. */
async function interruptedAfter(part: string, inputs = engine.inputs): Promise<JobRecord> {
  agent = await engine.startAgent(keeping)
  const job = await submitted(inputs)
  await untilKept(job, part)
  await agent.stop()
  return job
}

test(
  'a runner killed twice leaves its finished blocks to the next, and the result is that of an undisturbed run',
  async () => {
    agent = await engine.startAgent(keeping)
    const job = await submitted()
    for (const part of ['distances-block-2', 'distances-block-4']) {
      await untilKept(job, part)
      const since = engine.logged.length
      process.kill(await engine.untilRunner(), 'SIGKILL')
      await engine.untilLogged('attempt begun', since, job.id)
    }
    expect(await resultOf(job)).toBe(undisturbed)
    expect((await engine.jobs.get(engine.org, job.id))!.attempt).toBe(3)
    await agent.stop()
    // Two that describe the blocks, and blocks 0 to 4. On a busy machine the second attempt may be killed before it takes any.
    expect(takenOver(job).at(-1)!.distances).toBeGreaterThanOrEqual(7)
    expect(refused(job)).toEqual([])
    expect(await readdir(engine.keptDir)).toEqual([])
  },
  patienceMs,
)

test(
  'a job given back to the queue is gone on with as well, and a damaged or cut file is not believed',
  async () => {
    const job = await interruptedAfter('distances-block-4')
    const path = (name: string) => join(engine.keptDir, job.id, name)
    const file = await open(path('distances-block-0'), 'r+')
    const { size } = await file.stat()
    const [at, byte] = [size >> 1, Buffer.alloc(1)]
    await file.read(byte, 0, 1, at)
    await file.write(Buffer.of(byte[0]! ^ 1), 0, 1, at)
    await file.close()
    await truncate(path('distances-block-1'), (await stat(path('distances-block-1'))).size - 4)
    // Whole, and not what its name says.
    await cp(path('distances-block-3'), path('distances-block-2'))
    agent = await engine.startAgent(keeping)
    expect(await resultOf(job)).toBe(undisturbed)
    expect(refused(job)).toEqual(['distances-block-0', 'distances-block-1', 'distances-block-2'])
  },
  patienceMs,
)

test(
  'what was kept of inputs that have changed since is not believed',
  async () => {
    const inputs = [await engine.uploadAgain(0), engine.inputs[1]!]
    const job = await interruptedAfter('distances-block-2', inputs)
    // As large as before, and without the change.
    const other = join(engine.folder, 'other.las')
    await cp(engine.paths[1], other)
    await engine.blobs.publishFile({ id: inputs[0]!, attempt: 0 }, 'survey.las', other)
    agent = await engine.startAgent(keeping)
    const result = await resultOf(job)
    expect(takenOver(job)).toEqual([])
    expect(refused(job)).toContain('distances-trees')
    expect(result).not.toBe(undisturbed)
    expect(result).toBe(await resultOf(await submitted(inputs)))
  },
  patienceMs,
)

test(
  'a job that is expected to be short keeps nothing, and what ended jobs kept goes at the next start',
  async () => {
    const ended = await interruptedAfter('distances-block-0')
    await engine.jobs.cancel(engine.org, ended.id)
    expect(await readdir(engine.keptDir)).toEqual([ended.id])
    agent = await engine.startAgent()
    expect(await readdir(engine.keptDir)).toEqual([])
    expect(keptUndisturbed).toEqual([])
  },
  patienceMs,
)

test(
  'a cancelled job leaves nothing that it kept',
  async () => {
    agent = await engine.startAgent(keeping)
    const job = await submitted()
    await untilKept(job, 'distances-block-0')
    const since = engine.logged.length
    await engine.jobs.cancel(engine.org, job.id)
    await engine.untilLogged('attempt ended without a result', since, job.id)
    await agent.stop()
    expect(await readdir(engine.keptDir)).toEqual([])
  },
  patienceMs,
)

testOnSmallDisk(
  'a disk that runs short loses what is kept before anything else, and the job still ends',
  async () => {
    const disk = makeSmallDisk(100)
    const watch = await watchDisk({
      folder: disk.path,
      reserve: false,
      lowWaterBytes: 20e6,
      log: engine.log,
      intervalMs: 20,
    })
    const keptDir = join(disk.path, 'kept')
    const options = { ...keeping, keptDir, keptDisk: watch }
    // Kept by a job that waits for its next attempt.
    agent = await engine.startAgent(options)
    const job = await submitted()
    while (!(await keptNames(job, keptDir)).includes('distances-block-2')) await delay(10)
    const [pid] = await engine.runners()
    process.kill(pid!, 'SIGSTOP')
    const since = engine.logged.length
    await disk.fill(10e6)
    await engine.untilLogged('the disk is short: dropped what jobs kept for another attempt', since)
    expect(await readdir(keptDir)).toEqual([])
    process.kill(pid!, 'SIGCONT')
    expect(await resultOf(job)).toBe(undisturbed)
    expect(await readdir(keptDir)).toEqual([])
    await agent.stop()
    await watch.stop()
  },
)
