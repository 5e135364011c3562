// Create, get, modify and delete, over HTTP, on a real store.
import { randomUUID } from 'node:crypto'
import { jobWarningMessage } from '@alidade/contract'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Answer, startV1TestServer, type V1TestServer } from './v1-test-server.ts'

let server: V1TestServer
beforeAll(async () => {
  server = await startV1TestServer()
})
afterAll(() => server.stop())
beforeEach(() => {
  server.inspection.inspect = async () => ({ faults: [], warnings: [] })
})

const jobs = '/realitydataanalysis/jobs'
const iTwinId = randomUUID()
const guidShape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

async function pointCloud(type = 'LAZ', org = 'acme'): Promise<string> {
  const properties = { displayName: 'Quarry', type }
  return (await server.realityData.create({ org, userId: 'ada' }, undefined, properties)).id
}

async function validBody() {
  return {
    type: 'changeDetection',
    name: 'Quarry',
    iTwinId,
    inputs: [
      { type: 'pointClouds1', id: await pointCloud('LAS') },
      { type: 'pointClouds2', id: await pointCloud('LAZ') },
    ],
    outputs: ['objects3D', 'exportedLocations3DGeoJSON'],
  }
}

async function createdJob(change: Record<string, unknown> = {}) {
  const answer = await server.ask('POST', jobs, { body: { ...(await validBody()), ...change } })
  expect([answer.status, answer.text]).toEqual([201, answer.text])
  return answer.json.job
}

const patch = (id: string, body: unknown) => server.ask('PATCH', `${jobs}/${id}`, { body })
const fetched = async (id: string) => (await server.ask('GET', `${jobs}/${id}`)).json.job

function expectFaults(answer: Answer, message: string, faults: [code: string, target?: string][]): void {
  expect(answer.status, answer.text).toBe(422)
  const { error } = answer.json
  expect(error.code).toBe('InvalidRealityDataAnalysisRequest')
  expect(error.message).toBe(message)
  const found = error.details.map(({ code, target }: { code: string; target?: string }) =>
    target === undefined ? [code] : [code, target],
  )
  expect(found).toEqual(faults)
  // Named on top exactly when it is the only one.
  expect(error.target).toBe(faults.length === 1 ? faults[0]![1] : undefined)
  expect('target' in error).toBe(faults.length === 1 && faults[0]![1] !== undefined)
}

test('a job is created unsubmitted, with ids for its outputs, and nothing that is not known', async () => {
  const body = { ...(await validBody()), options: { minPoints: '50', distThresholdLow: null }, extra: null }
  const { status, json } = await server.ask('POST', jobs, { body })
  expect(status).toBe(201)
  expect(json).toEqual({
    job: {
      id: expect.stringMatching(guidShape),
      name: 'Quarry',
      type: 'changeDetection',
      iTwinId,
      state: 'unsubmitted',
      email: 'ada@example.org',
      dataCenter: 'Local',
      createdDateTime: '2026-04-02T08:00:00Z',
      lastModifiedDateTime: '2026-04-02T08:00:00Z',
      inputs: body.inputs,
      outputs: [
        { type: 'objects3D', id: expect.stringMatching(guidShape) },
        { type: 'exportedLocations3DGeoJSON', id: expect.stringMatching(guidShape) },
      ],
      options: { minPoints: '50' },
    },
  })
  expect(await fetched(json.job.id)).toEqual(json.job)
  for (const output of json.job.outputs) {
    expect((await server.realityData.get('acme', output.id))?.iTwinIds).toEqual([iTwinId])
  }
})

test('a token without an e-mail makes a job with an empty one', async () => {
  const { token } = await server.issuer.issueToken({ org: 'acme' })
  const answer = await server.ask('POST', jobs, {
    authorization: `Bearer ${token}`,
    body: await validBody(),
  })
  expect(answer.json.job.email).toBe('')
})

test('a body of the generation before April 2024 is not served', async () => {
  const { inputs, outputs, iTwinId: projectId, ...rest } = await validBody()
  const settings = { inputs: inputs.map(({ type, id }) => ({ name: type, realityDataId: id })), outputs }
  expectFaults(
    await server.ask('POST', jobs, { body: { ...rest, projectId, settings } }),
    'Cannot create job.',
    [
      ['MissingRequiredProperty', 'iTwinId'],
      ['MissingRequiredProperty', 'inputs'],
      ['MissingRequiredProperty', 'outputs'],
    ],
  )
})

test('all faults of a body are told at once, and nothing is created', async () => {
  const body = { ...(await validBody()), iTwinId: 'x', outputs: ['fire'], options: { minPoints: 0 } }
  expectFaults(await server.ask('POST', jobs, { body }), 'Cannot create job.', [
    ['InvalidProperty', 'iTwinId'],
    ['InvalidValue', 'outputs[0]'],
    ['InvalidValue', 'options.minPoints'],
  ])
  for (const odd of [[], 'text', 7]) {
    expectFaults(await server.ask('POST', jobs, { body: odd }), 'Cannot create job.', [
      ['InvalidRequestBody'],
    ])
  }
  expectFaults(await server.ask('POST', jobs), 'Cannot create job.', [['InvalidRequestBody']])
})

test('an iTwin belongs to the tenant that uses it first; for others it does not exist', async () => {
  const theirs = { authorization: await server.authorization({ org: 'other' }) }
  const shared = randomUUID()
  await createdJob({ iTwinId: shared })
  const answer = await server.ask('POST', jobs, {
    ...theirs,
    body: { ...(await validBody()), iTwinId: shared },
  })
  expectFaults(answer, 'Cannot create job.', [['InvalidValue', 'iTwinId']])
})

test('another tenant, an unknown id and one that is no GUID get the same 404 from every operation', async () => {
  const { id } = await createdJob()
  const theirs = await server.authorization({ org: 'other' })
  const ask = (method: string, jobId: string, authorization?: string) =>
    server.ask(method, `${jobs}/${jobId}`, {
      ...(authorization !== undefined && { authorization }),
      ...(method === 'PATCH' && { body: { state: 'active' } }),
    })
  for (const method of ['GET', 'PATCH', 'DELETE']) {
    for (const answer of [
      await ask(method, id, theirs),
      await ask(method, randomUUID()),
      await ask(method, 'seven'),
    ]) {
      expect(answer.status).toBe(404)
      expect(answer.text).toBe('{"error":{"code":"JobNotFound","message":"Requested job is not available."}}')
    }
  }
  expect((await fetched(id)).state).toBe('unsubmitted')
})

test('colleagues see and change each other’s jobs', async () => {
  const { id } = await createdJob()
  const authorization = await server.authorization({ subject: 'bob', email: 'bob@example.org' })
  const answer = await server.ask('PATCH', `${jobs}/${id}`, { authorization, body: { state: 'active' } })
  expect(answer.status).toBe(200)
  expect(answer.json.job.email).toBe('ada@example.org')
})

test('submitting answers with the active job; doing it again answers the same', async () => {
  const job = await createdJob({ options: { exportSrs: 'EPSG:32632', minPoints: 5 } })
  server.clock.now = new Date('2026-04-02T08:05:00.900Z')
  const answer = await patch(job.id, { state: 'Active' })
  expect(answer.status).toBe(200)
  expect(answer.json.job).toEqual({
    ...job,
    state: 'active',
    lastModifiedDateTime: '2026-04-02T08:05:00Z',
    executionInformation: {
      submissionDateTime: '2026-04-02T08:05:00Z',
      errors: [],
      warnings: [],
    },
  })
  expect((await patch(job.id, { state: 'active' })).text).toBe(answer.text)
})

test('cancelling answers with the cancelled job; doing it again answers the same', async () => {
  const { id } = await createdJob()
  await patch(id, { state: 'active' })
  const answer = await patch(id, { state: 'cancelled' })
  expect([answer.status, answer.json.job.state]).toEqual([200, 'cancelled'])
  expect(answer.json.job.executionInformation).toHaveProperty('endedDateTime')
  expect((await patch(id, { state: 'CANCELLED' })).text).toBe(answer.text)
})

test('no job is submitted after its end, and only an active one is cancelled', async () => {
  const { id } = await createdJob()
  const early = await patch(id, { state: 'cancelled' })
  expectFaults(early, 'Cannot modify job.', [['InvalidChange', 'state']])
  expect(early.json.error.details[0].message).toBe("A job in state 'unsubmitted' cannot be cancelled.")
  await patch(id, { state: 'active' })
  await patch(id, { state: 'cancelled' })
  const late = await patch(id, { state: 'active' })
  expectFaults(late, 'Cannot modify job.', [['InvalidChange', 'state']])
  expect(late.json.error.details[0].message).toBe("A job in state 'cancelled' cannot be submitted.")
})

test('settings change until submission; outputs that stay keep their ids', async () => {
  const job = await createdJob()
  const parameters = { sceneWidth: 400, sceneLength: 300 }
  const changed = await patch(job.id, {
    name: 'Pit',
    outputs: ['objects3D'],
    options: { minPoints: 9 },
    costEstimationParameters: parameters,
  })
  expect(changed.status).toBe(200)
  expect(changed.json.job).toEqual({
    ...job,
    name: 'Pit',
    outputs: [job.outputs[0]],
    options: { minPoints: 9 },
    costEstimation: { ...parameters, estimatedCost: expect.any(Number) },
    lastModifiedDateTime: expect.any(String),
  })
  expect(await server.realityData.get('acme', job.outputs[1].id)).toBeUndefined()
  await patch(job.id, { state: 'active' })
  const late = await patch(job.id, { name: 'Hole', options: {} })
  expectFaults(late, 'Cannot modify job.', [
    ['InvalidChange', 'name'],
    ['InvalidChange', 'options'],
  ])
  expect((await fetched(job.id)).name).toBe('Pit')
})

test('one body can change settings and submit; sent again it answers the same', async () => {
  const job = await createdJob()
  const body = {
    state: 'active',
    outputs: ['exportedLocations3DGeoJSON', 'objects3D'],
    options: { minPoints: 9 },
  }
  const answer = await patch(job.id, body)
  expect(answer.status).toBe(200)
  expect(answer.json.job).toMatchObject({ state: 'active', options: { minPoints: 9 } })
  expect(answer.json.job.outputs).toEqual([job.outputs[1], job.outputs[0]])
  expect((await patch(job.id, body)).text).toBe(answer.text)
  expectFaults(await patch(job.id, { ...body, options: { minPoints: 10 } }), 'Cannot modify job.', [
    ['InvalidChange', 'outputs'],
    ['InvalidChange', 'options'],
  ])
  expectFaults(await patch(job.id, { state: 'cancelled', name: 'Pit' }), 'Cannot modify job.', [
    ['InvalidChange', 'name'],
  ])
  expect((await fetched(job.id)).state).toBe('active')
})

test('when a body with settings and a state cannot be done, neither is', async () => {
  const job = await createdJob()
  server.inspection.inspect = async () => ({
    faults: [{ code: 'InvalidValue', message: 'No points.', target: 'inputs[0].id' }],
    warnings: [],
  })
  expectFaults(await patch(job.id, { state: 'active', name: 'Pit' }), 'Cannot modify job.', [
    ['InvalidValue', 'inputs[0].id'],
  ])
  expect(await fetched(job.id)).toEqual(job)
  expectFaults(await patch(job.id, { state: 'cancelled', name: 'Pit' }), 'Cannot modify job.', [
    ['InvalidChange', 'state'],
  ])
  expect(await fetched(job.id)).toEqual(job)
})

test('inputs that do not exist, are another tenant’s or of a wrong type are refused at submission', async () => {
  const foreign = await pointCloud('LAZ', 'other')
  const photos = await pointCloud('CCImageCollection')
  const job = await createdJob({
    inputs: [
      { type: 'pointClouds1', id: foreign },
      { type: 'pointClouds2', id: photos },
    ],
  })
  const answer = await patch(job.id, { state: 'active' })
  expectFaults(answer, 'Cannot modify job.', [
    ['InvalidValue', 'inputs[0].id'],
    ['InvalidValue', 'inputs[1].id'],
  ])
  expect(answer.json.error.details.map(({ message }: { message: string }) => message)).toEqual([
    `Input 'pointClouds1' refers to ${foreign}, which does not exist.`,
    `Input 'pointClouds2' accepts LAS, LAZ, E57, XYZ, PLY, OBJ, GLB, ContextScene; reality data ${photos} is of type 'CCImageCollection'.`,
  ])
  expect((await fetched(job.id)).state).toBe('unsubmitted')
})

test('what the input files tell is refused at submission, or warned of', async () => {
  const { id } = await createdJob()
  const faults = [
    { code: 'InvalidValue', message: 'One.', target: 'inputs[0].id' },
    { code: 'InvalidValue', message: 'Two.', target: 'outputs[1]' },
  ]
  server.inspection.inspect = async () => ({ faults, warnings: [] })
  const refused = await patch(id, { state: 'active' })
  expectFaults(refused, 'Cannot modify job.', [
    ['InvalidValue', 'inputs[0].id'],
    ['InvalidValue', 'outputs[1]'],
  ])
  expect(refused.json.error.details).toEqual(faults)
  const warning = jobWarningMessage('Crs_Missing', 'pointClouds1')
  server.inspection.inspect = async () => ({ faults: [], warnings: [warning] })
  const { json } = await patch(id, { state: 'active' })
  expect(json.job.executionInformation.warnings).toEqual([warning])
})

test('a job that was never submitted can be deleted, its outputs with it', async () => {
  const job = await createdJob()
  const answer = await server.ask('DELETE', `${jobs}/${job.id}`, {
    headers: { 'content-type': 'application/json' },
  })
  expect([answer.status, answer.text]).toEqual([204, ''])
  expect((await server.ask('GET', `${jobs}/${job.id}`)).status).toBe(404)
  expect((await server.ask('GET', `${jobs}/${job.id}/progress`)).status).toBe(404)
  expect(await server.realityData.get('acme', job.outputs[0].id)).toBeUndefined()
})

test('a submitted job cannot be deleted, in no state', async () => {
  const { id } = await createdJob()
  for (const state of ['active', 'cancelled']) {
    await patch(id, { state })
    const answer = await server.ask('DELETE', `${jobs}/${id}`)
    expect(answer.status).toBe(422)
    expect(answer.json).toEqual({
      error: {
        code: 'InvalidRealityDataAnalysisRequest',
        message: 'Cannot delete job.',
        details: [{ code: 'InvalidChange', message: 'Submitted job cannot be deleted.' }],
      },
    })
  }
})

test('changing needs a scope for it: realitydataanalysis:read is not enough', async () => {
  const { id } = await createdJob()
  const read = { authorization: await server.authorization({ scope: 'realitydataanalysis:read' }) }
  const modify = { authorization: await server.authorization({ scope: 'realitydataanalysis:modify' }) }
  const statuses = async (asking: { authorization: string }) => [
    (await server.ask('GET', `${jobs}/${id}`, asking)).status,
    (await server.ask('GET', jobs, asking)).status,
    (await server.ask('POST', jobs, { ...asking, body: await validBody() })).status,
    (await server.ask('PATCH', `${jobs}/${id}`, { ...asking, body: { name: 'Pit' } })).status,
    (await server.ask('DELETE', `${jobs}/${id}`, asking)).status,
  ]
  expect(await statuses(read)).toEqual([200, 200, 401, 401, 401])
  expect(await statuses(modify)).toEqual([401, 401, 201, 200, 204])
})
