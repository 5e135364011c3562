// The library of detectors over HTTP: who sees what, who may change it, and what becomes of an upload.
import { createHash } from 'node:crypto'
import { detectorV1Operations, detectorV2Operations, type Operation } from '@alidade/contract'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { detectorArchive } from '../../packages/jobs/src/detector/detector.fixture.ts'
import { onnxModel } from '../../packages/jobs/src/detector/onnx.fixture.ts'
import type { Answer, Asking } from '../../packages/server/src/http/v1/v1-test-server.ts'
import { pathOf } from '../conformance/conformance-server.ts'
import { type DetectorServer, startDetectorServer } from './detector-server.ts'

const v1 = '/realitydataanalysis/detectors'
const v2 = '/reality-analysis/detectors'
const mostFileBytes = 100_000
let server: DetectorServer
let stranger: string
let colleague: string
let admin: string

beforeAll(async () => {
  server = await startDetectorServer({ limits: { mostFileBytes } })
  stranger = await server.authorization({ org: 'other', subject: 'eve' })
  colleague = await server.authorization({ subject: 'bob' })
  admin = await server.authorization({ subject: 'root', role: 'admin' })
})
afterAll(() => server.stop())

let count = 0
let name: string
beforeEach(() => {
  name = `@acme/cracks-${++count}`
})

const at = (base: string, of = name, rest = '') => `${base}/${encodeURIComponent(of)}${rest}`
const ask = (method: string, path: string, asking?: Asking) => server.ask(method, path, asking)
const details = ({ json }: Answer) => json.error.details.map(({ message }: { message: string }) => message)

async function create(capabilities = { labels: ['crack'], exports: ['Lines'] }) {
  const body = { name, type: 'PhotoSegmentationDetector' }
  expect((await ask('POST', v2, { body })).status).toBe(201)
  return createVersion('1.0', capabilities)
}

/** Returns the URL to upload to. */
async function createVersion(
  versionNumber: string,
  capabilities: object = { labels: ['crack'], exports: ['Lines'] },
) {
  const answer = await ask('POST', at(v2, name, '/versions'), { body: { versionNumber, capabilities } })
  expect(answer.status, answer.text).toBe(201)
  return answer.json._links.uploadUrl.href as string
}

async function createReady(): Promise<string> {
  const url = await create()
  await server.upload(url, detectorArchive())
  expect((await complete()).status).toBe(204)
  return url
}

const complete = (number = '1.0', asking?: Asking) =>
  ask('POST', at(v2, name, `/versions/${number}/complete`), asking)
const publish = (asking?: Asking) => ask('POST', at(v2, name, '/versions/1.0/publish'), asking)
const download = async () => {
  const { json } = await ask('GET', at(v2))
  return server.blob(json.detector.versions[0].downloadUrl)
}

const changed: Operation[] = [...detectorV1Operations, ...detectorV2Operations].filter(({ path }) =>
  path.includes(':'),
)
const cases = changed.map((operation) => [`${operation.method} ${operation.path}`, operation] as const)

test.each(cases)(
  '%s: what another tenant has not published looks like what does not exist',
  async (_, operation) => {
    await createReady()
    const [body] = Object.values(operation.bodyExamples ?? {})
    const asking = { authorization: stranger, ...(body !== undefined && { body }) }
    const answers = await Promise.all(
      [name, '@acme/never'].map((detectorName) =>
        ask(operation.method, pathOf(operation, { detectorName, detectorVersion: '1.0' }), asking),
      ),
    )
    const [foreign, missing] = answers.map(({ status, text, headers }) => {
      const { date: _date, 'x-correlation-id': _id, ...rest } = headers
      return { status, text, headers: rest }
    })
    expect(foreign).toEqual(missing)
    expect(foreign!.status).toBe(404)
  },
)

test('another tenant may use the same name, and lists only its own', async () => {
  await createReady()
  const body = { name, type: 'PhotoObjectDetector' }
  expect((await ask('POST', v2, { body, authorization: stranger })).status).toBe(201)
  for (const base of [v1, v2]) {
    const { json } = await ask('GET', base, { authorization: stranger })
    const listed = json.detectors.filter((one: { name: string }) => one.name === name)
    expect(listed).toMatchObject([{ type: 'PhotoObjectDetector' }])
  }
})

test('a published version is seen and downloaded by every tenant, and changed by none of them', async () => {
  await createReady()
  await createVersion('2.0')
  expect((await publish()).status).toBe(204)
  const seen = await ask('GET', at(v2), { authorization: stranger })
  expect(seen.json.detector.versions).toMatchObject([{ versionNumber: '1.0', status: 'Ready' }])
  const file = await server.blob(seen.json.detector.versions[0].downloadUrl)
  expect(Buffer.compare(file.body, detectorArchive())).toBe(0)
  const listed = await ask('GET', v2, { authorization: stranger })
  expect(listed.json.detectors).toContainEqual({
    name,
    type: 'PhotoSegmentationDetector',
    latestVersion: '1.0',
  })

  for (const operation of changed.filter(({ method }) => method !== 'GET')) {
    const [body] = Object.values(operation.bodyExamples ?? {})
    const path = pathOf(operation, { detectorName: name, detectorVersion: '1.0' })
    const answer = await ask(operation.method, path, {
      authorization: stranger,
      ...(body !== undefined && { body }),
    })
    expect([answer.status, answer.json.error.code], path).toEqual([403, 'InsufficientPermissions'])
  }
  // Of the version that is not published they learn nothing.
  expect((await complete('2.0', { authorization: stranger })).json.error.code).toBe('DetectorNotFound')

  await ask('POST', at(v2, name, '/versions/1.0/unpublish'))
  expect((await ask('GET', at(v2), { authorization: stranger })).status).toBe(404)
})

test('a colleague sees everything and changes nothing, an admin of the tenant changes all', async () => {
  await createReady()
  expect((await ask('GET', at(v1), { authorization: colleague })).json.detector.versions).toHaveLength(1)
  expect((await publish({ authorization: colleague })).status).toBe(403)
  expect((await ask('DELETE', at(v1), { authorization: colleague })).status).toBe(403)
  expect((await publish({ authorization: admin })).status).toBe(204)
  expect((await ask('DELETE', at(v1), { authorization: admin })).status).toBe(204)
  const strange = await server.authorization({ org: 'other', subject: 'root', role: 'admin' })
  await create()
  expect((await ask('DELETE', at(v1), { authorization: strange })).status).toBe(404)
})

test('a published name belongs to one detector at a time', async () => {
  await createReady()
  const body = { detector: { name, type: 'PhotoSegmentationDetector', version: '1.0', labels: ['crack'] } }
  const theirs = await ask('POST', v1, { body, authorization: stranger })
  expect(theirs.status).toBe(201)
  await server.upload(theirs.json._links.uploadUrl.href, detectorArchive())
  expect((await complete('1.0', { authorization: stranger })).status).toBe(204)
  expect((await publish()).status).toBe(204)
  const refused = await publish({ authorization: stranger })
  expect([refused.status, details(refused)]).toEqual([
    400,
    [`A published detector has the name '${name}' already.`],
  ])
})

test('v1 and v2 speak of one library; in v1 a further version comes by the same name', async () => {
  await createReady()
  const detector = {
    name,
    type: 'PhotoSegmentationDetector',
    version: '1.1',
    labels: ['crack', 'rust'],
    exports: null,
  }
  const second = await ask('POST', v1, { body: { detector } })
  expect(second.status).toBe(201)
  expect(second.json.detector.versions).toMatchObject([
    { version: '1.0', status: 'Ready' },
    { version: '1.1', status: 'AwaitingData', capabilities: { labels: ['crack', 'rust'], exports: [] } },
  ])
  const other = { ...detector, type: 'PhotoObjectDetector', version: '1.2' }
  expect(details(await ask('POST', v1, { body: { detector: other } }))).toEqual([
    `Detector '${name}' is of type PhotoSegmentationDetector, got PhotoObjectDetector.`,
  ])
  await ask('PATCH', at(v1), { body: { detector: { displayName: 'Risse größer 1 mm' } } })
  const { json } = await ask('GET', at(v2))
  expect(json.detector.displayName).toBe('Risse größer 1 mm')
  expect(json.detector.versions.map((one: { versionNumber: string }) => one.versionNumber)).toEqual([
    '1.0',
    '1.1',
  ])
})

test('names are found in any letter case, and what is no name is no detector', async () => {
  await create()
  expect((await ask('GET', at(v2, name.toUpperCase()))).json.detector.name).toBe(name)
  for (const wrong of ['..', '%00', 'a b', '@acme', '@acme/a/b', '\u{1f600}', 'x'.repeat(5000)]) {
    expect((await ask('GET', at(v2, wrong))).status, wrong).toBe(404)
  }
})

test('the upload URL writes this one file, for an hour, and does nothing else', async () => {
  const url = await create()
  expect(url).toMatch(/sr=b&sp=w&se=2026-04-02T09%3A00%3A00Z&sig=/)
  const [path, query] = url.split('?') as [string, string]
  const put = { method: 'PUT', headers: { 'x-ms-blob-type': 'BlockBlob' }, body: 'x' }
  const refusals = [
    await server.blob(`${path}.bak?${query}`, put),
    await server.blob(`${path.replace(/\/%40acme.*/, '/other.zip')}?${query}`, put),
    await server.blob(`${path}?${query.replace('sr=b', 'sr=c')}`, put),
    await server.blob(`${path}?${query.replace('sp=w', 'sp=r')}`),
    await server.blob(url),
    await server.blob(url, { method: 'DELETE' }),
    await server.blob(`${path.replace(/\/%40acme.*/, '')}?restype=container&comp=list&${query}`),
  ]
  expect(refusals.map(({ status }) => status)).toEqual(refusals.map(() => 403))
  server.clock.now = new Date(server.clock.now.getTime() + 60 * 60_000)
  expect((await server.upload(url, 'x')).status).toBe(403)
  server.clock.now = new Date(server.clock.now.getTime() - 60 * 60_000)
  expect((await server.upload(url, 'x')).status).toBe(201)
})

test('more than a detector may have is refused while it is uploaded', async () => {
  const url = await create()
  expect((await server.upload(url, new Uint8Array(mostFileBytes + 1))).status).toBe(413)
  expect(details(await complete())).toEqual(['Expected a file at the uploadUrl of the version, got none.'])
})

test('a bad file is refused with the place at fault, leaves nothing, and a better one takes its place', async () => {
  const url = await create()
  const { versions } = (await server.detectors.find('acme', name))!
  const containers = async () => {
    const found: number[] = []
    for await (const { id, attempt } of server.blobs.containers())
      if (id === versions[0]!.id) found.push(attempt)
    return found
  }
  await server.upload(url, detectorArchive({ labels: [{ id: 1 }] }))
  expect(details(await complete())).toEqual([
    'alidade-detector.json: labels[0]: must have required properties name',
  ])
  expect(await containers()).toEqual([0])
  expect((await ask('GET', at(v2))).json.detector.versions[0].status).toBe('AwaitingData')
  await server.upload(url, detectorArchive())
  expect((await complete()).status).toBe(204)
  expect(await containers()).toEqual([2])
})

test('a version that is ready is what was looked at, whatever is uploaded afterwards', async () => {
  const url = await createReady()
  expect((await server.upload(url, 'something else')).status).toBe(409)
  // An upload that was under way when the version was completed ends where clients write.
  const { id, ready } = (await server.detectors.find('acme', name))!.versions[0]!
  await server.blobs.putBlob(
    { id, attempt: 0 },
    `${name}-1.0.zip`,
    (async function* () {
      yield Buffer.from('late')
    })(),
  )
  expect(Buffer.compare((await download()).body, detectorArchive())).toBe(0)
  expect(ready).toMatchObject({
    sha256: createHash('sha256').update(detectorArchive()).digest('hex'),
    sizeBytes: detectorArchive().length,
    description: { task: 'SemanticSegmentation2D', layout: 'class-scores', opset: 17 },
  })
  expect((await complete()).status).toBe(204)
})

test('of several who complete a version at once all hear that it is ready, and one file is kept', async () => {
  const url = await create()
  await server.upload(url, detectorArchive())
  const answers = await Promise.all(Array.from({ length: 5 }, () => complete()))
  expect(answers.map(({ status }) => status)).toEqual([204, 204, 204, 204, 204])
  expect((await download()).status).toBe(200)
})

test('a model alone is a detector too, and labels of the version name its classes', async () => {
  const url = await create({ labels: ['background', 'crack'], exports: [] })
  await server.upload(url, onnxModel())
  expect((await complete()).status).toBe(204)
  const { ready } = (await server.detectors.find('acme', name))!.versions[0]!
  expect(ready!.description.labels).toEqual([
    { id: 0, name: 'background' },
    { id: 1, name: 'crack' },
  ])
})

test('what is deleted is gone, its file with it, and the name is free', async () => {
  await createReady()
  const { id } = (await server.detectors.find('acme', name))!.versions[0]!
  const { json } = await ask('GET', at(v2))
  expect((await ask('DELETE', at(v2, name, '/versions/1.0'))).status).toBe(204)
  expect((await server.blob(json.detector.versions[0].downloadUrl)).status).toBe(404)
  for await (const container of server.blobs.containers()) expect(container.id).not.toBe(id)
  expect((await ask('DELETE', at(v2))).status).toBe(204)
  expect((await ask('DELETE', at(v2))).status).toBe(404)
  await create()
})

test('the list is filtered by what the latest version that is ready can do', async () => {
  await createReady()
  const names = async (filter: string) => {
    const { json } = await ask('GET', `${v2}?%24filter=${filter.replaceAll(' ', '+')}`)
    return json.detectors.map((one: { name: string }) => one.name).includes(name)
  }
  expect(await names("labels in ('rust','CRACK')")).toBe(true)
  expect(await names("exports in ('Polygons','lines') and labels in ('crack')")).toBe(true)
  expect(await names('not (labels eq crack)')).toBe(false)
  expect(await names("labels ne 'rust' and not exports in ('Objects')")).toBe(true)
  expect(await names("labels eq 'rust' or exports eq Lines")).toBe(true)
  const url = await createVersion('2.0', { labels: ['rust'], exports: ['Polygons'] })
  expect(await names("labels eq 'rust'")).toBe(false)
  await server.upload(url, detectorArchive())
  await complete('2.0')
  expect(await names("labels eq 'rust'")).toBe(true)
  expect(await names("labels eq 'crack'")).toBe(false)
})

test.each([
  ["labels in 'crack'", "Expected '(' at position 11"],
  ['labels', 'Expected one of eq, ne, in at position 7'],
  ["labels eq 'crack", 'Expected a closing quote'],
  ["labels eq 'crack' labels", "Expected 'and', 'or' or the end of the filter at position 19"],
  [`${'('.repeat(40)}labels eq a${')'.repeat(40)}`, 'Expected at most 32 nested parentheses'],
  [`${'not '.repeat(40)}labels eq a`, 'Expected at most 32 nested parentheses'],
  [`labels eq ${'a'.repeat(5000)}`, 'Expected a filter of at most 4096 characters'],
])('the filter %s is refused with its place', async (filter, message) => {
  const answer = await ask('GET', `${v2}?$filter=${encodeURIComponent(filter)}`)
  expect([answer.status, answer.json.error.target]).toEqual([400, '$filter'])
  expect(details(answer)[0]).toContain(message)
})

test.each<[string, object, string]>([
  ['a GUID for a name', { name: '7e5a3ab9-4d4c-4b25-9b19-8f8e1f0f2f10' }, "Property 'name' must be a name"],
  ['a path for a name', { name: '@acme/../x' }, "Property 'name' must be a name"],
  [
    'a script for a link',
    { documentationUrl: 'javascript:alert(1)' },
    "Property 'documentationUrl' must be an address",
  ],
  ['half a surrogate', { description: '\ud800' }, "Property 'description' must be well-formed text"],
  ['a list for a name', { name: ['a'] }, "Property 'name' must be a string"],
])('%s is refused at creation', async (_, changes, message) => {
  const answer = await ask('POST', v2, { body: { name, type: 'PhotoObjectDetector', ...changes } })
  expect([answer.status, answer.json.error.code]).toEqual([400, 'InvalidRealityAnalysisRequest'])
  expect(details(answer)[0]).toContain(message)
})

test('every fault of a request is told, with its place', async () => {
  const detector = { name: 'a b', type: 'Cat', version: '1', labels: [1], exports: ['Circles'] }
  const shape = await ask('POST', v1, { body: { detector } })
  expect([shape.status, shape.json.error.details.map(({ target }: { target: string }) => target)]).toEqual([
    400,
    ['detector.labels[0]', 'detector.exports[0]'],
  ])
  const meaning = await ask('POST', v1, { body: { detector: { ...detector, labels: [], exports: [] } } })
  expect(meaning.json.error.details.map(({ target }: { target: string }) => target)).toEqual([
    'detector.name',
    'detector.type',
    'detector.version',
  ])
})
