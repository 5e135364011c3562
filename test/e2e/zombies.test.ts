// A service that is stopped for longer than its lease lasts and then comes back, and a cancel that meets a service as it comes
// up again: no result twice, no change of a job that has ended, no file left. An agent of several: `cluster.test.ts`.
import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, test } from 'vitest'
import type { Client } from '../../packages/client/src/index.ts'
import { leaseSeconds } from '../../packages/server/src/store/job-work.ts'
import { millisecondsUntilGone, processesIn } from '../engine/processes.ts'
import { type ServiceProcess, startServiceProcess } from './service-process.ts'
import {
  attemptContainers,
  clientOf,
  createChangeJob,
  outputContainers,
  resultHash,
  uploadSurveys,
} from './survey-job.ts'
import { writeTwoEpochs } from './two-epochs.ts'

const iTwinId = randomUUID()
const often = { intervalsSeconds: [0.05] }
/** The lease and as much again as an agent may need to notice. */
const longerThanLeaseMs = (leaseSeconds + 3) * 1000

let folder: string
let paths: string[]
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alidade-scene-'))
  paths = (await writeTwoEpochs(folder, 100_000)).paths
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function submit(client: Client, surveys: readonly string[]): Promise<string> {
  const id = await createChangeJob(client, iTwinId, surveys)
  await client.jobs.submit(id)
  return id
}

/** Waits until the runners of `count` jobs are at work in the scratch folder of a process. */
async function runnersOf({ dataDir }: ServiceProcess, count: number): Promise<number[]> {
  for (;;) {
    const pids = await processesIn(join(dataDir, 'scratch'))
    if (pids.length === count) return pids
    await delay(20)
  }
}

async function untilComputing(client: Client, id: string): Promise<void> {
  while ((await client.jobs.progress(id)).percentage < 5) await delay(30)
}

const timesBegun = (log: string, id: string) =>
  log.match(new RegExp(`"jobId":"${id}".*attempt begun`, 'g'))?.length

test.concurrent('a service asleep, one of its runners with it and the other at work, goes on with both where it was', async ({
  expect,
}) => {
  // Less than it will sleep: its own sleep is nobody's stall.
  const service = await startServiceProcess('--slots', '2', '--threads', '1', '--stall-minutes', '0.2')
  try {
    const client = await clientOf(service)
    const surveys = await uploadSurveys(client, iTwinId, paths)
    const jobs = await Promise.all([1, 2].map(() => submit(client, surveys)))
    const [sleeper] = await runnersOf(service, 2)
    for (const id of jobs) await untilComputing(client, id)
    const asleep = [sleeper!, service.pid]
    for (const pid of asleep) process.kill(pid, 'SIGSTOP')
    await delay(longerThanLeaseMs)
    for (const pid of asleep) process.kill(pid, 'SIGCONT')
    for (const id of jobs) expect(await client.waitForJob(id, often)).toMatchObject({ state: 'success' })
    for (const id of jobs) expect(timesBegun(service.log(), id)).toBe(1)
    const [first, second] = await Promise.all(jobs.map((id) => resultHash(client, id)))
    expect(first).toBe(second)
    const outputs = await outputContainers(client, jobs, 1)
    expect(await service.stop(), service.log()).toBe(0)
    expect(await attemptContainers(join(service.dataDir, 'blobs'))).toEqual(outputs)
    expect(await readdir(join(service.dataDir, 'scratch'))).toEqual([])
  } finally {
    await service.remove()
  }
}, 300_000)

test.concurrent('a job that is cancelled while its service comes up after a kill stays cancelled and leaves nothing', async ({
  expect,
}) => {
  let service = await startServiceProcess('--threads', '1')
  try {
    const client = await clientOf(service)
    const surveys = await uploadSurveys(client, iTwinId, paths)
    const id = await submit(client, surveys)
    await untilComputing(client, id)
    const runners = await runnersOf(service, 1)
    await service.kill()
    // From the first moment on that there is somebody to hear it, its agent not yet started.
    const restarting = service.restart()
    const cancelled = (async () => {
      for (;;) {
        const job = await client.jobs.cancel(id).catch(() => undefined) // nobody listens yet
        if (job !== undefined) return job
        await delay(5)
      }
    })()
    service = await restarting
    expect(await cancelled).toMatchObject({ state: 'cancelled' })
    await millisecondsUntilGone(runners)
    await expect.poll(() => processesIn(join(service.dataDir, 'scratch'))).toEqual([])
    await expect.poll(() => attemptContainers(join(service.dataDir, 'blobs'))).toEqual([])
    expect(await service.stop(), service.log()).toBe(0)
    expect(await readdir(join(service.dataDir, 'scratch'))).toEqual([])
    service = await service.restart()
    expect(await client.jobs.progress(id)).toMatchObject({ state: 'cancelled' })
    expect(timesBegun(service.log(), id)).toBeUndefined()
  } finally {
    await service.remove()
  }
}, 300_000)
