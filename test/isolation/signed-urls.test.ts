// Signed URLs: what each of them is not good for. Whoever changes one, or comes too late, is answered as if there were
// nothing, whatever there is.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Answer } from './likeness.ts'
import { changesNothing, compare, type Matrix, openMatrix, type Side } from './matrix.ts'
import { blobMethods } from './routes.ts'
import { containerUrl, type Tenant } from './tenants.ts'

const leastCells = 860
const fileName = 'survey.las'
const blockList = '<?xml version="1.0" encoding="utf-8"?><BlockList></BlockList>'
let matrix: Matrix

beforeAll(async () => {
  matrix = await openMatrix()
})
afterAll(() => matrix?.stop())

interface BlobRequest {
  method: string
  query: string
  /** Of the blob, not of the container. */
  blob: boolean
  body?: string | undefined
}

/** Everything that can be asked of a container and of a blob in it. */
const requests: BlobRequest[] = [
  { method: 'GET', query: 'restype=container&comp=list', blob: false },
  ...blobMethods.map((method) => ({ method, query: '', blob: false })),
  ...blobMethods.map((method) => ({ method, query: '', blob: true })),
  { method: 'PUT', query: 'comp=block&blockid=AAAA', blob: true },
  { method: 'PUT', query: 'comp=blocklist', blob: true, body: blockList },
]

interface Signed {
  container: string
  /** Of the one blob that it is for; undefined: the container. */
  blob?: string | undefined
  query: string
}

function signed(href: string): Signed {
  const { pathname, search } = new URL(href)
  const [, , container = '', ...blob] = pathname.split('/')
  return { container, query: search.slice(1), blob: blob.length > 0 ? blob.join('/') : undefined }
}

/** `request` of the container, and of the blob, with the signature of `url`. */
function ask({ query: sas }: Signed, container: string, blob: string, request: BlobRequest): Promise<Answer> {
  const { method, query } = request
  const path = `/alidade-blobs/${container}${request.blob ? `/${blob}` : ''}?${[query, sas].filter(Boolean).join('&')}`
  const body = request.body ?? (method === 'PUT' ? 'overwritten' : undefined)
  return matrix.service.ask(method, path, {
    headers: { 'x-ms-blob-type': 'BlockBlob' },
    ...(body && { body }),
  })
}

/** One URL of each kind that the service signs, of things of the tenant that hold a file. */
async function urlsOf(tenant: Tenant): Promise<Record<string, Signed>> {
  const [survey] = tenant.surveys
  const bucket = await tenant.make('GET', `/reality-analysis/itwins/${tenant.iTwinId}/bucket`)
  const bucketUrl = bucket._links.containerUrl.href as string
  await tenant.upload(bucketUrl, fileName, 'polygons')
  const versions = `/reality-analysis/detectors/${await tenant.detector()}/versions`
  const capabilities = { labels: ['crack'], exports: ['Lines'] }
  const version = { body: { versionNumber: '2.0', capabilities } }
  const { _links } = await tenant.make('POST', versions, version)
  const { detector } = await tenant.make('GET', versions.replace(/\/versions$/, ''))
  return {
    'read access': signed(await containerUrl(tenant, survey, 'readaccess')),
    'write access': signed(await containerUrl(tenant, survey)),
    bucket: signed(bucketUrl),
    'detector upload': signed(_links.uploadUrl.href),
    'detector download': signed(
      detector.versions.find((one: { downloadUrl?: string }) => one.downloadUrl !== undefined).downloadUrl,
    ),
  }
}

const describe = ({ method, blob, query }: BlobRequest) => `${method} ${blob ? 'blob' : 'container'} ${query}`

test('a signature is good for no other container, be it there or not', async () => {
  const own = await urlsOf(matrix.stranger)
  const theirs = await urlsOf(matrix.owner)
  await changesNothing(matrix, async () => {
    for (const [kind, url] of Object.entries(own)) {
      for (const [target, { container, blob = fileName }] of Object.entries(theirs)) {
        const nobodys = container.replace(/[0-9a-f-]{36}/, randomUUID())
        for (const request of requests) {
          const side = async (one: string): Promise<Side> => ({
            answers: [await ask(url, one, blob, request)],
            asked: [one, blob],
          })
          const cell = `${kind} of another tenant for ${target}: ${describe(request)}`
          const foreign = await side(container)
          expect([cell, foreign.answers[0]!.status]).toEqual([cell, 403])
          compare(matrix, cell, foreign, await side(nobodys))
        }
      }
    }
  })
}, 120_000)

test('an agent name of a container is no way around its signature', async () => {
  const { container, query } = (await urlsOf(matrix.stranger))['write access']!
  const [survey] = matrix.owner.surveys
  for (const name of [
    `${survey}.0`,
    `${survey}.1`,
    `${container}.1`,
    `${container}%2e0`,
    `bucket-${survey}`,
  ]) {
    const list = `/alidade-blobs/${name}?restype=container&comp=list&${query}`
    const { status } = await matrix.service.ask('GET', list)
    expect([name, status]).toEqual([name, 403])
    matrix.cells++
  }
})

/** What of a query is signed, changed to what a thief would like. */
const changes: Record<string, [RegExp, string]> = {
  'more permissions': [/sp=\w+/, 'sp=racwdl'],
  'a longer life': [/se=[^&]+/, 'se=2099-01-01T00%3A00%3A00Z'],
  'another signature': [/sig=.{6}/, 'sig=AAAAAA'],
  'the container instead of a blob': [/sr=b/, 'sr=c'],
  'a blob instead of the container': [/sr=c/, 'sr=b'],
  'another version': [/sv=[\d-]+/, 'sv=2020-01-01'],
}

test('a changed signature is refused alike for what is there and what is not', async () => {
  const theirs = await urlsOf(matrix.owner)
  await changesNothing(matrix, async () => {
    for (const [kind, url] of Object.entries(theirs)) {
      for (const [change, [pattern, instead]] of Object.entries(changes)) {
        const query = url.query.replace(pattern, instead)
        if (query === url.query) continue
        for (const request of requests) {
          const { container, blob = fileName } = url
          const nobodys = container.replace(/[0-9a-f-]{36}/, randomUUID())
          const side = async (one: string): Promise<Side> => ({
            answers: [await ask({ container, query }, one, blob, request)],
            asked: [one, blob],
          })
          const cell = `${kind} with ${change}: ${describe(request)}`
          const foreign = await side(container)
          expect([cell, foreign.answers[0]!.status]).toEqual([cell, 403])
          compare(matrix, cell, foreign, await side(nobodys))
        }
      }
    }
  })
}, 120_000)

test('what a URL was not signed for is refused: writing by one for reading, listing by one for a blob', async () => {
  const theirs = await urlsOf(matrix.owner)
  await changesNothing(matrix, async () => {
    for (const kind of ['read access', 'detector upload', 'detector download']) {
      const url = theirs[kind]!
      for (const request of requests) {
        // Reading is what the others are for, and putting a file what an upload is for.
        const reads = ['GET', 'HEAD'].includes(request.method)
        const meant =
          kind === 'detector upload'
            ? request.blob && request.method === 'PUT'
            : reads && (request.blob || kind === 'read access')
        if (meant) continue
        const cell = `${kind}: ${describe(request)}`
        const { status } = await ask(url, url.container, url.blob ?? fileName, request)
        // 400: no operation there is.
        const expected = ['POST', 'PATCH'].includes(request.method) ? [403, 405] : [400, 403]
        expect(expected, cell).toContain(status)
        matrix.cells++
      }
      if (url.blob === undefined) continue
      for (const request of requests.filter(({ blob }) => blob)) {
        const cell = `${kind}, another blob: ${describe(request)}`
        expect([cell, (await ask(url, url.container, fileName, request)).status]).toEqual([cell, 403])
        matrix.cells++
      }
    }
  })
})

test('the URL of what was deleted opens nothing: neither the old files nor what nobody has', async () => {
  const { owner } = matrix
  const id = await owner.realityData()
  const url = await containerUrl(owner, id)
  await owner.upload(url, fileName, 'gone')
  const empty = await containerUrl(owner, await owner.realityData())
  for (const one of [url, empty]) {
    await owner.make('DELETE', `/reality-management/reality-data/${signed(one).container}`)
  }
  for (const request of requests) {
    const side = async ({ container, query }: Signed): Promise<Side> => ({
      answers: [await ask({ container, query }, container, fileName, request)],
      asked: [container],
    })
    const full = await side(signed(url))
    expect(full.answers[0]!.status, describe(request)).toBeGreaterThanOrEqual(400)
    compare(matrix, `deleted: ${describe(request)}`, full, await side(signed(empty)))
  }
})

test('an hour later no URL opens anything, whatever is there', async () => {
  const { service, owner } = matrix
  const theirs = await urlsOf(owner)
  for (const [kind, url] of Object.entries(theirs)) {
    if (kind === 'detector upload') continue
    const request = { method: 'GET', query: '', blob: true }
    expect([kind, (await ask(url, url.container, url.blob ?? fileName, request)).status]).toEqual([kind, 200])
  }
  service.clock.now = new Date(service.clock.now.getTime() + 61 * 60_000)
  await changesNothing(matrix, async () => {
    for (const [kind, url] of Object.entries(theirs)) {
      for (const request of requests) {
        const cell = `${kind}, expired: ${describe(request)}`
        const side = async (name: string): Promise<Side> => ({
          answers: [await ask(url, url.container, name, request)],
          asked: [name],
        })
        const there = await side(url.blob ?? fileName)
        expect([cell, there.answers[0]!.status]).toEqual([cell, 403])
        if (url.blob === undefined) compare(matrix, cell, there, await side('nobody.las'))
        else matrix.cells++
      }
    }
  })
})

test(`at least ${leastCells} requests by signed URLs were refused`, () => {
  expect(matrix.cells).toBeGreaterThanOrEqual(leastCells)
})
