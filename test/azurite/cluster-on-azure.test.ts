// Several processes, one PostgreSQL and one account: an agent that has the account's key, and one that has not.
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { Client } from '../../packages/client/src/index.ts'
import { createDatabase, dropDatabase } from '../../packages/server/src/store/start-postgres.fixture.ts'
import { type ServiceProcess, startProcess } from '../e2e/service-process.ts'
import { clientOf, createChangeJob, resultHash } from '../e2e/survey-job.ts'
import { writeTwoEpochs } from '../e2e/two-epochs.ts'
import { hashOf, resultsBySdk, uploadBySdk } from './surveys-in-azure.ts'

const iTwinId = randomUUID()
const account = () => ['--blob-connection-string', inject('connectionString')]
/** Where nobody listens. */
const elsewhere =
  'DefaultEndpointsProtocol=http;AccountName=other;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:1/other'

let databaseUrl: string
let folder: string
let api: ServiceProcess
let client: Client
let inputs: string[]
beforeAll(async () => {
  databaseUrl = await createDatabase(inject('postgresUrl'), `azure_${randomUUID()}`)
  folder = await mkdtemp(join(tmpdir(), 'alidade-scene-'))
  api = await startProcess({ role: 'api', databaseUrl, flags: account() })
  client = await clientOf(api)
  inputs = await uploadBySdk(client, iTwinId, (await writeTwoEpochs(folder, 20_000)).paths)
})
afterAll(async () => {
  await api?.remove()
  await dropDatabase(databaseUrl)
  await rm(folder, { recursive: true, force: true })
})

/** Runs a job on an agent with these flags, the only one there is; one hash of the results. */
async function hashBy(flags: readonly string[]): Promise<string> {
  const agent = await startProcess({ role: 'agent', databaseUrl, flags: ['--threads', '1', ...flags] })
  try {
    const jobId = await createChangeJob(client, iTwinId, inputs)
    await client.jobs.submit(jobId)
    expect(await client.waitForJob(jobId, { intervalsSeconds: [0.05] })).toMatchObject({ state: 'success' })
    const hash = hashOf(await resultsBySdk(client, jobId))
    expect(await resultHash(client, jobId)).toBe(hash)
    return hash
  } finally {
    await agent.remove()
  }
}

test('an agent with the connection string and one that asks the API where containers are give the same results', async () => {
  expect(await hashBy([])).toBe(await hashBy(account()))
  const relayed = api
    .log()
    .split('\n')
    .filter((line) => line.includes('/alidade-blobs/'))
  expect(relayed).not.toEqual([])
  // Asked where containers are, and no bytes passed on.
  expect(relayed.filter((line) => !line.includes('comp=url'))).toEqual([])
})

test.each([
  ['a folder of their own', []],
  ['another account', ['--blob-connection-string', elsewhere]],
])('processes that would keep blobs in %s are refused at their start', async (_, flags) => {
  await expect(startProcess({ role: 'api', databaseUrl, flags })).rejects.toThrow(inject('azuriteUrl'))
})

test('while the account does not answer the service lives, is not ready, and says 503 to who needs it', async () => {
  const away = await startProcess({ flags: ['--blob-connection-string', elsewhere] })
  try {
    const health = await fetch(`${away.url}/healthz`)
    const ready = await fetch(`${away.url}/readyz`)
    expect([health.status, ready.status]).toEqual([200, 503])
    expect(await ready.json()).toMatchObject({ error: { details: [{ code: 'BlobStorageUnavailable' }] } })
    const headers = { authorization: `Bearer ${await away.token()}`, 'content-type': 'application/json' }
    const answer = await fetch(`${away.url}/reality-management/reality-data/`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ displayName: 'survey', type: 'LAS', iTwinId }),
    })
    const { realityData } = (await answer.json()) as { realityData: { id: string } }
    const access = await fetch(`${away.url}/reality-management/reality-data/${realityData.id}/writeaccess`, {
      headers,
    })
    expect([answer.status, access.status, access.headers.get('retry-after')]).toEqual([201, 503, '5'])
    expect(away.log()).toContain('Azure Blob Storage does not answer')
    expect(away.log()).not.toContain('a2V5')
  } finally {
    await away.remove()
  }
})
