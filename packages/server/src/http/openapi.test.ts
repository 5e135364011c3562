import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type Operation, realityDataAnalysisV1Operations, webhookEvents } from '@alidade/contract'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApp, type TestApp } from './app.fixture.ts'
import { openApiDocument } from './openapi.ts'
import { publishedApis } from './published-apis.ts'

let server: TestApp
beforeAll(async () => {
  server = await startApp(async () => {})
})
afterAll(() => server.close())

interface Document {
  servers: { url: string }[]
  paths: Record<string, Record<string, DocumentedOperation>>
}
interface DocumentedOperation {
  operationId: string
  description: string
  security: unknown
  parameters: { name: string; in: string; required: boolean }[]
  responses: Record<string, { content?: { 'application/json': { schema: unknown; examples?: object } } }>
}

async function served(basePath: string): Promise<Document> {
  const response = await fetch(`${server.url}${basePath}/openapi.json`)
  expect(response.status).toBe(200)
  return (await response.json()) as Document
}

test.each(publishedApis)(
  '$basePath/openapi.json is served without a token and valid OpenAPI 3.1',
  async (api) => {
    const validator = new Validator()
    const { valid, errors } = await validator.validate((await served(api.basePath)) as never)
    expect(errors).toBeUndefined()
    expect(valid).toBe(true)
    expect(validator.version).toBe('3.1')
  },
)

test.each(publishedApis)('the committed $fileName is what is served, but for the server URL', async (api) => {
  const contract = dirname(createRequire(import.meta.url).resolve('@alidade/contract'))
  const path = join(contract, '..', 'openapi', api.fileName)
  const committed = JSON.parse(await readFile(path, 'utf8')) as Document
  const document = await served(api.basePath)
  expect({ ...document, servers: [] }, 'run `npm run openapi` after a change').toEqual({
    ...committed,
    servers: [],
  })
  expect(document.servers).toEqual([{ url: 'https://reality.example.org' }])
})

test.each(publishedApis)(
  'every operation of $basePath is there with all that was declared of it',
  async (api) => {
    const { paths } = await served(api.basePath)
    const documented = Object.values(paths).flatMap((item) => Object.values(item))
    const places = api.operations.reduce((sum, { aliases = [] }) => sum + 1 + aliases.length, 0)
    expect(documented).toHaveLength(places)
    for (const operation of api.operations) {
      const found = documented.find(({ operationId }) => operationId === operation.id)
      expect(found?.description).toBe(operation.remarks)
      expect(found?.security).toEqual(operation.scopes.map((scope) => ({ bearer: [scope] })))
      for (const [status, response] of Object.entries(operation.responses)) {
        const content = found?.responses[status]?.content?.['application/json']
        expect(content !== undefined).toBe(response.schema !== undefined)
        expect(Object.keys(content?.examples ?? {})).toEqual(Object.keys(response.examples ?? {}))
      }
    }
  },
)

test('what webhooks are sent is documented by an example that is valid', async () => {
  const { webhooks } = (await served('/webhooks')) as unknown as {
    webhooks: Record<string, { post: { requestBody: { content: Record<string, { examples: object }> } } }>
  }
  expect(Object.keys(webhooks)).toEqual(Object.keys(webhookEvents))
  for (const [type, { schema, example }] of Object.entries(webhookEvents)) {
    expect(Compile(schema).Errors(example)).toEqual([])
    const { content } = webhooks[type]!.post.requestBody
    expect(content['application/json']!.examples).toEqual({ event: { value: example } })
  }
})

test('progress comes first, and its path has its parameter', async () => {
  const [[path, item] = []] = Object.entries((await served('/realitydataanalysis')).paths)
  expect(path).toBe('/realitydataanalysis/jobs/{jobId}/progress')
  expect(item?.get?.parameters[0]).toMatchObject({ name: 'jobId', in: 'path', required: true })
})

test('two different schemas of one title are refused', () => {
  const [operation] = realityDataAnalysisV1Operations as readonly Operation[]
  const response = (schema: ReturnType<typeof Type.Object>) => ({ description: 'x', schema })
  const clash: Operation = {
    ...(operation as Operation),
    responses: {
      200: response(Type.Object({ a: Type.String() }, { title: 'Same' })),
      201: response(Type.Object({ b: Type.String() }, { title: 'Same' })),
    },
  }
  const info = { title: 'x', version: '1', description: 'x' }
  expect(() => openApiDocument([clash], { publicUrl: '', info })).toThrow("title 'Same'")
})

test('/docs loads nothing from anywhere else, and its policy forbids it', async () => {
  const page = await fetch(`${server.url}/docs`)
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  const html = await page.text()
  expect(html).not.toMatch(/<style|style="|<script(?![^>]*src=)/)
  const linked = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address ?? '')
  for (const address of linked) expect(address).toMatch(/^(\/docs\/|data:)/)
  for (const address of linked.filter((each) => each.startsWith('/'))) {
    const response = await fetch(server.url + address)
    expect(response.status).toBe(200)
    expect(await response.text()).not.toMatch(/https?:\/\/(?!www\.w3\.org)|@import|\burl\(/)
  }
})

test('/docs shows every API, and no two operations under one anchor', async () => {
  const html = await (await fetch(`${server.url}/docs`)).text()
  const addresses = /data-apis="([^"]+)"/.exec(html)?.[1]?.split(' ') ?? []
  expect(addresses).toEqual(publishedApis.map(({ basePath }) => `${basePath}/openapi.json`))
  const anchors: string[] = []
  for (const { basePath } of publishedApis) {
    for (const [path, item] of Object.entries((await served(basePath)).paths))
      for (const { operationId } of Object.values(item)) anchors.push(`${path.split('/')[1]}-${operationId}`)
  }
  expect(new Set(anchors).size).toBe(anchors.length)
})

test('behind a proxy with a path of its own the page finds its files under that path', async () => {
  const behind = await startApp(async () => {}, { publicUrl: () => 'https://example.org/alidade/' })
  try {
    const html = await (await fetch(`${behind.url}/docs`)).text()
    expect(html).toContain('src="/alidade/docs/docs.js"')
    expect(html).toContain('data-base="/alidade"')
  } finally {
    await behind.close()
  }
})
