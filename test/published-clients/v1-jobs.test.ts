// A v1 job from create to results and the ways to end one, by the recorded v1 clients. Data goes up and down through
// the published `@itwin/reality-capture`, unmodified.
import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { RealityCaptureService, RealityDataHandler, Type } from '@itwin/reality-capture'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { writeTwoEpochs } from '../e2e/two-epochs.ts'
import { type RedirectedCloud, redirectCloud } from './cloud-host.ts'
import {
  type ChangeDetectionSettings,
  type RecordedV1Client,
  recordedPythonClient,
  recordedTypeScriptClient,
} from './recorded-v1-clients.ts'

const iTwinId = randomUUID()
const token = inject('authorization')
let folder: string
let cloud: RedirectedCloud
let handler: RealityDataHandler
let settings: ChangeDetectionSettings

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alidade-clients-'))
  cloud = redirectCloud(inject('serviceUrl'))
  const authorization = { getAccessToken: async () => token }
  const reality = new RealityCaptureService(authorization)
  handler = new RealityDataHandler(authorization)
  const ids: string[] = []
  for (const path of (await writeTwoEpochs(folder, 60_000)).paths) {
    const created = await reality.createRealityData({ displayName: 'survey', type: Type.LAS, iTwinId })
    expect(created.error).toBeNull()
    const { id } = created.value!
    expect((await handler.uploadData(id, path, '', iTwinId)).error).toBeNull()
    ids.push(id)
  }
  const outputs = ['objects3D', 'exportedLocations3DGeoJSON']
  // Meshes are not sampled, which is a warning and no fault.
  const options = { distThresholdLow: 1, distThresholdHigh: 1.5, minPoints: 30, resolution: 0.5 }
  settings = { pointClouds1: ids[0]!, pointClouds2: ids[1]!, outputs, options }
})
afterAll(async () => {
  cloud?.restore()
  await rm(folder, { recursive: true, force: true })
})

/** As the samples of these clients wait, only more often. */
async function progressUntilEnd(client: RecordedV1Client, jobId: string) {
  for (;;) {
    const progress = await client.getJobProgress(jobId)
    if (['success', 'failed', 'cancelled'].includes(progress.state)) return progress
    await sleep(50)
  }
}

describe.each([
  {
    name: 'TypeScript',
    makeClient: recordedTypeScriptClient,
    refusals: {
      create: /^Error 422 Cannot create job\.\. Details : .*objects2D.*outputs\[0\]/,
      delete: /^Error 422 Cannot delete job\.\. Details : .*InvalidChange.*Submitted job cannot be deleted\./,
      token: /^Error 401 \w/,
    },
  },
  {
    name: 'Python',
    makeClient: recordedPythonClient,
    refusals: {
      create: /^code 422: InvalidRealityDataAnalysisRequest, Cannot create job\.$/,
      delete: /^code 422: InvalidRealityDataAnalysisRequest, Cannot delete job\.$/,
      token: /^code 401: Unauthorized, \w/,
    },
  },
])('the recorded v1 client in $name', ({ name, makeClient, refusals }) => {
  const client = makeClient(async () => token)

  test('runs a job from create to results', async () => {
    const jobId = await client.createJob(settings, 'published client', iTwinId)
    expect(await client.getJobProgress(jobId)).toEqual({ state: 'unsubmitted', progress: 0, step: '' })
    const { outputs: promised } = await client.getJobProperties(jobId)
    const cost = { sceneWidth: 100, sceneLength: 100, sceneHeight: 10 }
    expect(await client.getJobEstimatedCost(jobId, cost)).toBeGreaterThan(0)

    await client.submitJob(jobId)
    expect(await progressUntilEnd(client, jobId)).toEqual({
      state: 'success',
      progress: 100,
      step: 'Write_Results',
    })

    const properties = await client.getJobProperties(jobId)
    expect(properties).toMatchObject({
      state: 'success',
      inputs: { pointClouds1: settings.pointClouds1, pointClouds2: settings.pointClouds2 },
      outputs: promised,
      options: settings.options,
      exitCode: 0,
      errorCodes: [],
      warningCodes: ['Option_Ignored'],
    })
    expect(properties.estimatedUnits).toBeGreaterThan(0)
    expect(Object.keys(properties.outputs).sort()).toEqual([...settings.outputs].sort())

    const results = join(folder, `results of ${name}`)
    for (const [output, id] of Object.entries(properties.outputs)) {
      expect((await handler.downloadData(id, join(results, output), '', iTwinId)).error).toBeNull()
    }
    expect((await readdir(results, { recursive: true })).sort()).toEqual([
      'exportedLocations3DGeoJSON',
      'exportedLocations3DGeoJSON/exportedLocations3DGeoJSON.geojson',
      'objects3D',
      'objects3D/ContextScene.json',
    ])
    const file = join(results, 'exportedLocations3DGeoJSON', 'exportedLocations3DGeoJSON.geojson')
    expect(JSON.parse(await readFile(file, 'utf8')).features).toHaveLength(2)
  })

  test('cancels a second job, which stays cancelled', async () => {
    const jobId = await client.createJob(settings, 'to be cancelled', iTwinId)
    await client.submitJob(jobId)
    await client.cancelJob(jobId)
    const { state, progress } = await client.getJobProgress(jobId)
    expect(state).toBe('cancelled')
    expect(progress).toBeLessThan(100)
    expect((await client.getJobProperties(jobId)).state).toBe('cancelled')
  })

  test('deletes a third job, after which it is not there', async () => {
    const jobId = await client.createJob(settings, 'to be deleted', iTwinId)
    await client.deleteJob(jobId)
    await expect(client.getJobProperties(jobId)).rejects.toThrow('Requested job is not available.')
    await expect(client.getJobProgress(jobId)).rejects.toThrow('Requested progress is not available.')
  })

  test('makes a readable error of every refusal', async () => {
    const wrong = { ...settings, outputs: ['objects2D'] }
    await expect(client.createJob(wrong, 'wrong output', iTwinId)).rejects.toThrow(refusals.create)
    const jobId = await client.createJob(settings, 'submitted', iTwinId)
    await client.submitJob(jobId)
    await client.cancelJob(jobId)
    await expect(client.deleteJob(jobId)).rejects.toThrow(refusals.delete)
    const stranger = makeClient(async () => 'Bearer of.no.meaning')
    await expect(stranger.submitJob(jobId)).rejects.toThrow(refusals.token)
  })
})

describe('what v1 scripts send by themselves', () => {
  const client = recordedTypeScriptClient(async () => token)

  /** A request as the documents show it, with the headers that all clients send. */
  async function ask(path: string, init: RequestInit = {}) {
    const answer = await fetch(`https://api.bentley.com${path}`, {
      ...init,
      headers: {
        authorization: token,
        accept: 'application/vnd.bentley.itwin-platform.v1+json',
        'content-type': 'application/json',
        ...init.headers,
      },
    })
    const text = await answer.text()
    return { status: answer.status, json: text === '' ? undefined : JSON.parse(text) }
  }

  test('lists the jobs of one iTwin, filtered, page by page until there is no link', async () => {
    const own = randomUUID()
    const ids: string[] = []
    for (const name of ['one', 'two', 'three', 'four', 'five']) {
      ids.push(await client.createJob(settings, name, own))
    }
    const filter = `iTwinId eq ${own} and state eq 'unsubmitted' and name ne 'three'`
    const listed: string[] = []
    let pages = 0
    let continuationToken = ''
    for (;;) {
      // The first page carries an empty token, as one of the clients sends it.
      const query = new URLSearchParams({ $filter: filter, $top: '3', continuationToken })
      const { status, json } = await ask(`/realitydataanalysis/jobs?${query}`)
      expect(status).toBe(200)
      pages++
      listed.push(...json.jobs.map(({ id }: { id: string }) => id))
      if (!('_links' in json)) break
      continuationToken = new URL(json._links.next.href).searchParams.get('continuationToken') ?? ''
      expect(continuationToken).not.toBe('')
    }
    expect(pages).toBe(2)
    expect([...listed].sort()).toEqual(ids.filter((_, i) => i !== 2).sort())
  })

  test.each([
    (id: string) => `$filter=iTwinId eq ${id}`.replaceAll(' ', '%20'),
    (id: string) => `%24filter=iTwinId+eq+${id}&%24top=100`,
    (id: string) => `$filter=iTwinId+in+('${id}')&continuationToken=`,
    (id: string) => `$filter=iTwinId%20eq%20${id.toUpperCase()}%20and%20type%20eq%20'changeDetection'`,
  ])('a list is filtered however the query is spelled: %#', async (query) => {
    const own = randomUUID()
    const jobId = await client.createJob(settings, 'one', own)
    const { status, json } = await ask(`/realitydataanalysis/jobs?${query(own)}`)
    expect({ status, ids: json.jobs.map(({ id }: { id: string }) => id) }).toEqual({
      status: 200,
      ids: [jobId],
    })
  })

  test('every path answers with a slash at its end and in another case, without a redirect', async () => {
    const jobId = await client.createJob(settings, 'slashes', iTwinId)
    for (const path of [
      `/realitydataanalysis/jobs/${jobId}/`,
      `/realitydataanalysis/jobs/${jobId}/progress/`,
      `/RealityDataAnalysis/Jobs/${jobId.toUpperCase()}/Progress`,
      `/realitydataanalysis/jobs/?$filter=iTwinId%20eq%20${iTwinId}`,
    ]) {
      expect((await ask(path)).status, path).toBe(200)
    }
    const cancelled = await ask(`/realitydataanalysis/jobs/${jobId}/`, {
      method: 'PATCH',
      body: '{"state":"Active"}',
    })
    expect(cancelled.json.job.state).toBe('active')
    await client.cancelJob(jobId)
  })

  test('a create body may carry nulls and typed options, and neither comes back changed', async () => {
    const { status, json } = await ask('/realitydataanalysis/jobs/', {
      method: 'POST',
      body: JSON.stringify({
        type: 'changeDetection',
        name: 'typed',
        iTwinId,
        inputs: [
          { type: 'pointClouds1', id: settings.pointClouds1 },
          { type: 'pointClouds2', id: settings.pointClouds2 },
        ],
        outputs: ['objects3D'],
        options: { minPoints: 30, exportSrs: null },
        costEstimationParameters: null,
      }),
    })
    expect(status).toBe(201)
    expect(json.job.options).toEqual({ minPoints: 30 })
    expect(JSON.stringify(json)).not.toContain('null')
  })

  test('a request without a token is told so in the words of the documents', async () => {
    const answer = await fetch(
      `https://api.bentley.com/realitydataanalysis/jobs/${settings.pointClouds1}/progress`,
    )
    expect(answer.status).toBe(401)
    expect(await answer.json()).toEqual({
      error: {
        code: 'HeaderNotFound',
        message: 'Header Authorization was not found in the request. Access denied.',
      },
    })
  })
})
