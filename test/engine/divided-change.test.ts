// A large comparison is divided among agents: the bytes of an undivided one, and a lost runner costs its tile alone.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dividedJobs } from './divided-jobs.ts'
import { type Engine, openEngine } from './engine-fixture.ts'

const pointsOfEach = 10_000
const outputs = ['objects3D', 'exportedLocations3DGeoJSON', 'segmentedModel3DA', 'segmentedModel3DB']
/** Several attempts, on a machine that may have other work. */
const patienceMs = 120_000

let engine: Engine

beforeAll(async () => {
  engine = await openEngine(pointsOfEach, 70)
}, patienceMs)
afterAll(() => engine?.close())

async function submitted() {
  const job = await engine.create(outputs)
  await engine.jobs.submit(engine.org, job.id, [])
  return job
}

test(
  'surveys that two agents compare, one of whose runners is killed in a tile, have the changes of an undivided job',
  async () => {
    const jobs = dividedJobs(engine)
    const alone = await engine.startAgent()
    const undivided = await jobs.resultOf(await submitted())
    await alone.stop()
    for (const name of ['here', 'there']) {
      const scratchDir = join(engine.scratchDir, name)
      await mkdir(scratchDir)
      const log = engine.log.child({ agent: name })
      await engine.startAgent({ name, scratchDir, log, divideFromPoints: 2 * pointsOfEach - 1 })
    }
    const job = await submitted()
    const tileAttempts = () => jobs.begun(job).filter(({ tile }) => tile !== undefined)
    const workers = () => new Set(tileAttempts().map(({ agent }) => agent))
    await expect.poll(() => [...workers()].sort(), { timeout: patienceMs }).toEqual(['here', 'there'])
    process.kill(await engine.untilRunner(), 'SIGKILL')
    expect(await jobs.resultOf(job)).toBe(undivided)
    expect(jobs.linesOf(job, 'job divided')).toMatchObject([{ tiles: 4 }])
    expect(
      tileAttempts()
        .map(({ attempt }) => attempt)
        .sort(),
    ).toEqual([1, 1, 1, 1, 2])
    await jobs.nothingIsLeftOf(job)
  },
  patienceMs,
)
