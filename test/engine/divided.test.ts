// A job that is large is divided among agents: the same bytes, one true percentage, and a lost agent costs its tile alone.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createLasWriter, openFile, readLasHeader, readPointBatches, writeLasPoints } from '@alidade/formats'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Agent, AgentOptions } from '../../packages/server/src/agent/agent.ts'
import type { JobRecord } from '../../packages/server/src/store/job-record.ts'
import { type DividedJobs, dividedJobs } from './divided-jobs.ts'
import { type Engine, openEngine } from './engine-fixture.ts'

const side = 330
const pointCount = side * side
/** Tiles begin at full chunks of 50,000 points: three of them. */
const dividing = { divideFromPoints: 100_000 }
const outputs = ['segmentation3D', 'segmentedPointCloud', 'exportedSegmentation3DLAS']
/** Several attempts, on a machine that may have other work. */
const patienceMs = 120_000

let engine: Engine
let clouds: string
let undisturbed: string
let jobs: DividedJobs
const agents: Agent[] = []

beforeAll(async () => {
  engine = await openEngine(1000)
  jobs = dividedJobs(engine)
  clouds = await engine.upload(await compressedTerrain(engine.folder), 'terrain.laz')
  const agent = await engine.startAgent()
  undisturbed = await jobs.resultOf(await submitted())
  await agent.stop()
}, patienceMs)
afterAll(() => engine?.close())
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.stop()
})

/** Hills with houses on them, a point for each half metre, as LAZ. */
async function compressedTerrain(folder: string): Promise<string> {
  const columns = [0, 1, 2].map(() => new Float64Array(pointCount)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  for (let i = 0; i < pointCount; i++) {
    const [u, v] = [(i % side) / 2, Math.floor(i / side) / 2]
    const house = u % 60 > 40 && v % 50 > 35 ? 7 : 0
    columns[0][i] = 500_000 + u + 0.1 * Math.sin(i)
    columns[1][i] = 5_400_000 + v + 0.1 * Math.cos(3 * i)
    columns[2][i] = 300 + 8 * Math.sin(u / 40) + 5 * Math.cos(v / 30) + house
  }
  const [x, y, z] = columns
  const plain = join(folder, 'terrain.las')
  await writeLasPoints(plain, { x, y, z }, { crs: { epsg: 32632 }, createdAt: new Date(0) })
  const source = await openFile(plain)
  const like = await readLasHeader(source)
  const path = join(folder, 'terrain.laz')
  const writer = await createLasWriter(path, { like, compressed: true, createdAt: new Date(0) })
  for await (const { records, count } of readPointBatches(source, like)) await writer.append(records, count)
  await writer.close()
  await source.close()
  return path
}

async function startAgent(name: string, options: Partial<AgentOptions> = {}): Promise<Agent> {
  const scratchDir = join(engine.scratchDir, name)
  await mkdir(scratchDir, { recursive: true })
  const log = engine.log.child({ agent: name })
  const agent = await engine.startAgent({ name, scratchDir, log, ...dividing, ...options })
  agents.push(agent)
  return agent
}

async function submitted(): Promise<JobRecord> {
  const detector = { library: { name: '@alidade/ground', version: '1.0', versionId: 'built-in' }, sha256: '' }
  const job = await engine.create(outputs, [], {
    type: 'extractGround',
    inputs: [
      { name: 'pointClouds', realityDataId: clouds },
      { name: 'pointCloudSegmentationDetector', realityDataId: '@alidade/ground', detector },
    ],
  })
  await engine.jobs.submit(engine.org, job.id, [])
  return job
}

test(
  'a divided job writes the bytes of an undivided one, whichever agents take its tiles, and a runner that is killed costs its tile alone',
  async () => {
    await startAgent('here')
    await startAgent('there')
    const job = await submitted()
    const attempts = () => jobs.begun(job).filter(({ tile }) => tile !== undefined)
    const workers = () => [...new Set(attempts().map(({ agent }) => agent))].sort()
    await expect.poll(workers, { timeout: patienceMs }).toEqual(['here', 'there'])
    process.kill(await engine.untilRunner(), 'SIGKILL')
    expect(await jobs.resultOf(job)).toBe(undisturbed)
    expect(jobs.linesOf(job, 'job divided')).toMatchObject([{ tiles: 3 }])
    expect(attempts()).toHaveLength(4)
    expect(attempts().filter(({ attempt }) => attempt === 2)).toHaveLength(1)
    await jobs.nothingIsLeftOf(job)
  },
  patienceMs,
)

test(
  'a divided job that is cancelled stops on every agent, and nothing of it is left',
  async () => {
    await startAgent('here')
    await startAgent('there')
    const job = await submitted()
    await expect
      .poll(() => jobs.begun(job).filter(({ tile }) => tile !== undefined).length, { timeout: patienceMs })
      .toBeGreaterThan(1)
    await engine.jobs.cancel(engine.org, job.id)
    const ended = { state: 'cancelled', terminatingUntil: undefined }
    await expect
      .poll(() => engine.jobs.progress(engine.org, job.id), { timeout: 10_000 })
      .toMatchObject(ended)
    await expect.poll(() => engine.runners(), { timeout: 20_000 }).toEqual([])
    await jobs.nothingIsLeftOf(job)
  },
  patienceMs,
)
