// Our own client on every job call of v2, against the real routes and store.
import { randomUUID } from 'node:crypto'
import { type Client, createClient, InvalidRequestError, NotFoundError } from '@alidade/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startV2TestServer, type V2TestServer } from './v2-test-server.ts'

let server: V2TestServer
let client: Client
const iTwinId = randomUUID()
beforeAll(async () => {
  server = await startV2TestServer()
  server.inspection.inspect = async () => ({ faults: [], warnings: [] })
  const token = await server.authorization({})
  client = createClient({ baseUrl: server.url, token: () => token })
})
afterAll(() => server.stop())

async function createJob(name: string) {
  const owner = { org: 'acme', userId: 'ada' }
  const surveys = await Promise.all(
    ['March', 'April'].map((displayName) =>
      server.realityData.create(owner, undefined, { displayName, type: 'LAZ' }),
    ),
  )
  return client.v2.jobs.create({
    type: 'ChangeDetection',
    name,
    iTwinId,
    specifications: {
      inputs: { model3DA: surveys[0]!.id, model3DB: surveys[1]!.id },
      outputs: ['segmentedModel3DA'],
      options: { minPointsPerChange: 30 },
    },
  })
}

test('a job of v2 is created, read, followed to its end by cancel, and its messages and list asked for', async () => {
  const { jobs } = client.v2
  const job = await createJob('Quarry')
  expect(job).toMatchObject({ name: 'Quarry', state: 'Queued', iTwinId })
  expect(await jobs.get(job.id)).toEqual(job)
  expect(await jobs.progress(job.id)).toEqual({ percentage: 0, state: 'Queued' })
  expect(await jobs.messages(job.id)).toEqual({ errors: [], warnings: [] })

  const heard: unknown[] = []
  const last = await client.v2.waitForJob(job.id, {
    intervalsSeconds: [0.01],
    onProgress: async (progress) => {
      if (heard.push(progress) === 1) await jobs.cancel(job.id)
    },
  })
  expect(heard).toEqual([{ percentage: 0, state: 'Queued' }, last])
  expect(last).toEqual({ percentage: 0, state: 'Cancelled' })
  expect((await jobs.cancel(job.id)).state).toBe('Cancelled')

  const others = await Promise.all(['Pit', 'Dam'].map(createJob))
  const ids: string[] = []
  for await (const { id } of jobs.list(`iTwinId eq ${iTwinId}`, { top: 2 })) ids.push(id)
  expect(ids.toSorted()).toEqual([job, ...others].map(({ id }) => id).toSorted())
})

test('what v2 refuses is of the class that it is in v1', async () => {
  const { jobs } = client.v2
  const specifications = { inputs: {}, outputs: ['x'] }
  const refused = await jobs
    .create({ type: 'None', iTwinId, specifications })
    .catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(InvalidRequestError)
  expect(refused).toMatchObject({
    status: 400,
    code: 'InvalidRealityAnalysisRequest',
    details: [{ target: 'type' }],
  })
  await expect(jobs.get(randomUUID())).rejects.toBeInstanceOf(NotFoundError)
  await expect(client.v2.waitForJob(randomUUID())).rejects.toMatchObject({ code: 'JobProgressNotFound' })
})

test('the bucket of an iTwin has a URL, and the list of files is there', async () => {
  const { id } = await createJob('For its iTwin')
  expect(id).toMatch(/^[0-9a-f-]{36}$/)
  expect(new URL(await client.v2.bucketAccess(iTwinId)).pathname).toContain(`bucket-${iTwinId}`)
  await expect(client.v2.bucketAccess(randomUUID())).rejects.toMatchObject({ code: 'iTwinNotFound' })
  expect(await client.v2.files()).toEqual([])
})
