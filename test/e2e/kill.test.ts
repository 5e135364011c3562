// kill -9 of the whole service, again and again, while it computes and clients go on: nothing that was acknowledged is
// lost, and the job ends as if nothing had happened.
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Client } from '../../packages/client/src/index.ts'
import type { Progress } from '../../packages/contract/src/index.ts'
import { openFolderBlobStore } from '../../packages/server/src/blobs/folder-blob-store.ts'
import { millisecondsUntilGone, processesIn, randomNumbers } from '../engine/processes.ts'
import { type ServiceProcess, startServiceProcess } from './service-process.ts'
import { clientOf, createChangeJob, resultHash, uploadSurveys } from './survey-job.ts'
import { writeTwoEpochs } from './two-epochs.ts'

const kills = 8
const often = { intervalsSeconds: [0.05] }

let service: ServiceProcess
let client: Client
let folder: string
let large: string[]
let small: string[]
const iTwinId = randomUUID()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alidade-scene-'))
  service = await startServiceProcess('--threads', '2')
  client = await clientOf(service, '--expires', '1h')
  large = await uploadSurveys(client, iTwinId, (await writeTwoEpochs(folder, 400_000)).paths)
  small = await uploadSurveys(client, iTwinId, (await writeTwoEpochs(folder, 2_000)).paths)
}, 180_000)
afterAll(async () => {
  await service?.remove()
  await rm(folder, { recursive: true, force: true })
})

test(`${kills} kills at random moments lose nothing, and the percentage never goes back`, async () => {
  const seed = Date.now() % 1e6
  const random = randomNumbers(seed)
  const undisturbed = await createChangeJob(client, iTwinId, large)
  const beganAt = performance.now()
  await client.jobs.submit(undisturbed)
  await client.waitForJob(undisturbed, often)
  const durationMs = performance.now() - beganAt
  console.log(`seed ${seed}; undisturbed the job takes ${(durationMs / 1000).toFixed(1)} s`)

  const clients = new AbortController()
  const endWork = workAsClient(clients.signal)
  /** Each is killed over until it ends; then comes the next. */
  const jobs: Watched[] = []
  const submitNext = async () => {
    const id = await createChangeJob(client, iTwinId, large)
    await client.jobs.submit(id)
    jobs.unshift(watch(id, clients.signal))
  }
  const scratch = join(service.dataDir, 'scratch')

  for (let kill = 1; kill <= kills; kill++) {
    if (jobs[0]?.seen.at(-1)?.state !== 'active') await submitNext()
    await delay((0.1 + 0.9 * random()) * durationMs)
    const runners = await processesIn(scratch)
    const { percentage, state, step } = jobs[0]?.seen.at(-1) ?? { percentage: 0, state: 'none', step: '' }
    await service.kill()
    const killedAt = performance.now()
    const [goneMs, restarted] = await Promise.all([millisecondsUntilGone(runners), service.restart()])
    service = restarted
    console.log(
      `kill ${kill}: ${state}, ${step || 'no step yet'}, ${percentage} %; ` +
        `runner gone after ${runners.length === 0 ? '-' : goneMs.toFixed(0)} ms, ` +
        `listening again after ${(performance.now() - killedAt).toFixed(0)} ms`,
    )
    expect(goneMs).toBeLessThan(5000)
  }
  const acknowledged = await endWork()

  for (const { id, seen, done } of jobs) {
    expect(await client.waitForJob(id, often)).toMatchObject({ state: 'success', percentage: 100 })
    await done
    const percentages = seen.map(({ percentage }) => percentage)
    expect(percentages).toEqual([...percentages].sort((a, b) => a - b))
    expect(new Set(seen.map(({ state }) => state))).toEqual(new Set(['active', 'success']))
    expect(await resultHash(client, id)).toBe(await resultHash(client, undisturbed))
  }

  const { created, submitted, uploaded } = acknowledged
  console.log(
    `acknowledged: ${created.length} jobs created, ${submitted.length} submitted, ${uploaded.length} uploads`,
  )
  for (const id of submitted) expect(await client.waitForJob(id, often)).toMatchObject({ state: 'success' })
  for (const id of created) {
    const wanted = submitted.includes(id) ? ['success'] : ['unsubmitted', 'active', 'success']
    expect(wanted).toContain((await client.jobs.get(id)).state)
  }
  for (const { realityDataId, content } of uploaded) {
    const url = new URL(await client.realityData.readAccess(realityDataId))
    url.pathname += '/blob.bin'
    const answer = await fetch(url)
    expect(Buffer.from(await answer.arrayBuffer()).equals(content), `${answer.status}`).toBe(true)
  }

  clients.abort()
  const outputs = await outputsOfSuccessfulJobs([undisturbed, ...jobs.map(({ id }) => id), ...created])
  expect(await service.stop(), service.log()).toBe(0)
  expect(await processesIn(scratch)).toEqual([])
  expect(await readdir(scratch)).toEqual([])
  expect(await attemptContainers(service.dataDir)).toEqual(outputs)
}, 300_000)

interface Watched {
  id: string
  seen: Progress[]
  done: Promise<void>
}

/** Asks for the progress until the job has ended; a service that is down is asked again. */
function watch(id: string, signal: AbortSignal): Watched {
  const seen: Progress[] = []
  const done = (async () => {
    while (!signal.aborted && (seen.at(-1)?.state ?? 'active') === 'active') {
      await client.jobs.progress(id).then(
        (progress) => seen.push(progress),
        () => undefined,
      )
      await delay(20)
    }
  })()
  return { id, seen, done }
}

interface Acknowledged {
  created: string[]
  submitted: string[]
  uploaded: { realityDataId: string; content: Buffer }[]
}

/** A client that creates, submits and uploads, and remembers what was acknowledged. Returns how to end it. */
function workAsClient(signal: AbortSignal) {
  const acknowledged: Acknowledged = { created: [], submitted: [], uploaded: [] }
  const stopping = new AbortController()
  const end = AbortSignal.any([signal, stopping.signal])
  const turn = async (n: number) => {
    const jobId = await createChangeJob(client, iTwinId, small)
    acknowledged.created.push(jobId)
    if (n % 3 === 0) {
      await client.jobs.submit(jobId)
      acknowledged.submitted.push(jobId)
    }
    const { id } = await client.realityData.create({ displayName: 'blob', type: 'LAS', iTwinId })
    const url = new URL(await client.realityData.writeAccess(id))
    url.pathname += '/blob.bin'
    const content = randomBytes(50_000)
    const answer = await fetch(url, {
      method: 'PUT',
      headers: { 'x-ms-blob-type': 'BlockBlob' },
      body: content,
    })
    if (answer.status === 201) acknowledged.uploaded.push({ realityDataId: id, content })
  }
  const done = (async () => {
    for (let n = 0; !end.aborted && n < 40; n++) {
      await turn(n).catch(() => undefined) // the service is down, or went down over it
      await delay(200)
    }
  })()
  return async (): Promise<Acknowledged> => {
    stopping.abort()
    await done
    return acknowledged
  }
}

async function outputsOfSuccessfulJobs(ids: string[]): Promise<string[]> {
  const outputs: string[] = []
  for (const id of ids) {
    const job = await client.jobs.get(id)
    if (job.state === 'success') outputs.push(...job.outputs.map((output) => output.id))
  }
  return outputs.sort()
}

/** The reality data of every container that an attempt has written; one that two have written is there twice. */
async function attemptContainers(dataDir: string): Promise<string[]> {
  const blobs = await openFolderBlobStore({ root: join(dataDir, 'blobs') })
  const ids: string[] = []
  for await (const { id, attempt } of blobs.containers()) if (attempt > 0) ids.push(id)
  return ids.sort()
}
