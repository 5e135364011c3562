// An extraction of ground whose runner is killed: the next one goes on from the raster, and writes what nobody would have disturbed.
import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { groundDetector } from '../../packages/contract/src/index.ts'
import type { JobRecord } from '../../packages/server/src/store/job-record.ts'
import { type Engine, openEngine } from './engine-fixture.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine(100_000)
}, 60_000)
afterAll(() => engine?.close())

const patienceMs = 120_000

async function submitted(): Promise<JobRecord> {
  const { name, version, versionId } = groundDetector
  const detector = { library: { name, version, versionId }, sha256: '0'.repeat(64) }
  const inputs = [
    { name: 'pointClouds', realityDataId: engine.inputs[0]! },
    { name: 'pointCloudSegmentationDetector', realityDataId: name, detector },
  ]
  const outputs = ['segmentedPointCloud', 'segmentation3D', 'exportedSegmentation3DLAZ']
  const job = await engine.create(outputs, [], { type: 'extractGround', inputs })
  await engine.jobs.submit(engine.org, job.id, [])
  return job
}

/** One hash of all clouds that the job wrote, once it has succeeded. */
async function resultOf({ id }: JobRecord): Promise<string> {
  const hash = createHash('sha256')
  await engine.until(id, ({ state }) => state === 'success')
  for (const { name, realityDataId } of (await engine.jobs.get(engine.org, id))!.outputs) {
    if (name === 'segmentation3D') continue // it names the reality data of its job
    const { container } = (await engine.realityData.resolveContainer(realityDataId))!
    for (const blob of (await engine.blobs.list(container)).blobs) {
      hash.update(`${name}/${blob.name}`)
      for await (const bytes of (await engine.blobs.read(container, blob.name)).stream) hash.update(bytes)
    }
  }
  return hash.digest('hex')
}

test(
  'runners killed while they read and while they write leave no trace in the result, and what was read is not read again',
  async () => {
    const agent = await engine.startAgent({ keepFromSeconds: 0.001 })
    const undisturbed = await resultOf(await submitted())
    const job = await submitted()
    const percentages: number[] = []
    const watch = (wanted: (step: string) => boolean) =>
      engine.until(
        job.id,
        ({ step }) => wanted(step),
        ({ percentage }) => percentages.push(percentage),
      )
    const killRunner = async () => {
      const since = engine.logged.length
      for (const pid of await engine.runners()) process.kill(pid, 'SIGKILL')
      await engine.untilLogged('attempt begun', since, job.id)
    }
    await watch((step) => step === 'Read_Clouds')
    await killRunner()
    await watch((step) => step === 'Write_Results')
    await killRunner()
    await expect(resultOf(job)).resolves.toBe(undisturbed)
    expect(percentages).toEqual([...percentages].sort((a, b) => a - b))
    const takenOver = engine.logged.filter(
      ({ jobId, takenOver }) => jobId === job.id && takenOver?.lowest === 1,
    )
    expect(takenOver.length).toBeGreaterThanOrEqual(1)
    await agent.stop()
    expect(await readdir(engine.keptDir)).toEqual([])
    expect(await readdir(engine.scratchDir)).toEqual([])
  },
  patienceMs,
)
