// Vectors of a segmentation, divided: a runner that is killed leaves no trace in what the job writes, and a cancel ends it at once.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { writeContextScene } from '../../packages/formats/src/index.ts'
import { town, writeTown } from '../../packages/jobs/src/segmentation-3d/town.fixture.ts'
import type { Agent } from '../../packages/server/src/agent/agent.ts'
import type { JobRecord } from '../../packages/server/src/store/job-record.ts'
import { type DividedJobs, dividedJobs } from './divided-jobs.ts'
import { type Engine, openEngine } from './engine-fixture.ts'

const made = town()
const outputs = ['objects3D', 'lines3D', 'polygons3D']
/** Several attempts, on a machine that may have other work. */
const patienceMs = 120_000

let engine: Engine
let jobs: DividedJobs
/** The town with the classes that it was made of. */
let segmentation: string
const agents: Agent[] = []

beforeAll(async () => {
  engine = await openEngine(1000)
  jobs = dividedJobs(engine)
  const name = 'town.las'
  const scene = join(engine.folder, 'scene.json')
  await writeFile(scene, writeContextScene({ Annotations: { Segmentation3D: { Path: name } } }))
  segmentation = await engine.upload(scene, 'ContextScene.json', 'ContextScene')
  const town = await writeTown(engine.folder, name, made, { classification: made.truth })
  await engine.blobs.publishFile({ id: segmentation, attempt: 0 }, name, town)
}, patienceMs)
afterAll(() => engine?.close())
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.stop()
})

/** Of the default four tiles come of the town. */
async function startAgent(name: string, divideFromPoints = made.x.length - 1): Promise<void> {
  const scratchDir = join(engine.scratchDir, name)
  await mkdir(scratchDir, { recursive: true })
  agents.push(await engine.startAgent({ name, scratchDir, divideFromPoints }))
}

async function submitted(): Promise<JobRecord> {
  const inputs = [{ name: 'segmentation3D', realityDataId: segmentation }]
  const job = await engine.create(outputs, [], { type: 'segmentation3D', inputs })
  await engine.jobs.submit(engine.org, job.id, [])
  return job
}

const tilesBegun = (job: JobRecord) => jobs.begun(job).filter(({ tile }) => tile !== undefined)

test(
  'a runner that is killed in the midst of a tile costs that tile alone, and the bytes are those of an undivided job',
  async () => {
    await startAgent('alone', 0)
    const undivided = await jobs.resultOf(await submitted())
    await agents.pop()!.stop()
    await startAgent('here')
    const job = await submitted()
    await expect.poll(() => tilesBegun(job).length, { timeout: patienceMs }).toBeGreaterThan(0)
    process.kill(await engine.untilRunner(), 'SIGKILL')
    expect(await jobs.resultOf(job)).toBe(undivided)
    expect(tilesBegun(job)).toHaveLength(5)
    expect(tilesBegun(job).filter(({ attempt }) => attempt === 2)).toHaveLength(1)
    await jobs.nothingIsLeftOf(job)
  },
  patienceMs,
)

test(
  'a job that is cancelled in the midst of a tile stops within three seconds',
  async () => {
    await startAgent('here')
    const job = await submitted()
    await expect.poll(() => tilesBegun(job).length, { timeout: patienceMs }).toBeGreaterThan(0)
    await engine.untilRunner()
    await engine.jobs.cancel(engine.org, job.id)
    const ended = { state: 'cancelled', terminatingUntil: undefined }
    await expect.poll(() => engine.jobs.progress(engine.org, job.id), { timeout: 3000 }).toMatchObject(ended)
    await expect.poll(() => engine.runners(), { timeout: 3000 }).toEqual([])
    await jobs.nothingIsLeftOf(job)
  },
  patienceMs,
)
