// What the five published clients send and demand, one by one, as raw requests: a demand that only one of them makes is
// held here whichever client the other tests run.
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { writeTwoEpochs } from '../e2e/two-epochs.ts'

const serviceUrl = inject('serviceUrl')
const token = inject('authorization')
const iTwinId = randomUUID()
const v1 = '/realitydataanalysis/jobs'
const v2 = '/reality-analysis/jobs'
const management = '/reality-management/reality-data'
const MiB = 1024 * 1024
let surveys: [string, string]
let container: URL

// biome-ignore lint/suspicious/noExplicitAny: answers are read as the clients do, member by member.
type Json = any

async function ask(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
  const answer = await fetch(serviceUrl + path, {
    method,
    redirect: 'error',
    headers: { authorization: token, 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  return { status: answer.status, json: (text === '' ? undefined : JSON.parse(text)) as Json }
}

async function askBlob(method: string, name: string, init: RequestInit = {}, query: object = {}) {
  const url = new URL(container)
  if (name !== '') url.pathname += `/${name.split('/').map(encodeURIComponent).join('/')}`
  for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value)
  return fetch(url, { method, ...init })
}

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'alidade-clients-'))
  const ids: string[] = []
  for (const path of (await writeTwoEpochs(folder, 20_000)).paths) {
    const { json } = await ask('POST', management, { displayName: 'survey', type: 'LAS', iTwinId })
    ids.push(json.realityData.id)
    const access = await ask('GET', `${management}/${ids.at(-1)}/writeaccess`)
    container = new URL(access.json._links.containerUrl.href)
    const put = await askBlob('PUT', 'survey.las', {
      headers: { 'x-ms-blob-type': 'BlockBlob' },
      body: await readFile(path),
    })
    expect(put.status).toBe(201)
  }
  surveys = [ids[0]!, ids[1]!]
  await rm(folder, { recursive: true })
})

/** A scene as the uploaders write it: each local path has become `rds:` and the id of what was uploaded from there. */
async function uploadScene(surveyId: string): Promise<string> {
  const body = { displayName: 'scene', type: 'ContextScene', iTwinId }
  const { id } = (await ask('POST', management, body)).json.realityData
  const access = await ask('GET', `${management}/${id}/writeaccess`)
  const url = new URL(access.json._links.containerUrl.href)
  url.pathname += '/ContextScene.json'
  const scene = {
    version: '5.0',
    PointCloudCollection: { PointClouds: { 0: { Name: 'March', Path: '0:survey.las' } } },
    References: { 0: { Path: `rds:${surveyId}` } },
  }
  const headers = { 'x-ms-blob-type': 'BlockBlob' }
  await fetch(url, { method: 'PUT', headers, body: JSON.stringify(scene) })
  return id
}

/** A change detection as the v1 clients create it. */
function createV1(change: object = {}) {
  return ask('POST', v1, {
    ...{ type: 'changeDetection', name: 'demands', iTwinId },
    inputs: surveys.map((id, i) => ({ type: `pointClouds${i + 1}`, id })),
    outputs: ['objects3D', 'exportedLocations3DGeoJSON'],
    // Meshes are not sampled, which is a warning and no fault.
    options: { distThresholdLow: '1', distThresholdHigh: '1.5', minPoints: '30', resolution: '0.5' },
    ...change,
  })
}

async function untilEnded(base: string, id: string): Promise<string> {
  for (;;) {
    const { state } = (await ask('GET', `${base}/${id}/progress`)).json.progress
    if (/^(success|failed|cancelled)$/i.test(state)) return state
    await sleep(50)
  }
}

function* valuesOf(json: Json, path = ''): Generator<[path: string, value: unknown]> {
  if (json === null || typeof json !== 'object') yield [path, json]
  else for (const [name, value] of Object.entries(json)) yield* valuesOf(value, `${path}.${name}`)
}

describe('of every client', () => {
  test('Authorization is sent verbatim: no SDK adds "Bearer" itself, and without it a token is refused', async () => {
    const bare = await ask('GET', `${v1}?$filter=iTwinId%20eq%20${iTwinId}`, undefined, {
      authorization: token.slice('Bearer '.length),
    })
    expect([bare.status, bare.json.error.code]).toEqual([401, 'Unauthorized'])
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      const authorization = token.replace('Bearer', scheme)
      const answer = await ask('GET', `${v1}?$filter=iTwinId%20eq%20${iTwinId}`, undefined, { authorization })
      expect(answer.status, scheme).toBe(200)
    }
  })

  test('every request carries content-type application/json, and GET, DELETE and POST have no body then', async () => {
    const { json } = await createV1()
    expect((await ask('GET', `${v1}/${json.job.id}`)).status).toBe(200)
    expect((await ask('DELETE', `${v1}/${json.job.id}`)).status).toBe(204)
    const own = await ask('POST', management, { displayName: 'of none', type: 'LAS' })
    const { id } = own.json.realityData
    expect((await ask('POST', `${management}/${id}/iTwins/${iTwinId}`)).status).toBe(200)
    expect((await ask('DELETE', `${management}/${id}/iTwins/${iTwinId}`)).status).toBe(204)
  })

  test.each(['application/vnd.bentley.itwin-platform.v1+json', '*/*', 'text/html'])(
    'the answer is JSON whatever Accept says: %s',
    async (accept) => {
      const answer = await fetch(`${serviceUrl}${management}?iTwinId=${iTwinId}`, {
        headers: { authorization: token, accept },
      })
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        200,
        'application/json; charset=utf-8',
      ])
    },
  )

  test.each([
    ...['readaccess', 'readAccess', 'readaccess/', 'writeAccess', 'writeaccess/'],
    ...['iTwins', 'itwins', 'itwins/', ''],
  ])('reality-data/{id}/%s works without a redirect, with any Prefer', async (path) => {
    for (const prefer of ['return=minimal', 'return=representation']) {
      expect((await ask('GET', `${management}/${surveys[0]}/${path}`, undefined, { prefer })).status).toBe(
        200,
      )
    }
  })

  test.each(['types=LAS&types=LAZ', 'types=LAS,LAZ', 'types=LAS%2CLAZ'])(
    'types comes repeated or comma-joined: %s',
    async (types) => {
      const { json } = await ask('GET', `${management}/?iTwinId=${iTwinId}&${types}`)
      const ids = json.realityData.map(({ id }: { id: string }) => id)
      expect(ids).toEqual(expect.arrayContaining(surveys))
      const none = await ask('GET', `${management}?iTwinId=${iTwinId}&${types.replaceAll('LAS', 'OBJ')}`)
      expect(none.json.realityData).toEqual([])
    },
  )

  test('on the last page of a list _links is omitted altogether', async () => {
    const filter = encodeURIComponent(`iTwinId eq ${randomUUID()} or iTwinId eq ${iTwinId}`)
    for (const path of [
      `${v1}?$filter=${filter}`,
      `${v2}?$filter=${filter}`,
      `${management}?iTwinId=${iTwinId}`,
    ]) {
      const { status, json } = await ask('GET', path)
      expect([status, '_links' in json], path).toEqual([200, false])
    }
  })
})

describe('of v1', () => {
  let created: Json
  let done: Json

  beforeAll(async () => {
    created = await createV1()
    const path = `${v1}/${created.json.job.id}`
    expect((await ask('PATCH', path, { state: 'active' })).status).toBe(200)
    expect(await untilEnded(v1, created.json.job.id)).toBe('success')
    done = await ask('GET', path)
  })

  test('POST answers 201, PATCH 200 with the job as body, DELETE 204, exactly', async () => {
    const { status, json } = await createV1()
    const path = `${v1}/${json.job.id}`
    expect([status, json.job.state]).toEqual([201, 'unsubmitted'])
    const patched = await ask('PATCH', path, { costEstimationParameters: { sceneWidth: 100 } })
    expect([patched.status, patched.json.job.id]).toEqual([200, json.job.id])
    expect(await ask('DELETE', path)).toEqual({ status: 204, json: undefined })
    const other = await createV1()
    const otherPath = `${v1}/${other.json.job.id}`
    for (const state of ['active', 'cancelled']) {
      expect(await ask('PATCH', otherPath, { state })).toMatchObject({
        status: 200,
        json: { job: { state } },
      })
    }
  })

  test('states are in lower case', async () => {
    const { json } = await ask('GET', `${v1}?$filter=iTwinId%20eq%20${iTwinId}`)
    const states = json.jobs.map(({ state }: { state: string }) => state)
    expect(new Set(states)).toEqual(new Set(['success', 'cancelled']))
  })

  test('step is always a string, and the percentage a number', async () => {
    const progressOf = async (id: string) => (await ask('GET', `${v1}/${id}/progress`)).json.progress
    expect(await progressOf((await createV1()).json.job.id)).toEqual({
      ...{ percentage: 0, state: 'unsubmitted', step: '' },
    })
    expect(await progressOf(created.json.job.id)).toEqual({
      ...{ percentage: 100, state: 'success', step: 'Write_Results' },
    })
  })

  test('every output is {type, id} with the id present from creation on', () => {
    const { outputs } = created.json.job
    expect(outputs).toEqual(
      ['objects3D', 'exportedLocations3DGeoJSON'].map((type) => ({
        type,
        id: expect.stringMatching(/^[\da-f-]{36}$/),
      })),
    )
    expect(done.json.job.outputs).toEqual(outputs)
  })

  test('exitCode and estimatedUnits are never null: omitted before, numbers after', async () => {
    expect(JSON.stringify(created.json)).not.toMatch(/exitCode|estimatedUnits|null/)
    const path = `${v1}/${(await createV1()).json.job.id}`
    const submitted = await ask('PATCH', path, { state: 'active' })
    expect(submitted.json.job).toHaveProperty('executionInformation')
    expect(JSON.stringify(submitted.json)).not.toMatch(/exitCode|estimatedUnits|null/)
    await ask('PATCH', path, { state: 'cancelled' })
    const { exitCode, estimatedUnits } = done.json.job.executionInformation
    expect([exitCode, typeof estimatedUnits]).toEqual([0, 'number'])
  })

  test('errors and warnings are lists, and entries have params as a list', () => {
    const { errors, warnings } = done.json.job.executionInformation
    expect(errors).toEqual([])
    expect(warnings).toEqual([
      ...[
        {
          code: 'Option_Ignored',
          title: expect.any(String),
          message: expect.any(String),
          params: expect.any(Array),
        },
      ],
    ])
  })

  test('options come back as they were sent, texts as texts', () => {
    expect(done.json.job.options).toEqual({
      ...{ distThresholdLow: '1', distThresholdHigh: '1.5', minPoints: '30', resolution: '0.5' },
    })
  })

  test('costEstimation has no member that the client does not know', async () => {
    const { json } = await createV1({ costEstimationParameters: { sceneWidth: 100, sceneLength: 100 } })
    const { costEstimation } = json.job
    expect(Object.keys(costEstimation).sort()).toEqual(['estimatedCost', 'sceneLength', 'sceneWidth'])
    expect(costEstimation.estimatedCost).toBeGreaterThan(0)
  })

  test('dates are ISO-8601 in UTC with Z', () => {
    const { createdDateTime, lastModifiedDateTime, executionInformation } = done.json.job
    const { submissionDateTime, startedDateTime, endedDateTime } = executionInformation
    for (const date of [
      createdDateTime,
      lastModifiedDateTime,
      submissionDateTime,
      startedDateTime,
      endedDateTime,
    ]) {
      expect(date).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)
    }
  })

  test('requests of before April 2024, with settings and projectId, are refused, with what is missing', async () => {
    const { status, json } = await ask('POST', v1, {
      ...{ type: 'changeDetection', name: 'old', projectId: iTwinId },
      settings: { inputs: [{ name: 'pointClouds1', realityDataId: surveys[0] }], outputs: ['objects3D'] },
    })
    expect([status, json.error.code]).toEqual([422, 'InvalidRealityDataAnalysisRequest'])
    const targets = json.error.details.map(({ target }: { target: string }) => target)
    expect(targets).toEqual(expect.arrayContaining(['iTwinId', 'inputs', 'outputs']))
    const old = { projectId: iTwinId, realityData: { displayName: 'old', type: 'LAS' } }
    expect(await ask('POST', '/realitydata/', old)).toMatchObject({
      ...{ status: 404, json: { error: { code: 'NotFound' } } },
    })
  })
})

describe('of v2', () => {
  let created: Json
  let id: string
  let sceneId: string

  beforeAll(async () => {
    sceneId = await uploadScene(surveys[0])
    const inputs = { model3DA: sceneId, model3DB: surveys[1], extent: null }
    const specifications = { inputs, outputs: ['segmentedModel3DB'], options: null }
    created = await ask('POST', v2, { type: 'ChangeDetection', name: null, iTwinId, specifications })
    expect(created.status).toBe(201)
    id = created.json.job.id
    expect(await untilEnded(v2, id)).toBe('Success')
  })

  test('explicit nulls in create bodies mean absent; never is a null echoed', async () => {
    for (const { json } of [
      created,
      await ask('GET', `${v2}/${id}`),
      await ask('GET', `${v2}/${id}/messages`),
    ]) {
      expect([...valuesOf(json)].filter(([, value]) => value === null)).toEqual([])
    }
  })

  test('reality data that is a ContextScene points at other reality data by rds:<id>', async () => {
    const { json } = await ask('GET', `${v2}/${id}`)
    expect(json.job.specifications.inputs).toEqual({ model3DA: sceneId, model3DB: surveys[1] })
    const nowhere = await uploadScene(randomUUID())
    const inputs = { model3DA: nowhere, model3DB: surveys[1] }
    const specifications = { inputs, outputs: ['segmentedModel3DB'] }
    const refused = await ask('POST', v2, { type: 'ChangeDetection', iTwinId, specifications })
    expect([refused.status, refused.json.error.details[0].target]).toEqual([
      422,
      'specifications.inputs.model3DA',
    ])
  })

  test('states are exact PascalCase', async () => {
    const { json } = await ask('GET', `${v2}/${id}`)
    expect(json.job.state).toBe('Success')
    expect(created.json.job.state).toMatch(/^(Queued|Active)$/)
  })

  test('percentage is a number, and there is no step', async () => {
    const { json } = await ask('GET', `${v2}/${id}/progress`)
    expect(json).toEqual({ progress: { percentage: 100, state: 'Success' } })
  })

  test('userId, iTwinId, executionInfo.createdDateTime and specifications are always there', async () => {
    for (const { json } of [created, await ask('GET', `${v2}/${id}`)]) {
      const { userId, executionInfo, specifications } = json.job
      expect(userId).toMatch(/\w/)
      expect(json.job.iTwinId).toBe(iTwinId)
      expect(executionInfo.createdDateTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)
      expect(specifications.outputs).toEqual({ segmentedModel3DB: expect.stringMatching(/^[\da-f-]{36}$/) })
    }
  })

  test('messages have both errors and warnings', async () => {
    const { json } = await ask('GET', `${v2}/${id}/messages`)
    expect(json).toEqual({ messages: { errors: [], warnings: expect.any(Array) } })
  })

  test('cancel is DELETE with 200 and the job', async () => {
    const inputs = { model3DA: surveys[0], model3DB: surveys[1] }
    const specifications = { inputs, outputs: ['locations3DB'] }
    const { json } = await ask('POST', v2, { type: 'ChangeDetection', iTwinId, specifications })
    const cancelled = await ask('DELETE', `${v2}/${json.job.id}`)
    expect([cancelled.status, cancelled.json.job.id]).toEqual([200, json.job.id])
    expect(cancelled.json.job.state).toMatch(/^(TerminatingOnCancel|Cancelled)$/)
  })

  test('an output is named without regard to case', async () => {
    const inputs = { model3DA: surveys[0], model3DB: surveys[1] }
    const specifications = { inputs, outputs: ['LOCATIONS3DB'] }
    const { status, json } = await ask('POST', v2, { type: 'ChangeDetection', iTwinId, specifications })
    expect([status, Object.keys(json.job.specifications.outputs)]).toEqual([201, ['locations3DB']])
    await ask('DELETE', `${v2}/${json.job.id}`)
  })
})

describe('of the blob dialect', () => {
  const blockBlob = { 'x-ms-blob-type': 'BlockBlob', 'content-type': 'application/octet-stream' }

  afterAll(async () => {
    for (const name of ['large.bin', 'whole.bin']) await askBlob('DELETE', name)
  })

  test.each(['2009-09-19', '2019-12-12', '2025-11-05', '2031-01-01'])(
    'x-ms-version of any date is accepted: %s',
    async (version) => {
      const headers = { ...blockBlob, 'x-ms-version': version }
      expect((await askBlob('PUT', 'versioned.bin', { headers, body: 'x' })).status).toBe(201)
      expect((await askBlob('GET', 'versioned.bin', { headers: { 'x-ms-version': version } })).status).toBe(
        200,
      )
    },
  )

  test.each(['mit Leerzeichen.bin', 'Größe/Straße 1/ü.bin', 'a+b & c=d%20.bin'])(
    'names may hold spaces, umlauts and folders: %s',
    async (name) => {
      expect((await askBlob('PUT', name, { headers: blockBlob, body: name })).status).toBe(201)
      expect(await (await askBlob('GET', name)).text()).toBe(name)
      const listed = await askBlob('GET', '', {}, { restype: 'container', comp: 'list' })
      expect(await listed.text()).toContain(name.replace('&', '&amp;'))
      expect((await askBlob('DELETE', name)).status).toBe(202)
      expect((await askBlob('GET', name)).status).toBe(404)
    },
  )

  test.each(['', '/', '//'])('a flat list is got with %j after the container', async (slashes) => {
    const url = new URL(container)
    url.pathname += slashes
    url.searchParams.set('restype', 'container')
    url.searchParams.set('comp', 'list')
    const answer = await fetch(url)
    expect([answer.status, (await answer.text()).includes('<Name>survey.las</Name>')]).toEqual([200, true])
  })

  test('Get Blob is plain, 200, or by x-ms-range, 206', async () => {
    const whole = await askBlob('GET', 'survey.las')
    expect(whole.status).toBe(200)
    const bytes = new Uint8Array(await whole.arrayBuffer())
    const part = await askBlob('GET', 'survey.las', { headers: { 'x-ms-range': 'bytes=100-199' } })
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 100-199/${bytes.length}`])
    expect(new Uint8Array(await part.arrayBuffer())).toEqual(bytes.subarray(100, 200))
  })

  test('16 blocks of 4 MiB go up in parallel and are committed in order', async () => {
    const ids = Array.from({ length: 16 }, (_, i) => btoa(`block-${String(i).padStart(6, '0')}`))
    const put = ids.map((blockid, i) =>
      askBlob('PUT', 'large.bin', { body: new Uint8Array(4 * MiB).fill(i) }, { comp: 'block', blockid }),
    )
    expect(new Set((await Promise.all(put)).map(({ status }) => status))).toEqual(new Set([201]))
    const body = `<?xml version="1.0" encoding="utf-8"?><BlockList>${ids.map((id) => `<Latest>${id}</Latest>`).join('')}</BlockList>`
    expect((await askBlob('PUT', 'large.bin', { body }, { comp: 'blocklist' })).status).toBe(201)
    const edge = 4 * MiB * 7
    const range = { 'x-ms-range': `bytes=${edge - 1}-${edge}` }
    const joint = await (await askBlob('GET', 'large.bin', { headers: range })).arrayBuffer()
    expect([...new Uint8Array(joint)]).toEqual([6, 7])
  })

  test('a block of 100 MiB is taken, and a whole file as one Put Blob', async () => {
    const body = new Uint8Array(100 * MiB).fill(7)
    const query = { comp: 'block', blockid: btoa('block-000000') }
    expect((await askBlob('PUT', 'large.bin', { body }, query)).status).toBe(201)
    const file = body.subarray(0, 20 * MiB)
    expect((await askBlob('PUT', 'whole.bin', { headers: blockBlob, body: file })).status).toBe(201)
    const whole = await askBlob('HEAD', 'whole.bin')
    expect(whole.headers.get('content-length')).toBe(String(file.length))
  })
})
