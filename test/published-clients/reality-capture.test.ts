// `@itwin/reality-capture`, unmodified: its Reality Management part and its up- and downloads. Every answer is also
// held to the schemas that the package publishes. Its jobs: reality-capture-jobs.test.ts.
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  ContainerDetailsSchema,
  DetailedErrorResponseSchema,
  Prefer,
  RealityCaptureService,
  RealityDataHandler,
  RealityDataMinimalSchema,
  RealityDataSchema,
  Type,
} from '@itwin/reality-capture'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type RedirectedCloud, redirectCloud } from './cloud-host.ts'

const iTwinId = randomUUID()
let folder: string
let cloud: RedirectedCloud
const authorization = { getAccessToken: async () => inject('authorization') }
const service = new RealityCaptureService(authorization)
const handler = new RealityDataHandler(authorization)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alidade-clients-'))
  cloud = redirectCloud(inject('serviceUrl'))
})
afterAll(async () => {
  cloud?.restore()
  await rm(folder, { recursive: true, force: true })
})

async function created(displayName: string, type = Type.LAS, of = iTwinId) {
  const { error, value } = await service.createRealityData({ displayName, type, iTwinId: of })
  expect(error).toBeNull()
  return value!
}

test('creates, gets, updates and deletes, and every answer fits the published schemas', async () => {
  const { id } = RealityDataSchema.parse(await created('one'))
  expect(RealityDataSchema.parse((await service.getRealityData(id, iTwinId)).value).id).toBe(id)
  const updated = await service.updateRealityData({ description: 'now described', authoring: true }, id)
  expect(updated.status_code).toBe(200)
  expect(RealityDataSchema.parse(updated.value)).toMatchObject({
    description: 'now described',
    authoring: true,
  })
  expect((await service.deleteRealityData(id)).status_code).toBe(204)
  expect((await service.getRealityData(id)).status_code).toBe(404)
})

test('lists by types, which it sends as a repeated parameter, in both representations', async () => {
  const own = randomUUID()
  for (const type of [Type.LAS, Type.LAZ, Type.OBJ]) await created(`a ${type}`, type, own)
  const filter = { iTwinId: own, types: [Type.LAS, Type.LAZ], $orderBy: 'displayName desc', $top: 1000 }
  const minimal = await service.getRealityDataList(filter, Prefer.MINIMAL)
  expect(cloud.sent.at(-1)!.path).toContain('types=LAS&types=LAZ')
  expect(minimal.value!.realityData.map((one) => RealityDataMinimalSchema.strict().parse(one).type)).toEqual([
    Type.LAZ,
    Type.LAS,
  ])
  const full = await service.getRealityDataList(filter, Prefer.REPRESENTATION)
  expect(full.value!.realityData.map((one) => RealityDataSchema.parse(one).size)).toEqual([0, 0])
})

test('uploads and downloads folders whose names hold spaces, umlauts and folders', async () => {
  const { id } = await created('folders', Type.THREE_MX)
  const source = join(folder, 'source')
  const files = { 'Scene.3mx': 'scene', 'Daten/Straße 1/größe.bin': 'x'.repeat(300_000), 'empty.txt': '' }
  await mkdir(join(source, 'Daten/Straße 1'), { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(source, name), text)

  const percentages: number[] = []
  handler.setProgressHook((percent) => percentages.push(percent) > 0)
  expect((await handler.uploadData(id, source, '', iTwinId)).error).toBeNull()
  expect(percentages.at(-1)).toBe(100)
  expect((await handler.uploadData(id, join(source, 'Scene.3mx'), 'second/')).error).toBeNull()

  const names = [...Object.keys(files), 'second/Scene.3mx'].sort()
  expect((await handler.listData(id)).value!.sort()).toEqual(names)
  const target = join(folder, 'target')
  expect((await handler.downloadData(id, target)).error).toBeNull()
  for (const [name, text] of Object.entries(files)) {
    expect(await readFile(join(target, name), 'utf8'), name).toBe(text)
  }
  const part = join(folder, 'part')
  expect((await handler.downloadData(id, part, 'second')).error).toBeNull()
  expect(await readFile(join(part, 'Scene.3mx'), 'utf8')).toBe('scene')

  expect((await handler.deleteData(id, ['second/Scene.3mx'])).status_code).toBe(204)
  expect((await handler.deleteData(id, ['never there'])).error!.error.details).toHaveLength(1)
  expect((await handler.listData(id)).value!.sort()).toEqual(Object.keys(files).sort())
})

test('gets both kinds of access in the published shape', async () => {
  const { id } = await created('access')
  const read = ContainerDetailsSchema.strict().parse((await service.getRealityDataReadAccess(id)).value)
  const write = ContainerDetailsSchema.strict().parse(
    (await service.getRealityDataWriteAccess(id, iTwinId)).value,
  )
  expect([read.access, write.access]).toEqual(['Read', 'Write'])
  // Older web clients find the blob's name by splitting the URL at the id.
  expect(read._links.containerUrl.href.split(id)).toHaveLength(2)
})

test('associates, moves and dissociates', async () => {
  const { id } = await created('moving')
  const other = randomUUID()
  expect((await service.getRealityDataITwins(id)).value).toEqual([iTwinId])
  expect((await service.moveRealityData(id, other)).status_code).toBe(204)
  expect((await service.dissociateRealityData(other, id)).status_code).toBe(204)
  expect((await service.associateRealityData(iTwinId, id)).status_code).toBe(200)
})

test('reads every refusal by the schema of errors that it publishes', async () => {
  const refusals = {
    RealityDataNotFound: await service.getRealityData(randomUUID()),
    InvalidRealityDataRequest: await service.getRealityDataList({ iTwinId, $top: 1001 }),
  }
  for (const [code, { status_code, error }] of Object.entries(refusals)) {
    expect(DetailedErrorResponseSchema.strict().parse(error).error.code).toBe(code)
    expect(status_code, code).toBe(code.endsWith('NotFound') ? 404 : 422)
  }
  expect(refusals.InvalidRealityDataRequest.error!.error.details![0]).toMatchObject({
    code: 'InvalidParameter',
    target: '$top',
  })
  const stranger = new RealityCaptureService({ getAccessToken: async () => 'Bearer of.no.meaning' })
  const { status_code, error } = await stranger.getRealityDataITwins(randomUUID())
  expect([status_code, DetailedErrorResponseSchema.parse(error).error.code]).toEqual([401, 'Unauthorized'])
})

test('its private fields take another host, with nothing wrapped', async () => {
  const direct = new RealityCaptureService(authorization)
  Object.assign(direct, { _serviceUrl: `${inject('serviceUrl')}/` })
  const directHandler = new RealityDataHandler(authorization)
  Object.assign(directHandler, { _realityCaptureService: direct })
  const { id } = await created('direct')
  const before = cloud.sent.length
  expect((await direct.getRealityData(id)).value!.displayName).toBe('direct')
  expect((await directHandler.listData(id)).value).toEqual([])
  expect(cloud.sent).toHaveLength(before)
})
