// What the inputs of a job are found to refer to, and that it is kept for as long as the job needs it.
import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deleteRealityData } from '@alidade/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createInspectJob } from '../../packages/server/src/http/inspect-job.ts'
import { v1Places } from '../../packages/server/src/http/jobs/job-places.ts'
import {
  type RealityManagementTestServer,
  startRealityManagementTestServer,
} from '../../packages/server/src/http/reality-management/reality-management-test-server.ts'
import { writeTwoEpochs } from '../e2e/two-epochs.ts'

let server: RealityManagementTestServer
let folder: string
let survey: string
beforeAll(async () => {
  server = await startRealityManagementTestServer()
  folder = await mkdtemp(join(tmpdir(), 'alidade-scene-'))
  survey = (await writeTwoEpochs(folder, 100)).paths[0]
})
afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

const owner = { org: 'acme', userId: 'ada', email: '', clientId: 'c' }
async function create(type: string, name: string, bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const { id } = await server.realityData.create(owner, undefined, { displayName: name, type })
  await server.blobs.putBlob({ id, attempt: 0 }, name, bytes)
  return id
}
const remove = async (realityDataId: string) =>
  (await server.ask(deleteRealityData, { params: { realityDataId } })).status

/** Scenes in either form, of a cloud in another reality data. */
const scenes: [name: string, textOf: (referred: string) => string][] = [
  [
    'ContextScene.json',
    (referred) =>
      JSON.stringify({
        version: '5.0',
        References: { 0: { Path: `rds:${referred}` } },
        PointCloudCollection: { PointClouds: { 0: { Path: '0:survey.las' } } },
      }),
  ],
  [
    'ContextScene.xml',
    (referred) =>
      `<ContextScene version="3.0"><References><Reference id="0"><Path>rds:${referred}</Path></Reference></References>
      <PointCloudCollection><PointClouds><PointCloud id="0"><Path>0:survey.las</Path></PointCloud></PointClouds>
      </PointCloudCollection></ContextScene>`,
  ],
]

test.each(scenes)(
  'what the %s of an active job refers to cannot be deleted, and can be once the job has ended',
  async (sceneName, textOf) => {
    const upload = () => create('LAS', 'survey.las', createReadStream(survey))
    const [cloud, referred, other] = [await upload(), await upload(), await upload()]
    const sceneId = await create('ContextScene', sceneName, oneChunk(textOf(referred)))
    const iTwinId = randomUUID()
    await server.realityData.claimITwin('acme', iTwinId)
    const job = await server.jobs.create(owner, iTwinId, {
      type: 'changeDetection',
      name: 'Quarry',
      inputs: [
        { name: 'modelA', realityDataId: cloud },
        { name: 'modelB', realityDataId: sceneId },
      ],
      outputs: ['objects3D'],
      options: {},
      optionsSent: undefined,
      costParameters: undefined,
    })
    const inspection = await createInspectJob(server)(job, v1Places)
    expect(inspection.faults).toEqual([])
    expect(inspection.reads?.sort()).toEqual([cloud, sceneId, referred].sort())

    await server.jobs.submit('acme', job.id, inspection.warnings, inspection)
    for (const id of [cloud, sceneId, referred]) expect(await remove(id)).toBe(422)
    expect(await remove(other)).toBe(204)
    await server.jobs.cancel('acme', job.id)
    for (const id of [cloud, sceneId, referred]) expect(await remove(id)).toBe(204)
  },
)

async function* oneChunk(text: string) {
  yield Buffer.from(text)
}
