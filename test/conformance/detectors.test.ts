// Both versions of the operations on detectors, brought about on a running server: every error that the contract documents
// answers as its example says, every success fits its schema, and each status of success is seen.
import {
  detectorV1Operations,
  detectorV2Operations,
  type ErrorResponse,
  ErrorResponse as errorSchema,
  type Operation,
} from '@alidade/contract'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { detectorArchive } from '../../packages/jobs/src/detector/detector.fixture.ts'
import type { Answer, Asking } from '../../packages/server/src/http/v1/v1-test-server.ts'
import { type DetectorServer, startDetectorServer } from '../detectors/detector-server.ts'
import { pathOf } from './conformance-server.ts'
import { schemaFaults } from './json-schema.ts'

const rateLimitPerMinute = 12
let server: DetectorServer
let expired: string
let colleague: string
const name = '@acme/known'

beforeAll(async () => {
  server = await startDetectorServer({ rateLimitPerMinute })
  expired = await server.authorization({ expiresIn: '1h' })
  server.clock.now = new Date(server.clock.now.getTime() + 3 * 60 * 60_000)
  const owner = { org: 'acme', userId: 'ada' }
  const version = { number: '1.0', labels: ['crack'], exports: ['Lines' as const] }
  const detector = (await server.detectors.create(
    owner,
    { name, type: 'PhotoSegmentationDetector', texts: {} },
    version,
  ))!
  await server.detectors.addVersion(owner, detector.id, { ...version, number: '2.0' })
})
afterAll(() => server.stop())
// Requests are counted by the minute.
beforeEach(async () => {
  server.clock.now = new Date(server.clock.now.getTime() + 60_000)
  colleague = await server.authorization({ subject: 'bob' })
})

interface Request extends Asking {
  params?: Record<string, string>
  query?: Record<string, string>
}

function ask(operation: Operation, { params, query, ...asking }: Request = {}): Promise<Answer> {
  const path = pathOf(operation, { detectorName: name, detectorVersion: '1.0', ...params })
  const [body] = Object.values(operation.bodyExamples ?? {})
  const search = query === undefined ? '' : `?${new URLSearchParams(query)}`
  return server.ask(operation.method, path + search, { ...(body !== undefined && { body }), ...asking })
}

/** The documented body with other properties; in v1 they are inside `detector`. */
function bodyOf(operation: Operation, changes: Record<string, unknown>) {
  const [body] = Object.values(operation.bodyExamples ?? {}) as [Record<string, object>]
  return 'detector' in body ? { detector: { ...body.detector, ...changes } } : { ...body, ...changes }
}

const changing = (changes: Record<string, unknown>) => (operation: Operation) =>
  ask(operation, { body: bodyOf(operation, changes) })

async function useInActiveJob(): Promise<() => Promise<void>> {
  const { versions } = (await server.detectors.find('acme', name))!
  const owner = { org: 'acme', userId: 'ada', email: '', clientId: 'sdk' }
  const iTwinId = '0c3a8f5e-0a53-4f0f-8f5a-6f5f2b2d9a11'
  await server.realityData.claimITwin('acme', iTwinId)
  const inputs = versions.map(({ id: versionId, number: version }) => ({
    ...{
      name: 'modelA',
      realityDataId: name,
      detector: { library: { name, version, versionId }, sha256: '' },
    },
  }))
  const job = await server.jobs.create(owner, iTwinId, {
    ...{ type: 'changeDetection', name: 'a job', inputs, outputs: ['objects3D'], options: {} },
    ...{ optionsSent: undefined, costParameters: undefined },
  })
  await server.jobs.submit('acme', job.id, [])
  return async () => void (await server.jobs.cancel('acme', job.id))
}

async function whileInUse(operation: Operation): Promise<Answer> {
  const release = await useInActiveJob()
  const answer = await ask(operation)
  await release()
  return answer
}

async function withUpload(operation: Operation, file: string): Promise<Answer> {
  const { versions, ...detector } = (await server.detectors.find('acme', name))!
  const container = { id: versions[0]!.id, attempt: 0 }
  async function* body() {
    yield Buffer.from(file)
  }
  await server.blobs.putBlob(container, `${detector.name}-1.0.zip`, body())
  const answer = await ask(operation)
  await server.blobs.deleteContainer(container)
  return answer
}

/** How to bring about an example, by its name. */
const scenarios: Record<string, (operation: Operation) => Promise<Answer>> = {
  'no Authorization header': (operation) => ask(operation, { authorization: null }),
  'expired token': (operation) => ask(operation, { authorization: expired }),
  'limit reached': async (operation) => {
    const authorization = await server.authorization({ client: operation.id + operation.path, org: 'other' })
    for (let i = 0; i < rateLimitPerMinute; i++) {
      expect((await ask(operation, { authorization })).status).not.toBe(429)
    }
    return ask(operation, { authorization })
  },
  'no such detector': (operation) => ask(operation, { params: { detectorName: '@acme/unknown' } }),
  'made by a colleague': (operation) =>
    ask(operation, {
      authorization: colleague,
      ...(operation.id === 'detectors-create' && { body: bodyOf(operation, { name }) }),
    }),
  'unknown type': changing({ type: 'CatDetector' }),
  'malformed name': changing({ name: 'my cracks' }),
  'malformed version': (operation) =>
    ask(operation, { body: bodyOf(operation, { version: '1', versionNumber: '1' }) }),
  'special characters': changing({ displayName: '<b>Cracks</b>' }),
  'unknown export': changing({ capabilities: { labels: [], exports: ['Circles'] } }),
  'detector exists': changing({ name }),
  'version exists': (operation) =>
    ask(operation, {
      body:
        operation.method === 'POST' && operation.id === 'detectors-create'
          ? bodyOf(operation, { name })
          : bodyOf(operation, {}),
    }),
  'unknown property': (operation) => ask(operation, { query: { $filter: 'colour eq red' } }),
  'in use': whileInUse,
  'nothing uploaded': (operation) => ask(operation),
  'no detector': (operation) => withUpload(operation, '%PDF-1.7'),
  'not ready': (operation) => ask(operation),
}

describe.each([
  ['v1', detectorV1Operations as readonly Operation[]],
  ['v2', detectorV2Operations as readonly Operation[]],
])('%s', (version, operations) => {
  const documented = operations.flatMap((operation) =>
    Object.entries(operation.responses)
      .filter(([status]) => Number(status) >= 400)
      .flatMap(([status, { examples = {}, headers = {}, schema }]) =>
        Object.entries(examples).map(([example, body]) => ({
          title: `${operation.id}: ${example}`,
          ...{ operation, example, body: body as ErrorResponse, schema },
          ...{ status: Number(status), headers: Object.keys(headers).map((header) => header.toLowerCase()) },
        })),
      ),
  )

  test.each(documented.map((one) => [one.title, one] as const))(
    '%s is answered as documented',
    async (_, expected) => {
      const answer = await scenarios[expected.example]!(expected.operation)
      expect([answer.status, answer.json]).toStrictEqual([expected.status, expected.body])
      expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
      expect(Object.keys(answer.headers)).toEqual(expect.arrayContaining(expected.headers))
      expect(expected.schema).toBe(errorSchema)
      expect(schemaFaults(errorSchema, answer.json)).toEqual([])
    },
  )

  test('every operation documents 401 and 429, and 404 where it names a detector', () => {
    for (const { id, path, responses } of operations) {
      const expected = path.includes(':') ? [401, 404, 429] : [401, 429]
      expect(Object.keys(responses).map(Number), id).toEqual(expect.arrayContaining(expected))
    }
  })

  test('documented bodies are valid under their schemas, which refuse what is not documented', () => {
    for (const { id, responses, body, bodyExamples = {} } of operations) {
      for (const example of Object.values(bodyExamples)) expect(schemaFaults(body!, example), id).toEqual([])
      for (const { schema, examples = {} } of Object.values(responses)) {
        if (schema === undefined) continue
        expect(Object.keys(examples).length, id).toBeGreaterThan(0)
        for (const example of Object.values(examples) as Record<string, unknown>[]) {
          expect(schemaFaults(schema, example), id).toEqual([])
          expect(schemaFaults(schema, { ...example, extra: 1 }), id).not.toEqual([])
        }
      }
    }
  })

  test('a detector goes its whole way through answers that are valid, by either spelling of its paths', async () => {
    const seen = new Set<string>()
    const operationOf = (id: string) => operations.find((one) => one.id === id)!
    const valid = async (id: string, request: Request = {}, path?: string) => {
      // Requests are counted by the minute.
      server.clock.now = new Date(server.clock.now.getTime() + 60_000)
      const operation = path === undefined ? operationOf(id) : { ...operationOf(id), path }
      const answer = await ask(operation, request)
      const declared = operation.responses[answer.status]
      expect(declared, `${id} ${answer.status} ${answer.text}`).toBeDefined()
      if (declared!.schema === undefined) expect(answer.text).toBe('')
      else expect(schemaFaults(declared!.schema, answer.json), answer.text).toEqual([])
      expect(answer.text).not.toContain('null')
      seen.add(`${id} ${answer.status}`)
      return answer
    }

    const detectorName = `@acme/way-${version}`
    const params = { detectorName }
    const [create] = Object.values(operationOf('detectors-create').bodyExamples ?? {}) as [
      Record<string, object>,
    ]
    let created = await valid('detectors-create', {
      body:
        version === 'v1'
          ? { detector: { ...create.detector, name: detectorName } }
          : { ...create, name: detectorName },
    })
    if (version === 'v2') created = await valid('detectors-version-create', { params })
    const { uploadUrl, completeUrl } = created.json._links
    expect(completeUrl.href).toBe(`detectors/%40acme%2Fway-${version}/version/1.0/complete`)
    expect((await server.upload(uploadUrl.href, detectorArchive())).status).toBe(201)
    const base = version === 'v1' ? '/realitydataanalysis' : '/reality-analysis'
    const completed = await server.ask('POST', `${base}/${completeUrl.href}`)
    expect([completed.status, completed.text]).toEqual([204, ''])

    for (const id of ['complete', 'publish', 'unpublish']) {
      const operation = operationOf(`detectors-${id}-version`)
      await valid(operation.id, { params })
      for (const alias of operation.aliases!) await valid(operation.id, { params }, alias)
    }
    const got = await valid('detectors-get', { params })
    expect(got.json.detector.versions[0].status).toBe('Ready')
    await valid('detectors-get-all')
    await valid('detectors-patch', { params })
    await valid('detectors-delete-version', { params }, operationOf('detectors-delete-version').aliases![0])
    await valid('detectors-delete', { params })

    const success = operations.flatMap(({ id, responses }) =>
      Object.keys(responses)
        .filter((status) => Number(status) < 400)
        .map((status) => `${id} ${status}`),
    )
    expect([...seen].sort()).toEqual(success.sort())
  })
})
