// Linked folders through real commands: an API that may show them, and an agent on another machine, as far as it can tell:
// it shares neither the blob folder nor the linked one.
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { Client } from '../../packages/client/src/index.ts'
import type { LinkedRealityData } from '../../packages/contract/src/index.ts'
import { createDatabase, dropDatabase } from '../../packages/server/src/store/start-postgres.fixture.ts'
import { alidadeBin, type ServiceProcess, startProcess } from './service-process.ts'
import { clientOf, createChangeJob, resultFiles } from './survey-job.ts'
import { writeTwoEpochs } from './two-epochs.ts'

const iTwinId = randomUUID()
let root: string
let databaseUrl: string
let api: ServiceProcess
let agent: ServiceProcess
let client: Client
let surveys: [string, string]

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'alidade-scans-'))
  databaseUrl = await createDatabase(inject('postgresUrl'), basename(root))
  api = await startProcess({ role: 'api', databaseUrl, flags: ['--link-roots', root] })
  agent = await startProcess({ role: 'agent', databaseUrl, flags: ['--threads', '1'] })
  client = await clientOf(api)
  surveys = (await writeTwoEpochs(root, 20_000)).paths
}, 120_000)
afterAll(async () => {
  await agent?.remove()
  await api?.remove()
  await dropDatabase(databaseUrl)
  await rm(root, { recursive: true, force: true })
})

async function link(folder: string): Promise<LinkedRealityData> {
  const token = await api.token('--role', 'admin')
  const flags = ['--type', 'LAS', '--itwin', iTwinId, '--url', api.url, '--token', token, '--json']
  const { stdout } = await promisify(execFile)(process.execPath, [alidadeBin, 'link', folder, ...flags])
  return JSON.parse(stdout)
}
async function linkSurvey(path: string): Promise<{ id: string; file: string }> {
  const folder = join(root, basename(path, '.las'))
  await mkdir(folder)
  await cp(path, join(folder, 'survey.las'))
  return { id: (await link(folder)).realityData.id, file: join(folder, 'survey.las') }
}
const often = { intervalsSeconds: [0.05] }

test('an agent that does not see the folder works on its files through the API, and finds what changed', async () => {
  const linked = [await linkSurvey(surveys[0]), await linkSurvey(surveys[1])]
  const sizes = await Promise.all(linked.map(async ({ file }) => (await stat(file)).size))
  for (const [i, { id }] of linked.entries())
    expect((await client.realityData.get(id)).size).toBe(Math.ceil(sizes[i]! / 1024))
  const id = await createChangeJob(
    client,
    iTwinId,
    linked.map(({ id }) => id),
  )
  await client.jobs.submit(id)
  expect((await client.waitForJob(id, often)).state).toBe('success')
  const files = [...(await resultFiles(client, id))]
  const [, locations] = files.find(([name]) => name.endsWith('.geojson'))!
  expect(JSON.parse(locations.toString()).features).toHaveLength(2)
  expect(agent.log()).not.toContain(root)

  // Gone as reality data, there as files, and what is not linked was never copied.
  for (const { id, file } of linked) {
    await client.realityData.delete(id)
    await expect(client.realityData.get(id)).rejects.toMatchObject({ code: 'RealityDataNotFound' })
    expect(await readFile(file)).toEqual(await readFile(surveys[linked.findIndex((each) => each.id === id)]!))
    expect(await readdir(join(api.dataDir, 'blobs', 'containers'))).not.toContain(id)
  }
}, 120_000)
