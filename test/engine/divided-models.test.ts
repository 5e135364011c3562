// A classification by a model that is divided: agents fetch the detector for every tile, and a lost runner leaves no trace.
import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { terrain, writeTerrain } from '../../packages/jobs/src/extract-ground/terrain.fixture.ts'
import {
  heightModel,
  writeDetector,
} from '../../packages/jobs/src/segmentation-3d/onnx/point-model.fixture.ts'
import type { JobRecord } from '../../packages/server/src/store/job-record.ts'
import { dividedJobs } from './divided-jobs.ts'
import { openEngine } from './engine-fixture.ts'

const site = terrain()
/** Several attempts, on a machine that may have other work. */
const patienceMs = 120_000

test(
  'a runner that is killed in the midst of a tile costs that tile alone, and the bytes are those of an undivided job',
  async () => {
    const engine = await openEngine(1000)
    onTestFinished(() => engine.close())
    const jobs = dividedJobs(engine)
    const input = { blockSizeMetres: 15, overlapMetres: 4, features: ['heightAboveGround'] }
    const { path } = await writeDetector(engine.folder, heightModel(), { input })
    const name = basename(path)
    const hash = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex')
    const sha256 = hash(`${hash(await readFile(path))}  ${name}\n`)
    const cloud = await engine.upload(await writeTerrain(engine.folder, 'site.las', site), 'site.las')
    const model = await engine.upload(path, name)
    const submitted = async (): Promise<JobRecord> => {
      const inputs = [
        { name: 'pointClouds', realityDataId: cloud },
        { name: 'pointCloudSegmentationDetector', realityDataId: model, detector: { sha256 } },
      ]
      const outputs = ['segmentation3D', 'segmentedPointCloud']
      const options = { saveConfidence: true }
      const job = await engine.create(outputs, [], { type: 'segmentation3D', inputs, options })
      await engine.jobs.submit(engine.org, job.id, [])
      return job
    }
    const startAgent = async (divideFromPoints: number) => {
      const scratchDir = join(engine.scratchDir, `from-${divideFromPoints}`)
      await mkdir(scratchDir)
      return engine.startAgent({ name: `from ${divideFromPoints}`, scratchDir, divideFromPoints })
    }
    const alone = await startAgent(0)
    const undivided = await jobs.resultOf(await submitted())
    await alone.stop()

    const agent = await startAgent(site.x.length - 1)
    onTestFinished(() => agent.stop())
    const job = await submitted()
    const tilesBegun = () => jobs.begun(job).filter(({ tile }) => tile !== undefined)
    await expect.poll(() => tilesBegun().length, { timeout: patienceMs }).toBeGreaterThan(0)
    process.kill(await engine.untilRunner(), 'SIGKILL')
    expect(await jobs.resultOf(job)).toBe(undivided)
    expect(tilesBegun()).toHaveLength(5)
    expect(tilesBegun().filter(({ attempt }) => attempt === 2)).toHaveLength(1)
    await jobs.nothingIsLeftOf(job)
  },
  2 * patienceMs,
)
