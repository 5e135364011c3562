// Folders of the host as reality data, over HTTP and by a storage SDK.
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  deleteRealityData,
  getReadAccess,
  getRealityData,
  getWriteAccess,
  linkRealityData,
  listLinkedRealityData,
  listRealityData,
  updateRealityData,
} from '@alidade/contract'
import { ContainerClient, type RestError } from '@azure/storage-blob'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LinkedPlace, makeLinkedPlace } from '../../linked/linked-folder.fixture.ts'
import {
  type RealityManagementTestServer,
  startRealityManagementTestServer,
} from './reality-management-test-server.ts'

let place: LinkedPlace
let server: RealityManagementTestServer
beforeAll(async () => {
  place = await makeLinkedPlace()
  server = await startRealityManagementTestServer([place.root])
  await mkdir(join(place.folder, 'tiles'))
  await writeFile(join(place.folder, 'Grüße.las'), bytes)
  await writeFile(join(place.folder, 'tiles', '1.las'), 'one tile')
  await symlink(join(place.outside, 'secret.las'), join(place.folder, 'out.las'))
})
afterAll(async () => {
  await server.stop()
  await place.remove()
})

const bytes = Buffer.alloc(300_000, 'the points')
const admin = { role: 'admin' }
const link = (body: object = {}, as: object = admin) =>
  server.ask(linkRealityData, {
    body: { folder: place.folder, displayName: 'Quarry', type: 'LAS', ...body },
    as,
  })
const linked = async (body: object = {}) => {
  const { status, json } = await link(body)
  expect(status).toBe(201)
  return json.linkedRealityData.realityData.id as string
}
const container = async (realityDataId: string) => {
  const { json } = await server.ask(getReadAccess, { params: { realityDataId } })
  return new ContainerClient(json._links.containerUrl.href, undefined, { retryOptions: { maxTries: 1 } })
}
const listed = async (client: ContainerClient) => {
  const names: string[] = []
  for await (const blob of client.listBlobsFlat()) names.push(blob.name)
  return names
}
const statusOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: RestError) => error.statusCode,
  )

test('an administrator links a folder, and it is reality data like any other', async () => {
  const iTwinId = randomUUID()
  const { status, json } = await link({ iTwinId, tags: ['Quarry'], rootDocument: 'Grüße.las' })
  expect(status).toBe(201)
  const { folder, reachable, realityData } = json.linkedRealityData
  expect([folder, reachable]).toEqual([place.folder, true])
  expect(realityData).toMatchObject({ displayName: 'Quarry', type: 'LAS', tags: ['quarry'], size: 293 })
  const params = { realityDataId: realityData.id }
  const colleague = { subject: 'bob' }
  expect((await server.ask(getRealityData, { params, as: colleague })).json).toEqual({ realityData })
  const list = await server.ask(listRealityData, { query: { iTwinId }, as: colleague })
  expect(list.json.realityData.map(({ id }: { id: string }) => id)).toEqual([realityData.id])
  const updated = await server.ask(updateRealityData, {
    params,
    body: { displayName: 'April' },
    as: colleague,
  })
  expect(updated.json.realityData.displayName).toBe('April')
  expect((await server.ask(getRealityData, { params, as: { org: 'evil' } })).status).toBe(404)
})

test('a storage SDK lists and reads the files, ranges and conditions too', async () => {
  const client = await container(await linked())
  expect(await listed(client)).toEqual(['Grüße.las', 'tiles/1.las'])
  const blob = client.getBlobClient('Grüße.las')
  expect(
    createHash('md5')
      .update(await blob.downloadToBuffer())
      .digest(),
  ).toEqual(createHash('md5').update(bytes).digest())
  expect((await blob.downloadToBuffer(100_000, 10)).toString()).toBe(
    bytes.subarray(100_000, 100_010).toString(),
  )
  const { etag, contentLength } = await blob.getProperties()
  expect(contentLength).toBe(bytes.length)
  expect(await statusOf(blob.download(0, 10, { conditions: { ifMatch: etag! } }))).toBe('done')
  expect(await statusOf(blob.download(0, 10, { conditions: { ifMatch: '"0x1"' } }))).toBe(412)
  expect(await statusOf(client.getBlobClient('out.las').download())).toBe(404)
  const [path, sas] = client.url.split('?')
  expect((await fetch(`${path}/..%2fother%2fsecret.las?${sas}`)).status).toBe(400)
})

test('nobody gets to write to it, neither by asking nor with a URL that would let them', async () => {
  const id = await linked()
  const refused = await server.ask(getWriteAccess, { params: { realityDataId: id } })
  expect(refused.status).toBe(422)
  expect(refused.json.error.details).toEqual([
    { code: 'InvalidChange', message: 'The reality data is a linked folder, which is read only.' },
  ])
  const client = await container(id)
  const upload = (name: string) => client.getBlockBlobClient(name).upload('x', 1)
  expect(await statusOf(upload('new.las'))).toBe(403)
  const writing = new ContainerClient(server.signed(id, 'racwdl'), undefined, {
    retryOptions: { maxTries: 1 },
  })
  expect(await listed(writing)).toEqual(['Grüße.las', 'tiles/1.las'])
  const [fresh, old] = [writing.getBlockBlobClient('new.las'), writing.getBlockBlobClient('Grüße.las')]
  const tried = [
    () => fresh.upload('x', 1),
    () => old.upload('x', 1),
    () => fresh.stageBlock('AAAA', 'x', 1),
    () => old.commitBlockList([]),
    () => old.delete(),
  ]
  for (const write of tried) expect(await statusOf(write())).toBe(409)
  expect(await readFile(join(place.folder, 'Grüße.las'))).toEqual(bytes)
  expect((await readdir(place.folder)).sort()).toEqual(['Grüße.las', 'out.las', 'tiles'])
})

test('deleting it takes the record and leaves the files', async () => {
  const id = await linked()
  const client = await container(id)
  expect((await server.ask(deleteRealityData, { params: { realityDataId: id } })).status).toBe(204)
  expect(await statusOf(listed(client))).toBe(404)
  expect((await server.ask(getRealityData, { params: { realityDataId: id } })).status).toBe(404)
  expect(await readFile(join(place.folder, 'Grüße.las'))).toEqual(bytes)
  expect(await readFile(join(place.folder, 'tiles', '1.las'), 'utf8')).toBe('one tile')
})

test('whoever is no administrator is refused, whatever the folder', async () => {
  for (const folder of [place.folder, '/etc', join(place.root, 'missing')]) {
    const { status, json } = await link({ folder }, {})
    expect([status, json.error.code]).toEqual([403, 'InsufficientPermissions'])
  }
  expect((await server.ask(listLinkedRealityData)).status).toBe(403)
  expect((await link({}, { ...admin, scope: 'realitydata:read' })).status).toBe(401)
})

test('a folder outside of the roots is answered like one that is not there', async () => {
  const answers = []
  for (const folder of [
    place.outside,
    '/etc',
    '/etc/missing',
    join(place.root, 'missing'),
    `${place.root}/../elsewhere`,
  ]) {
    const { status, text } = await link({ folder })
    answers.push([status, text])
  }
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  expect(answers[0]![0]).toBe(422)
  expect(JSON.parse(answers[0]![1] as string).error).toMatchObject({
    code: 'InvalidRealityDataRequest',
    target: 'folder',
    details: [{ code: 'InvalidValue', target: 'folder' }],
  })
  for (const body of [
    { folder: 'scans' },
    { folder: '' },
    { folder: undefined },
    { type: undefined },
    { description: '<' },
  ])
    expect([body, (await link(body)).status]).toEqual([body, 422])
})

test('an administrator sees the linked folders of the tenant, and which cannot be reached', async () => {
  const as = { org: 'surveyors', ...admin }
  const other = join(place.root, 'other')
  await link({ displayName: 'March' }, as)
  await link({ displayName: 'Other', folder: other }, as)
  const found = async () => {
    const { status, json } = await server.ask(listLinkedRealityData, { as })
    expect(status).toBe(200)
    return Object.fromEntries(
      json.linkedRealityData.map((each: { folder: string; reachable: boolean }) => [
        each.folder,
        each.reachable,
      ]),
    )
  }
  expect(await found()).toEqual({ [place.folder]: true, [other]: true })
  await rename(other, `${other}-away`)
  expect(await found()).toEqual({ [place.folder]: true, [other]: false })
  await rename(`${other}-away`, other)
})
