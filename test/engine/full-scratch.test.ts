// The disk of the agent is full at whichever write of an attempt: the job fails as DiskFull, and nothing is left of it.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { makeSmallDisk, testOnSmallDisk } from '../../packages/server/src/disk/small-disk.fixture.ts'
import { type Engine, openEngine } from './engine-fixture.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine(5000, 50)
})
afterAll(() => engine?.close())

const outputs = ['objects3D', 'exportedLocations3DGeoJSON', 'segmentedModel3DA', 'segmentedModel3DB']

/** What becomes of a job whose agent has so many bytes of disk. */
async function outcomeWith(leaveBytes: number, options: Parameters<Engine['startAgent']>[0] = {}) {
  const disk = makeSmallDisk(8)
  const scratchDir = join(disk.path, 'scratch')
  await mkdir(scratchDir)
  await disk.fill(leaveBytes)
  const freeBytes = await disk.freeBytes()
  const agent = await engine.startAgent({ scratchDir, ...options })
  const { id } = await engine.create(outputs)
  await engine.jobs.submit(engine.org, id, [])
  await engine.until(id, ({ endedAt }) => endedAt !== undefined)
  await agent.stop()
  const job = (await engine.jobs.get(engine.org, id))!
  const left = await engine.containers(job.outputs.map(({ realityDataId }) => realityDataId))
  expect(await disk.freeBytes(), 'something is left in scratch').toBe(freeBytes)
  return {
    state: job.state,
    codes: job.errors.map(({ code }) => code),
    attempts: job.attempt,
    left: left.length,
  }
}

const diskFull = { state: 'failed', codes: ['DiskFull'], attempts: 1, left: 0 }
const success = { state: 'success', codes: [], attempts: 1, left: outputs.length }

testOnSmallDisk(
  'a runner that finds the disk full, at its first byte or later, fails its job as DiskFull and leaves nothing',
  async () => {
    for (const leaveBytes of [0, 8_000, 75_000, 250_000]) {
      expect(await outcomeWith(leaveBytes), `${leaveBytes} bytes free`).toEqual(diskFull)
    }
    expect(await outcomeWith(1_000_000)).toEqual(success)
  },
  120_000,
)

testOnSmallDisk(
  'so does an agent that has no room for a copy of the inputs',
  async () => {
    // As blobs are that lie on another machine: no file of them can be read where it lies.
    const elsewhere = new Proxy(engine.blobs, {
      get: (blobs, name) => {
        if (name === 'localSegments') return undefined
        const member = Reflect.get(blobs, name)
        return typeof member === 'function' ? member.bind(blobs) : member
      },
    })
    for (const leaveBytes of [0, 175_000]) {
      expect(await outcomeWith(leaveBytes, { blobs: elsewhere }), `${leaveBytes} bytes free`).toEqual(
        diskFull,
      )
    }
    expect(await outcomeWith(1_500_000, { blobs: elsewhere })).toEqual(success)
  },
  120_000,
)
