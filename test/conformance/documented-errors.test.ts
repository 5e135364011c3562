// Every error that the contract documents, brought about on a running server and compared with its example: status,
// every field, no field more, and the headers that are declared beside it.
import { randomUUID } from 'node:crypto'
import { createWebhook, type ErrorResponse, type Operation, ErrorResponse as schema } from '@alidade/contract'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Answer, Asking, V1TestServer } from '../../packages/server/src/http/v1/v1-test-server.ts'
import { allOperations, nameOf, pathOf, startConformanceServer } from './conformance-server.ts'
import { schemaFaults } from './json-schema.ts'

const rateLimitPerMinute = 12
let server: V1TestServer
let expired: string
let knownData: string
let sharedData: string
let outputData: string
let endedJob: string
let knownWebhook: string
const iTwinId = randomUUID()
const otherITwin = randomUUID()
const foreignITwin = '0c3a8f5e-0a53-4f0f-8f5a-6f5f2b2d9a11'

beforeAll(async () => {
  server = await startConformanceServer({ rateLimitPerMinute })
  expired = await server.authorization({ expiresIn: '1h' })
  server.clock.now = new Date(server.clock.now.getTime() + 3 * 60 * 60_000)
  for (const id of [iTwinId, otherITwin]) await server.realityData.claimITwin('acme', id)
  await server.realityData.claimITwin('other', foreignITwin)
  const owner = { org: 'acme', userId: 'ada' }
  knownData = (await server.realityData.create(owner, iTwinId, { displayName: 'Quarry', type: 'LAZ' })).id
  sharedData = (await server.realityData.create(owner, iTwinId, { displayName: 'Quarry', type: 'LAZ' })).id
  await server.realityData.associate('acme', sharedData, otherITwin)
  const created = await ask(createWebhook)
  knownWebhook = created.json.id
  // The job that the examples name.
  server.nextIds.push('cc3d35cc-416a-4262-9714-b359da70b419')
  outputData = (await createJob()).outputs[0]!.realityDataId
  endedJob = (await createJob()).id
  await server.jobs.submit('acme', endedJob, [])
  const { attempt } = (await server.jobs.claim('agent'))!
  await server.jobs.succeed({ jobId: endedJob, attempt }, { processingUnits: 0.1 })
})
afterAll(() => server.stop())
// Requests are counted by the minute.
beforeEach(() => {
  server.clock.now = new Date(server.clock.now.getTime() + 60_000)
})

function createJob() {
  const inputs = ['modelA', 'modelB'].map((name) => ({ name, realityDataId: knownData }))
  return server.jobs.create({ org: 'acme', userId: 'ada', email: '', clientId: 'sdk' }, iTwinId, {
    ...{ type: 'changeDetection', name: 'Quarry', inputs, outputs: ['objects3D'], options: {} },
    ...{ optionsSent: undefined, costParameters: undefined },
  })
}

interface Request extends Asking {
  /** Default: ids that nothing has. */
  params?: Record<string, string>
  query?: Record<string, string>
}

function ask(operation: Operation, { params, query, ...asking }: Request = {}): Promise<Answer> {
  const unknown = { jobId: randomUUID(), realityDataId: randomUUID(), webhookId: randomUUID(), iTwinId }
  const path = pathOf(operation, { ...unknown, ...params })
  const [body] = Object.values(operation.bodyExamples ?? {})
  const search = query === undefined ? '' : `?${new URLSearchParams(query)}`
  return server.ask(operation.method, path + search, { ...(body !== undefined && { body }), ...asking })
}

const bodyExample = (operation: Operation) =>
  Object.values(operation.bodyExamples ?? {})[0] as Record<string, unknown>

/** How to bring about an example: by its name, or by the operation and its name where the name is not enough. */
const scenarios: Record<string, (operation: Operation) => Promise<Answer>> = {
  'no Authorization header': (operation) => ask(operation, { authorization: null }),
  'expired token': (operation) => ask(operation, { authorization: expired }),
  'limit reached': async (operation) => {
    const authorization = await server.authorization({ client: nameOf(operation) })
    for (let i = 0; i < rateLimitPerMinute; i++) {
      expect((await ask(operation, { authorization })).status).not.toBe(429)
    }
    return ask(operation, { authorization })
  },
  'no such job': (operation) => ask(operation),
  'no such reality data': (operation) => ask(operation),
  'no such webhook': (operation) => ask(operation),
  'not a GUID': (operation) => ask(operation, { params: { realityDataId: 'quarry' } }),

  'jobs-create: type not delivered': (operation) => {
    const inputs = ['photos', 'photoObjectDetector'].map((type) => ({ type, id: knownData }))
    const { options: _, ...body } = bodyExample(operation)
    return ask(operation, { body: { ...body, type: 'objects2D', inputs, outputs: ['objects2D'] } })
  },
  'jobs-get-all: unknown property': (operation) => ask(operation, { query: { $filter: 'colour eq red' } }),
  'jobs-patch: too late': (operation) =>
    ask(operation, { params: { jobId: endedJob }, body: { state: 'active' } }),
  'jobs-delete: submitted job': (operation) => ask(operation, { params: { jobId: endedJob } }),

  'v2 jobs-create: type not delivered': (operation) => {
    const specifications = {
      inputs: { photos: knownData, photoObjectDetector: 'cars' },
      outputs: ['Objects2D'],
    }
    return ask(operation, { body: { ...bodyExample(operation), type: 'Objects2D', specifications } })
  },
  'v2 jobs-create: no specifications': (operation) => {
    const { specifications: _, ...body } = bodyExample(operation)
    return ask(operation, { body })
  },
  'v2 jobs-create: unknown input': (operation) => {
    const body = bodyExample(operation) as { specifications: { inputs: object } }
    const inputs = { ...body.specifications.inputs, model3DA: knownData }
    return ask(operation, { body: { ...body, specifications: { ...body.specifications, inputs } } })
  },
  'v2 jobs-get-all: no filter': (operation) => ask(operation),
  'v2 jobs-get-all: unknown property': (operation) => ask(operation, { query: { $filter: 'colour eq red' } }),
  'v2 jobs-cancel: ended job': (operation) => ask(operation, { params: { jobId: endedJob } }),
  'v2 buckets-get: no such iTwin': (operation) => ask(operation, { params: { iTwinId: randomUUID() } }),

  'create-reality-data: no displayName': (operation) => ask(operation, { body: { type: 'LAZ' } }),
  'create-reality-data: markup in a text': (operation) =>
    ask(operation, { body: { displayName: 'Quarry', type: 'LAZ', description: 'see <b>here</b>' } }),
  'create-reality-data: unknown iTwin': (operation) =>
    ask(operation, { body: { displayName: 'Quarry', type: 'LAZ', iTwinId: foreignITwin } }),
  'get-all-reality-data: page size': (operation) => ask(operation, { query: { $top: '5000' } }),
  'get-all-reality-data: continuation token': (operation) =>
    ask(operation, { query: { continuationToken: 'forged' } }),
  'update-reality-data: classification': (operation) =>
    ask(operation, { params: { realityDataId: knownData }, body: { classification: 'Map' } }),
  'delete-reality-data: in use': (operation) => ask(operation, { params: { realityDataId: outputData } }),
  'get-write-access-to-reality-data-container: output of a job': (operation) =>
    ask(operation, { params: { realityDataId: outputData } }),
  'delete-reality-data: in several iTwins': (operation) =>
    ask(operation, { params: { realityDataId: sharedData } }),
  'dissociate-from-iTwin: no such association': (operation) =>
    ask(operation, { params: { realityDataId: knownData, iTwinId: otherITwin } }),
  'move-reality-data: in several iTwins': (operation) =>
    ask(operation, { params: { realityDataId: sharedData }, body: { iTwinId } }),
  'associate-to-iTwin: unknown iTwin': (operation) =>
    ask(operation, { params: { realityDataId: knownData, iTwinId: foreignITwin } }),
  'move-reality-data: unknown iTwin': (operation) =>
    ask(operation, { params: { realityDataId: knownData }, body: { iTwinId: foreignITwin } }),

  'create-webhook: private address': (operation) =>
    ask(operation, { body: { ...bodyExample(operation), callbackUrl: 'https://intranet.example.org/' } }),
  'create-webhook: no https': (operation) =>
    ask(operation, { body: { ...bodyExample(operation), callbackUrl: 'http://hooks.example.org/' } }),
  'create-webhook: no scopeId': (operation) =>
    ask(operation, { body: { ...bodyExample(operation), scopeId: null } }),
  'create-webhook: unknown iTwin': (operation) =>
    ask(operation, { body: { ...bodyExample(operation), scopeId: foreignITwin } }),
  'update-webhook: private address': (operation) =>
    ask(operation, { params: { webhookId: knownWebhook }, body: { callbackUrl: 'https://[::1]/' } }),
  'get-webhook-deliveries: page size': (operation) =>
    ask(operation, { params: { webhookId: knownWebhook }, query: { $top: '5000' } }),
}

const documented = allOperations.flatMap((operation) =>
  Object.entries(operation.responses)
    .filter(([status]) => Number(status) >= 400)
    .flatMap(([status, response]) =>
      Object.entries(response.examples ?? {}).map(([name, example]) => ({
        title: `${nameOf(operation)}: ${name}`,
        operation,
        name,
        status: Number(status),
        example: example as ErrorResponse,
        headers: Object.keys(response.headers ?? {}),
      })),
    ),
)

const cases = documented.map((one) => [one.title, one] as const)
test.each(cases)('%s is answered as documented', async (title, { operation, name, ...expected }) => {
  const scenario = scenarios[title] ?? scenarios[name]
  expect(scenario, `no scenario brings about '${title}'`).toBeDefined()
  const answer = await scenario!(operation)
  expect([answer.status, answer.json]).toStrictEqual([expected.status, expected.example])
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
  expect(Object.keys(answer.headers)).toEqual(
    expect.arrayContaining(expected.headers.map((header) => header.toLowerCase())),
  )
  expect(schemaFaults(schema, answer.json)).toEqual([])
})

test('no scenario is left over', () => {
  const used = new Set(documented.flatMap(({ title, name }) => (scenarios[title] ? [title] : [name])))
  expect(Object.keys(scenarios).filter((name) => !used.has(name))).toEqual([])
})

test('every operation documents 401 and 429, and 404 where it names something', () => {
  for (const { id, path, responses } of allOperations) {
    const expected = path.includes(':') ? [401, 404, 429] : [401, 429]
    expect(Object.keys(responses).map(Number), id).toEqual(expect.arrayContaining(expected))
  }
})
