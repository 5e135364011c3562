// What clients do while processes are killed: jobs that overlap, each watched by somebody, and uploads. Everything that
// was acknowledged is remembered.
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from '../../packages/client/src/index.ts'
import type { Progress } from '../../packages/contract/src/index.ts'
import { createChangeJob, resultHash, uploadSurveys } from '../e2e/survey-job.ts'
import { writeTwoEpochs } from '../e2e/two-epochs.ts'

export interface WatchedJob {
  readonly id: string
  /** Every answer to GET progress, in order. */
  readonly seen: Progress[]
}

export interface Workload {
  /** Of a run that nothing disturbed. */
  readonly undisturbedHash: string
  readonly undisturbedSeconds: number
  readonly jobs: readonly WatchedJob[]
  readonly uploads: readonly { realityDataId: string; content: Buffer }[]
  /** Those that are active. */
  active(): WatchedJob[]
  /** Submits no more; returns when every job has ended, or throws when one has not in time. */
  end(withinSeconds: number): Promise<void>
}

export async function startWorkload(
  client: Client,
  { overlap, pointCount, sideMetres }: { overlap: number; pointCount: number; sideMetres: number },
): Promise<Workload> {
  const iTwinId = randomUUID()
  const folder = await mkdtemp(join(tmpdir(), 'alidade-scene-'))
  const surveys = await uploadSurveys(
    client,
    iTwinId,
    (await writeTwoEpochs(folder, pointCount, sideMetres)).paths,
  )
  await rm(folder, { recursive: true, force: true })
  const stopping = new AbortController()

  const undisturbed = await createChangeJob(client, iTwinId, surveys)
  const beganAt = performance.now()
  await client.jobs.submit(undisturbed)
  await client.waitForJob(undisturbed, { intervalsSeconds: [0.05] })
  const undisturbedSeconds = (performance.now() - beganAt) / 1000

  const jobs: WatchedJob[] = []
  const uploads: { realityDataId: string; content: Buffer }[] = []

  /** One client: submits a job, watches it to its end, and begins anew. */
  async function work(): Promise<void> {
    while (!stopping.signal.aborted) {
      const id = await insist(() => createChangeJob(client, iTwinId, surveys))
      await insist(() => client.jobs.submit(id))
      const job: WatchedJob = { id, seen: [] }
      jobs.push(job)
      while ((job.seen.at(-1)?.state ?? 'active') === 'active') {
        await client.jobs.progress(id).then(
          (progress) => job.seen.push(progress),
          () => undefined, // nobody answers at the moment
        )
        await delay(100)
      }
      await upload().catch(() => undefined) // what was not acknowledged may be lost
    }
  }

  async function upload(): Promise<void> {
    const { id } = await client.realityData.create({ displayName: 'blob', type: 'LAS', iTwinId })
    const url = new URL(await client.realityData.writeAccess(id))
    url.pathname += '/blob.bin'
    const content = randomBytes(50_000)
    const headers = { 'x-ms-blob-type': 'BlockBlob' }
    const answer = await fetch(url, { method: 'PUT', headers, body: content })
    if (answer.status === 201) uploads.push({ realityDataId: id, content })
  }

  const clients = Promise.all(Array.from({ length: overlap }, work))
  clients.catch(() => undefined) // heard of at the end
  return {
    undisturbedHash: await resultHash(client, undisturbed),
    undisturbedSeconds,
    jobs,
    uploads,
    active: () => jobs.filter(({ seen }) => (seen.at(-1)?.state ?? 'active') === 'active'),
    end: async (withinSeconds) => {
      stopping.abort()
      const late = delay(withinSeconds * 1000, 'late' as const, { ref: false })
      if ((await Promise.race([clients, late])) === 'late')
        throw new Error(`after ${withinSeconds} s some jobs are stuck: ${JSON.stringify(jobs.map(lastSeen))}`)
    },
  }
}

function lastSeen({ id, seen }: WatchedJob) {
  return { id, ...seen.at(-1) }
}

/** A client that tries again until somebody answers; what it asks for can be asked twice. */
async function insist<T>(ask: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await ask()
    } catch (error) {
      if (tried > 200) throw error
      await delay(100)
    }
  }
}
