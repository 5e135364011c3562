// Create, get, list, cancel and messages of v2, and what v1 sees of the same jobs, over HTTP on a real store.
import { randomUUID } from 'node:crypto'
import { jobErrorMessage, jobWarningMessage } from '@alidade/contract'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { withoutDetectors } from '../detectors/pin-detectors.ts'
import type { Answer } from '../v1/v1-test-server.ts'
import { startV2TestServer, type V2TestServer } from './v2-test-server.ts'

let server: V2TestServer
let pinDetectors = withoutDetectors
beforeAll(async () => {
  server = await startV2TestServer({ pinDetectors: (...asked) => pinDetectors(...asked) })
})
afterAll(() => server.stop())
beforeEach(() => {
  pinDetectors = withoutDetectors
  server.inspection.inspect = async () => ({ faults: [], warnings: [] })
})

const v1 = '/realitydataanalysis/jobs'
const v2 = '/reality-analysis/jobs'
const iTwinId = randomUUID()

async function pointCloud(type = 'LAZ'): Promise<string> {
  const properties = { displayName: 'Quarry', type }
  return (await server.realityData.create({ org: 'acme', userId: 'ada' }, undefined, properties)).id
}

async function bodyV2(change: Record<string, unknown> = {}) {
  return {
    type: 'ChangeDetection',
    name: 'Quarry',
    iTwinId,
    specifications: {
      inputs: { model3DA: await pointCloud('LAS'), model3DB: await pointCloud() },
      outputs: ['segmentedModel3DA', 'objects3D'],
      options: { minPointsPerChange: 30, filterThreshold: 0.5 },
    },
    ...change,
  }
}

async function created(change: Record<string, unknown> = {}) {
  const answer = await server.ask('POST', v2, { body: await bodyV2(change) })
  expect([answer.status, answer.text]).toEqual([201, answer.text])
  return answer.json.job
}

/** A job that v1 creates; both versions have names for all of it unless `change` adds something else. */
async function createdByV1(change: Record<string, unknown> = {}) {
  const body = {
    ...{
      type: 'changeDetection',
      name: 'Pit',
      iTwinId,
      outputs: ['objects3D', 'exportedLocations3DGeoJSON'],
    },
    inputs: [
      { type: 'pointClouds1', id: await pointCloud() },
      { type: 'pointClouds2', id: await pointCloud() },
    ],
    ...change,
  }
  const { status, json, text } = await server.ask('POST', v1, { body })
  expect([status, text]).toEqual([201, text])
  return json.job
}

const get = (base: string, id: string, rest = '') => server.ask('GET', `${base}/${id}${rest}`)
const submitV1 = (id: string) => server.ask('PATCH', `${v1}/${id}`, { body: { state: 'active' } })

async function claimed(id: string) {
  for (;;) {
    const job = (await server.jobs.claim('agent'))!
    if (job.id === id) return { jobId: id, attempt: job.attempt }
    await server.jobs.succeed({ jobId: job.id, attempt: job.attempt }, { processingUnits: 0 })
  }
}

function expectFaults(answer: Answer, status: number, faults: [code: string, target?: string][]): void {
  const { error } = answer.json
  expect([answer.status, error.code], answer.text).toEqual([status, 'InvalidRealityAnalysisRequest'])
  const found = error.details.map(({ code, target }: { code: string; target?: string }) =>
    target === undefined ? [code] : [code, target],
  )
  expect(found).toEqual(faults)
  expect(error.target).toBe(faults.length === 1 ? faults[0]![1] : undefined)
}

describe('a job that v2 creates', () => {
  test('is submitted, has the ids of its outputs at once, and is waiting for an agent', async () => {
    const body = await bodyV2()
    const { status, json } = await server.ask('POST', v2, { body })
    expect(status).toBe(201)
    const { outputs } = json.job.specifications
    expect(json.job).toEqual({
      ...{ id: expect.any(String), state: 'Queued', userId: 'ada', name: 'Quarry', type: 'ChangeDetection' },
      ...{ iTwinId, itwinId: iTwinId, executionInfo: { createdDateTime: '2026-04-02T08:00:00Z' } },
      specifications: { ...body.specifications, outputs: expect.any(Object) },
    })
    expect(Object.keys(outputs)).toEqual(['segmentedModel3DA', 'objects3D'])
    const types = { segmentedModel3DA: 'LAS', objects3D: 'ContextScene' }
    for (const [name, type] of Object.entries(types)) {
      const output = await server.realityData.get('acme', outputs[name])
      expect(output).toMatchObject({ attempt: undefined, properties: { type } })
    }
    expect(await claimed(json.job.id)).toEqual({ jobId: json.job.id, attempt: 1 })
  })

  test('may bring a limit of time and options of ours, in headers', async () => {
    const headers = { 'alidade-time-limit': '12.5', 'alidade-registration': 'rigid' }
    const { json } = await server.ask('POST', v2, { headers, body: await bodyV2() })
    expect(await server.jobs.get('acme', json.job.id)).toMatchObject({
      timeLimitMinutes: 12.5,
      options: { registration: 'rigid' },
    })
    expect(JSON.stringify(json)).not.toContain('egistration')
  })

  test('needs no name, may spell names as it likes, and takes nulls for absent', async () => {
    const { specifications, name: _, ...rest } = await bodyV2()
    const { model3DA, model3DB } = specifications.inputs
    const spelled = {
      inputs: { model3dA: model3DA, MODEL3DB: model3DB.toUpperCase(), extent: null, preset: null },
      outputs: ['SegmentedModel3dA'],
      options: null,
    }
    const { json } = await server.ask('POST', v2, { body: { ...rest, name: null, specifications: spelled } })
    expect(json.job).not.toHaveProperty('name')
    expect(json.job.specifications).toEqual({
      inputs: { model3DA, model3DB },
      outputs: { segmentedModel3DA: expect.any(String) },
    })
    const [output] = Object.values<string>(json.job.specifications.outputs)
    const { properties } = (await server.realityData.get('acme', output!))!
    expect(properties.displayName).toBe('Change detection - segmentedModel3DA')
  })

  test('is refused with 400 and every fault there is, and nothing is created', async () => {
    const before = await server.database.query('select from job')
    const refused = async (change: Record<string, unknown>) =>
      server.ask('POST', v2, { body: await bodyV2(change) })
    expectFaults(
      await refused({ name: 'ab', iTwinId: 'x', specifications: { inputs: {}, outputs: [] } }),
      400,
      [
        ['InvalidProperty', 'name'],
        ['InvalidProperty', 'iTwinId'],
        ['InvalidProperty', 'specifications.outputs'],
        ['MissingRequiredProperty', 'specifications.inputs.model3DA'],
        ['MissingRequiredProperty', 'specifications.inputs.model3DB'],
      ],
    )
    const specifications = {
      inputs: { model3DA: 'quarry.las', photos: randomUUID(), extent: 'region.geojson', preset: 'bkt:a' },
      outputs: ['fire', 'locations3DAsGeoJSON'],
      options: { growThreshold: '0.5', filterThreshold: 0, minPointsPerChange: 1.5, outputCrs: 'EPSG:0' },
    }
    expectFaults(await refused({ specifications }), 400, [
      ['InvalidValue', 'specifications.inputs.model3DA'],
      ['InvalidProperty', 'specifications.inputs.photos'],
      ['InvalidValue', 'specifications.inputs.extent'],
      ['InvalidProperty', 'specifications.inputs.preset'],
      ['MissingRequiredProperty', 'specifications.inputs.model3DB'],
      ['InvalidValue', 'specifications.outputs[0]'],
      ['InvalidValue', 'specifications.outputs[1]'],
      ['InvalidValue', 'specifications.options.growThreshold'],
      ['InvalidValue', 'specifications.options.filterThreshold'],
      ['InvalidValue', 'specifications.options.minPointsPerChange'],
      ['InvalidValue', 'specifications.options.outputCrs'],
    ])
    const odd = { inputs: { model3DA: 5, model3DB: [randomUUID()] }, outputs: ['fire', 7], options: [] }
    expectFaults(await refused({ type: 7, specifications: odd }), 400, [
      ['InvalidProperty', 'type'],
      ['InvalidProperty', 'specifications.outputs[1]'],
      ['InvalidProperty', 'specifications.options'],
    ])
    expectFaults(await refused({ specifications: odd }), 400, [
      ['InvalidProperty', 'specifications.outputs[1]'],
      ['InvalidProperty', 'specifications.options'],
      ['InvalidValue', 'specifications.inputs.model3DA'],
      ['InvalidValue', 'specifications.inputs.model3DB'],
    ])
    expectFaults(await refused({ type: 'changeDetection' }), 400, [['InvalidValue', 'type']])
    expectFaults(await server.ask('POST', v2, { body: [] }), 400, [['InvalidRequestBody']])
    const theirs = { authorization: await server.authorization({ org: 'other' }) }
    const answer = await server.ask('POST', v2, { ...theirs, body: await bodyV2() })
    expectFaults(answer, 400, [['InvalidValue', 'iTwinId']])
    expect((await server.database.query('select from job')).rowCount).toBe(before.rowCount)
  })

  test('is refused with 422 where its inputs do not exist, are of another type, or their headers tell', async () => {
    const inputs = { model3DA: await pointCloud('3MX'), model3DB: randomUUID() }
    const specifications = { inputs, outputs: ['objects3D'] }
    const unfit = await server.ask('POST', v2, { body: await bodyV2({ specifications }) })
    expectFaults(unfit, 422, [
      ['InvalidValue', 'specifications.inputs.model3DA'],
      ['InvalidValue', 'specifications.inputs.model3DB'],
    ])
    expect(unfit.json.error.details[0].message).toMatch(
      /^Input 'model3DA' accepts LAS, LAZ, E57, XYZ, PLY, OBJ, GLB, ContextScene;/,
    )
    server.inspection.inspect = async (_job, places) => ({
      faults: [{ code: 'InvalidValue', message: 'No points.', target: places.input(0, 'model3DA') }],
      warnings: [],
    })
    const empty = await server.ask('POST', v2, { body: await bodyV2() })
    expectFaults(empty, 422, [['InvalidValue', 'specifications.inputs.model3DA']])
  })

  test('names the input whose detector there is not', async () => {
    // As `createPinDetectors` does: what is at fault is not among what is pinned.
    pinDetectors = async (_org, _declared, inputs) => ({
      inputs: inputs.slice(0, 1),
      faults: [{ index: 1, message: 'There is no such detector.' }],
    })
    const answer = await server.ask('POST', v2, { body: await bodyV2() })
    expectFaults(answer, 422, [['InvalidValue', 'specifications.inputs.model3DB']])
  })

  test('carries warnings by the names of v2', async () => {
    server.inspection.inspect = async () => ({
      faults: [],
      warnings: [
        jobWarningMessage('Option_Ignored', 'resolution'),
        jobWarningMessage('Crs_Missing', 'pointClouds2'),
      ],
    })
    const { specifications } = await bodyV2()
    const options = { samplingResolution: 0.1 }
    const { id } = await created({ specifications: { ...specifications, options } })
    const { json } = await get(v2, id, '/messages')
    expect(json.messages.errors).toEqual([])
    expect(json.messages.warnings).toEqual([
      jobWarningMessage('Option_Ignored', 'samplingResolution'),
      jobWarningMessage('Crs_Missing', 'model3DB'),
    ])
  })
})

describe('one job in both versions', () => {
  test('what v2 created v1 shows under its own names, with options in strings', async () => {
    const inputs = { model3DA: await pointCloud(), model3DB: await pointCloud() }
    const options = { growThreshold: 0.25, minPointsPerChange: 30, outputCrs: 'EPSG:32632' }
    const outputs = ['objects3D', 'locations3DAsGeoJSON', 'locations3DAsSHP']
    const job = await created({ specifications: { inputs, outputs, options } })
    const { json } = await get(v1, job.id)
    expect(json.job).toMatchObject({
      ...{ type: 'changeDetection', state: 'active', email: 'ada@example.org' },
      inputs: [
        { type: 'pointClouds1', id: inputs.model3DA },
        { type: 'pointClouds2', id: inputs.model3DB },
      ],
      outputs: [
        { type: 'objects3D', id: job.specifications.outputs.objects3D },
        { type: 'exportedLocations3DGeoJSON', id: job.specifications.outputs.locations3DAsGeoJSON },
        { type: 'exportedLocations3DSHP', id: job.specifications.outputs.locations3DAsSHP },
      ],
      options: { distThresholdLow: '0.25', minPoints: '30', exportSrs: 'EPSG:32632' },
    })
    const progress = (await get(v1, job.id, '/progress')).json.progress
    expect(progress).toEqual({ percentage: 0, state: 'active', step: 'Wait_In_Queue' })
    const again = await server.ask('PATCH', `${v1}/${job.id}`, { body: { state: 'active' } })
    expect(again.status).toBe(200)
  })

  test('what v1 created v2 shows once it is submitted, with typed options', async () => {
    const options = { distThresholdLow: '0.25', MinPoints: '30' }
    const job = await createdByV1({ options, name: 'ab' })
    expect((await get(v2, job.id)).json).toEqual({
      error: { code: 'JobNotFound', message: 'Requested job is not available.' },
    })
    expect((await get(v2, job.id, '/progress')).json.error.code).toBe('JobProgressNotFound')
    expect((await server.ask('DELETE', `${v2}/${job.id}`)).status).toBe(404)
    await submitV1(job.id)
    const shown = (await get(v2, job.id)).json.job
    expect(shown).toMatchObject({
      ...{ type: 'ChangeDetection', state: 'Queued', userId: 'ada' },
      specifications: {
        inputs: { model3DA: job.inputs[0].id, model3DB: job.inputs[1].id },
        outputs: { objects3D: job.outputs[0].id, locations3DAsGeoJSON: job.outputs[1].id },
        options: { growThreshold: 0.25, minPointsPerChange: 30 },
      },
    })
    // A name that v2 would not take is none.
    expect(shown).not.toHaveProperty('name')
    expect((await get(v1, job.id)).json.job.options).toEqual(options)
    expect((await server.ask('DELETE', `${v2}/${job.id}`)).json.job.state).toBe('Cancelled')
    expect((await get(v1, job.id)).json.job.state).toBe('cancelled')
  })

  test('what a version has no name for it does not show at all, nor list, nor change', async () => {
    const colours = await createdByV1({ options: { colorThresholdLow: '1' } })
    await submitV1(colours.id)
    const clouds = await created()
    const lists = async (base: string) => {
      const answer = await server.ask('GET', `${base}?$filter=iTwinId+eq+${iTwinId}`)
      return answer.json.jobs.map((job: { id: string }) => job.id)
    }
    for (const [id, base, other, progressCode] of [
      [colours.id, v2, v1, 'JobProgressNotFound'],
      [clouds.id, v1, v2, 'ProgressNotFound'],
    ]) {
      expect((await get(base, id)).json.error.code).toBe('JobNotFound')
      expect((await get(base, id, '/progress')).json.error.code).toBe(progressCode)
      expect((await server.ask('DELETE', `${base}/${id}`)).json.error.code).toBe('JobNotFound')
      expect(await lists(base)).not.toContain(id)
      expect((await get(other, id)).status).toBe(200)
      expect(await lists(other)).toContain(id)
    }
    const patched = await server.ask('PATCH', `${v1}/${clouds.id}`, { body: { state: 'cancelled' } })
    expect(patched.json.error.code).toBe('JobNotFound')
    expect((await get(v2, colours.id, '/messages')).json.error.code).toBe('JobNotFound')
  })
})

describe('states', () => {
  const stateOf = async (id: string) => {
    const [job, progress] = [await get(v2, id), await get(v2, id, '/progress')]
    expect(progress.json.progress.state).toBe(job.json.job.state)
    return progress.json.progress.state
  }
  const listed = async (id: string, state: string) => {
    const { json } = await server.ask('GET', `${v2}?$filter=state+eq+'${state}'+and+id+eq+${id}`)
    return json.jobs.length === 1
  }

  test('are those of v2 over a whole life, in the job, its progress and the filter of the list', async () => {
    const { id } = await created()
    const seen = async (state: string) => {
      expect(await stateOf(id)).toBe(state)
      expect(await listed(id, state)).toBe(true)
      expect(await listed(id, state.toLowerCase())).toBe(true)
      for (const other of ['Queued', 'Active', 'Success', 'Failed', 'Cancelled', 'TerminatingOnCancel'])
        if (other !== state) expect(await listed(id, other), other).toBe(false)
    }
    await seen('Queued')
    const attempt = await claimed(id)
    await seen('Active')
    await server.jobs.succeed(attempt, { processingUnits: 0.25 })
    await seen('Success')
    expect((await get(v2, id)).json.job.executionInfo).toMatchObject({ processingUnits: 0.25 })
  })

  test.each([
    ['TerminatingOnCancel', 'Cancelled', 'cancelled'],
    ['TerminatingOnFailure', 'Failed', 'failed'],
  ])(
    '%s lasts until the agent has stopped, then it is %s; v1 says %s at once',
    async (during, after, inV1) => {
      const { id } = await created({
        specifications: { ...(await bodyV2()).specifications, outputs: ['objects3D'] },
      })
      const attempt = await claimed(id)
      if (inV1 === 'cancelled') {
        const { status, json } = await server.ask('DELETE', `${v2}/${id}`)
        expect([status, json.job.state]).toEqual([200, during])
        const again = await server.ask('DELETE', `${v2}/${id}`)
        expect([again.status, again.json.job.state]).toEqual([200, during])
      } else await server.jobs.fail(attempt, [jobErrorMessage('InputData_Empty', 'pointClouds1')])
      expect(await stateOf(id)).toBe(during)
      expect(await listed(id, during)).toBe(true)
      expect((await get(v2, id)).json.job.executionInfo).not.toHaveProperty('endedDateTime')
      expect((await get(v1, id)).json.job.state).toBe(inV1)

      await server.jobs.release(attempt)
      expect(await stateOf(id)).toBe(after)
      expect(await listed(id, after)).toBe(true)
      expect((await get(v2, id)).json.job.executionInfo).toHaveProperty('endedDateTime')
    },
  )

  test('a job that has ended cannot be cancelled; its errors are told by the names of v2', async () => {
    const { id } = await created()
    const attempt = await claimed(id)
    await server.jobs.fail(attempt, [jobErrorMessage('InputData_Empty', 'pointClouds1')])
    await server.jobs.release(attempt)
    const { status, json } = await server.ask('DELETE', `${v2}/${id}`)
    expect([status, json.error.details]).toEqual([
      422,
      [{ code: 'InvalidChange', message: "A job in state 'Failed' cannot be cancelled." }],
    ])
    expect((await get(v2, id, '/messages')).json.messages).toEqual({
      errors: [jobErrorMessage('InputData_Empty', 'model3DA')],
      warnings: [],
    })
  })
})

test('a list needs a filter, knows the names of v2, and is followed page by page by links that keep it', async () => {
  const own = randomUUID()
  const ids: string[] = []
  for (let i = 0; i < 5; i++) ids.unshift((await created({ iTwinId: own })).id)
  expectFaults(await server.ask('GET', v2), 422, [['InvalidParameter', '$filter']])
  expectFaults(await server.ask('GET', `${v2}?$filter=+`), 422, [['InvalidParameter', '$filter']])
  const filter = `iTwinId eq ${own} and type in ('ChangeDetection')`
  for (const $top of ['1', '1001']) {
    const query = new URLSearchParams({ $filter: filter, $top })
    expectFaults(await server.ask('GET', `${v2}?${query}`), 422, [['InvalidParameter', '$top']])
  }
  const query = new URLSearchParams({ $filter: filter, $top: '2', continuationToken: '' })
  let href: string | undefined = `https://alidade.example/base${v2}?${query}`
  const found: string[] = []
  while (href !== undefined) {
    const { json }: Answer = await server.ask('GET', href.slice('https://alidade.example/base'.length))
    found.push(...json.jobs.map((job: { id: string }) => job.id))
    href = json._links?.next.href
  }
  expect(found.sort()).toEqual(ids.sort())
  const v1Name = await server.ask('GET', `${v2}?$filter=type+eq+changeDetection`)
  expect(v1Name.json).toEqual({ jobs: [] })
})

test('another tenant, an unknown id and one that is no GUID get the same 404 from every operation', async () => {
  const { id } = await created()
  const authorization = await server.authorization({ org: 'other' })
  for (const [method, rest] of [
    ['GET', ''],
    ['DELETE', ''],
    ['GET', '/progress'],
    ['GET', '/messages'],
  ] as const) {
    const answers = [
      await server.ask(method, `${v2}/${id}${rest}`, { authorization }),
      await server.ask(method, `${v2}/${randomUUID()}${rest}`),
      await server.ask(method, `${v2}/quarry${rest}`),
    ]
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size, rest).toBe(1)
    expect(answers[0]!.status).toBe(404)
  }
})

test('progress is gone thirty days after the end, the job is not', async () => {
  const { id } = await created()
  await server.jobs.succeed(await claimed(id), { processingUnits: 0 })
  const ended = server.clock.now
  server.clock.now = new Date(ended.getTime() + 30 * 24 * 3600_000 - 1)
  expect((await get(v2, id, '/progress')).status).toBe(200)
  server.clock.now = new Date(ended.getTime() + 30 * 24 * 3600_000)
  expect((await get(v2, id, '/progress')).json.error.code).toBe('JobProgressNotFound')
  expect((await get(v2, id)).status).toBe(200)
  server.clock.now = ended
})
