// Every success that the contract documents is valid under its schema, and so is what the running server really
// answers; both are checked by a validator that is not the service's own.
import { randomUUID } from 'node:crypto'
import {
  createJob,
  createJobV2,
  ErrorResponse,
  jobErrorMessage,
  jobWarningMessage,
  type Operation,
  patchJob,
} from '@alidade/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer, Asking, V1TestServer } from '../../packages/server/src/http/v1/v1-test-server.ts'
import { openWebhookOutbox } from '../../packages/server/src/store/webhook-outbox.ts'
import { allOperations, nameOf, pathOf, startConformanceServer } from './conformance-server.ts'
import { schemaFaults } from './json-schema.ts'

describe.each(allOperations.map((operation) => [nameOf(operation), operation] as const))(
  '%s',
  (_, operation) => {
    test('its documented bodies are valid under their schemas, and there is at least one each', () => {
      for (const [status, { schema, examples = {} }] of Object.entries(operation.responses)) {
        if (schema === undefined) {
          expect(examples, status).toEqual({})
          continue
        }
        expect(Object.keys(examples).length, status).toBeGreaterThan(0)
        for (const [name, example] of Object.entries(examples)) {
          expect(schemaFaults(schema, example), `${status} ${name}`).toEqual([])
        }
      }
      for (const [name, example] of Object.entries(operation.bodyExamples ?? {})) {
        expect(schemaFaults(operation.body!, example), name).toEqual([])
      }
    })

    test('its schemas refuse a member that is not documented, and a null', () => {
      for (const { schema, examples = {} } of Object.values(operation.responses)) {
        if (schema === undefined) continue
        for (const example of Object.values(examples) as Record<string, unknown>[]) {
          expect(schemaFaults(schema, { ...example, extra: 1 })).not.toEqual([])
          const [member] = Object.keys(example)
          expect(schemaFaults(schema, { ...example, [member!]: null })).not.toEqual([])
        }
      }
    })
  },
)

let server: V1TestServer
beforeAll(async () => {
  server = await startConformanceServer()
})
afterAll(() => server.stop())
const seen = new Set<string>()

/** Sends the operation and holds the answer against its declaration: status, body, headers. */
async function ask(
  id: string,
  {
    params = {},
    query,
    ...asking
  }: Asking & { params?: Record<string, string>; query?: Record<string, string> },
): Promise<Answer> {
  const operation: Operation = allOperations.find((one) => nameOf(one) === id)!
  const search = query === undefined ? '' : `?${new URLSearchParams(query)}`
  const answer = await server.ask(operation.method, pathOf(operation, params) + search, asking)
  const declared = operation.responses[answer.status]
  expect(declared, `${id} does not declare ${answer.status}: ${answer.text}`).toBeDefined()
  if (declared!.schema === undefined) expect(answer.text).toBe('')
  else {
    expect(schemaFaults(declared!.schema, answer.json), answer.text).toEqual([])
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
  }
  expect(answer.text).not.toContain('null')
  expect(Object.keys(answer.headers)).toEqual(
    expect.arrayContaining(Object.keys(declared!.headers ?? {}).map((name) => name.toLowerCase())),
  )
  seen.add(`${id} ${answer.status}`)
  return answer
}

const iTwinId = randomUUID()
const inputs = async () =>
  Promise.all(
    ['pointClouds1', 'pointClouds2'].map(async (type) => {
      const body = { displayName: type, type: 'LAZ', iTwinId }
      return { type, id: (await ask('create-reality-data', { body })).json.realityData.id as string }
    }),
  )

test('a job goes its whole way through answers that are valid', async () => {
  for (const body of Object.values(createJob.bodyExamples)) await ask('jobs-create', { body })
  const body = { ...createJob.bodyExamples['change detection'], iTwinId, inputs: await inputs() }
  const { job } = (await ask('jobs-create', { body })).json
  const params = { jobId: job.id }
  await ask('jobs-progress', { params })
  const cost = { sceneWidth: 400, sceneLength: 300, sceneHeight: 20 }
  await ask('jobs-patch', {
    params,
    body: { ...patchJob.bodyExamples.settings, costEstimationParameters: cost },
  })
  expect((await ask('jobs-patch', { params, body: patchJob.bodyExamples.submit })).json.job.state).toBe(
    'active',
  )
  const waiting = await ask('jobs-progress', { params })
  await ask('jobs-progress', { params, headers: { 'if-none-match': waiting.headers.etag! } })

  const claimed = (await server.jobs.claim('agent'))!
  expect(claimed.id).toBe(job.id)
  const attempt = { jobId: job.id, attempt: claimed.attempt }
  const warnings = [{ code: 'Crs_Missing', title: 'CRS', message: 'None.', params: ['pointClouds1'] }]
  await server.jobs.report(attempt, { percentage: 56.5, step: 'Compare_Clouds', warnings })
  expect((await ask('jobs-progress', { params })).json.progress.percentage).toBe(56)
  await ask('jobs-get', { params })
  await server.jobs.succeed(attempt, { processingUnits: 0.02 })
  expect((await ask('jobs-progress', { params })).json.progress.percentage).toBe(100)
  const { executionInformation } = (await ask('jobs-get', { params })).json.job
  expect(executionInformation).toMatchObject({ exitCode: 0, estimatedUnits: 0.02, warnings })
})

test('failed and cancelled jobs, and jobs without options, are shown by answers that are valid', async () => {
  const { options: _, ...body } = createJob.bodyExamples['change detection']
  const settings = { ...body, iTwinId, inputs: await inputs() }
  const first = (await ask('jobs-create', { body: settings })).json.job
  await ask('jobs-patch', { params: { jobId: first.id }, body: { state: 'Active' } })
  const { attempt } = (await server.jobs.claim('agent'))!
  const errors = [{ code: 'InputData_Empty', title: 'Empty', message: 'No points.', params: [] }]
  await server.jobs.fail({ jobId: first.id, attempt }, errors)
  const failed = (await ask('jobs-get', { params: { jobId: first.id } })).json.job
  expect(failed.executionInformation).toMatchObject({ exitCode: 1, errors })
  await ask('jobs-progress', { params: { jobId: first.id } })

  const second = (await ask('jobs-create', { body: settings })).json.job
  const params = { jobId: second.id }
  await ask('jobs-patch', { params, body: patchJob.bodyExamples.submit })
  await ask('jobs-patch', { params, body: patchJob.bodyExamples.cancel })
})

test('jobs are listed, page by page, and deleted by answers that are valid', async () => {
  const all = { $filter: `iTwinId eq ${iTwinId}` }
  const body = { ...createJob.bodyExamples['change detection'], iTwinId, inputs: await inputs() }
  const { job } = (await ask('jobs-create', { body })).json
  const page = await ask('jobs-get-all', { query: { ...all, $top: '1' } })
  expect(page.json._links.next.href).toMatch(/^https:\/\/alidade\.example\/base\/realitydataanalysis\/jobs\?/)
  expect((await ask('jobs-get-all', { query: all })).json).not.toHaveProperty('_links')
  await ask('jobs-get-all', {})
  await ask('jobs-delete', { params: { jobId: job.id } })
})

test('a job of v2 goes its whole way through answers that are valid', async () => {
  const [{ id: model3DA }, { id: model3DB }] = (await inputs()) as unknown as [{ id: string }, { id: string }]
  const example = createJobV2.bodyExamples['change detection']
  const specifications = { ...example.specifications, inputs: { model3DA, model3DB } }
  const create = async () =>
    (await ask('v2 jobs-create', { body: { ...example, iTwinId, specifications } })).json.job
  const { id } = await create()
  const params = { jobId: id }
  const waiting = await ask('v2 jobs-progress', { params })
  expect(waiting.json.progress).toEqual({ percentage: 0, state: 'Queued' })
  await ask('v2 jobs-progress', { params, headers: { 'if-none-match': waiting.headers.etag! } })
  expect((await ask('v2 jobs-messages', { params })).json.messages).toEqual({ errors: [], warnings: [] })

  const { attempt } = (await server.jobs.claim('agent'))!
  const running = { jobId: id, attempt }
  const warnings = [jobWarningMessage('Crs_Missing', 'pointClouds1')]
  await server.jobs.report(running, { percentage: 5.5, step: 'Read_Clouds', warnings })
  expect((await ask('v2 jobs-progress', { params })).json.progress).toEqual({
    percentage: 5,
    state: 'Active',
  })
  expect((await ask('v2 jobs-messages', { params })).json.messages.warnings[0].params).toEqual(['model3DA'])
  await server.jobs.succeed(running, { processingUnits: 0.02 })
  expect((await ask('v2 jobs-progress', { params })).json.progress).toEqual({
    percentage: 100,
    state: 'Success',
  })
  expect((await ask('v2 jobs-get', { params })).json.job).toMatchObject({
    state: 'Success',
    executionInfo: { processingUnits: 0.02 },
  })

  const [failing, cancelled] = [await create(), await create()]
  const taken = (await server.jobs.claim('agent'))!
  const error = jobErrorMessage('InputData_Empty', 'pointClouds2')
  await server.jobs.fail({ jobId: failing.id, attempt: taken.attempt }, [error])
  expect((await ask('v2 jobs-get', { params: { jobId: failing.id } })).json.job.state).toBe(
    'TerminatingOnFailure',
  )
  expect((await ask('v2 jobs-cancel', { params: { jobId: cancelled.id } })).json.job.state).toBe('Cancelled')

  const page = await ask('v2 jobs-get-all', { query: { $filter: `iTwinId eq ${iTwinId}`, $top: '2' } })
  expect(page.json._links.next.href).toMatch(/^https:\/\/alidade\.example\/base\/reality-analysis\/jobs\?/)
  const last = await ask('v2 jobs-get-all', { query: { $filter: 'state eq Success' } })
  expect(last.json).not.toHaveProperty('_links')
})

test('the bucket and the files are got under both paths, by answers that are valid', async () => {
  await inputs()
  const { json } = await ask('v2 buckets-get', { params: { iTwinId } })
  expect(json._links.containerUrl.href).toMatch(
    new RegExp(`^https://alidade\\.example/base/alidade-blobs/bucket-${iTwinId}\\?.*sp=racwdl`),
  )
  await ask('v2 files-get', {})
  for (const path of [`itwins/${iTwinId}/bucket`, 'files']) {
    const answers = await Promise.all(
      ['reality-analysis', 'reality-modeling'].map((base) => server.ask('GET', `/${base}/${path}`)),
    )
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect(answers[1]!.text).toBe(answers[0]!.text)
  }
})

test('reality data goes its whole way through answers that are valid', async () => {
  const bodies = Object.values(
    allOperations.find(({ id }) => id === 'create-reality-data')!.bodyExamples ?? {},
  )
  for (const body of bodies) await ask('create-reality-data', { body })
  const [{ id: realityDataId }] = (await inputs()) as [{ id: string }, unknown]
  const params = { realityDataId }
  await ask('get-reality-data', { params })
  for (const prefer of ['return=minimal', 'return=representation']) {
    const page = await ask('get-all-reality-data', { headers: { prefer }, query: { $top: '1' } })
    expect(page.json).toHaveProperty('_links.next.href')
  }
  const updates = Object.values(
    allOperations.find(({ id }) => id === 'update-reality-data')!.bodyExamples ?? {},
  )
  for (const body of updates) await ask('update-reality-data', { params, body })
  await ask('get-read-access-to-reality-data-container', { params })
  await ask('get-write-access-to-reality-data-container', { params })
  await ask('get-reality-data-iTwins', { params })
  await ask('move-reality-data', { params, body: { iTwinId: randomUUID() } })
  const [moved] = (await ask('get-reality-data-iTwins', { params })).json.iTwins
  await ask('dissociate-from-iTwin', { params: { ...params, iTwinId: moved } })
  await ask('associate-to-iTwin', { params: { ...params, iTwinId } })
  await ask('delete-reality-data', { params })
})

test('a webhook goes its whole way through answers that are valid', async () => {
  const examples = (id: string) =>
    Object.values(allOperations.find((operation) => operation.id === id)!.bodyExamples ?? {})
  const made = []
  for (const body of examples('create-webhook')) made.push((await ask('create-webhook', { body })).json)
  const params = { webhookId: made[0].id }
  for (const body of examples('update-webhook')) await ask('update-webhook', { params, body })
  await ask('get-webhook', { params })
  expect((await ask('get-webhooks', {})).json.webhooks).toHaveLength(2)
  const { messageId } = (await ask('test-webhook', { params })).json
  const outbox = openWebhookOutbox({ database: server.database, now: () => server.clock.now })
  const claimed = (await outbox.claim())!
  const attempt = { at: server.clock.now.toISOString(), milliseconds: 5, status: 503 }
  await outbox.failed(claimed, { ...attempt, fault: 'StatusRefused' }, server.clock.now)
  await outbox.delivered((await outbox.claim())!, { ...attempt, status: 204 })
  const { deliveries } = (await ask('get-webhook-deliveries', { params })).json
  expect(deliveries).toMatchObject([
    { messageId, state: 'delivered', attempts: [{ status: 503 }, { status: 204 }] },
  ])
  await ask('delete-webhook', { params })
})

test('these answers were of every status of success that is documented', () => {
  const documented = allOperations.flatMap((operation) =>
    Object.keys(operation.responses)
      .filter((status) => Number(status) < 400)
      .map((status) => `${nameOf(operation)} ${status}`),
  )
  expect([...seen].sort()).toEqual(documented.sort())
})

test('every error is of one shape', () => {
  for (const { id, responses } of allOperations) {
    for (const [status, { schema }] of Object.entries(responses)) {
      if (Number(status) >= 400) expect(schema, `${id} ${status}`).toBe(ErrorResponse)
    }
  }
})
