// What operators are told, of a real database and a real folder, over HTTP.
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { getJob } from '@alidade/contract'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { blobFolderReadiness } from './blobs/check-folder.ts'
import { type DiskWatch, watchDisk } from './disk/watch-disk.ts'
import { startApp, type TestApp } from './http/app.fixture.ts'
import { registerOperation } from './http/operation-route.ts'
import type { Readiness } from './http/readiness.ts'
import { observeService } from './observe-service.ts'
import type { Owner, RequestedSettings } from './store/job-record.ts'
import { openTestStore, type TestStore } from './store/test-store.ts'

const owner: Owner = { org: 'acme-tenant', userId: 'ada', email: 'ada@example.org', clientId: 'sdk' }
const settings: RequestedSettings = {
  type: 'changeDetection',
  name: 'Quarry in March',
  inputs: [],
  outputs: [],
  options: {},
  optionsSent: undefined,
  costParameters: undefined,
}
const iTwinId = randomUUID()

let store: TestStore
let blobFolder: string
let readiness: Readiness
let observed: ReturnType<typeof observeService>
let server: TestApp
let disk: DiskWatch
let logged: { code?: string; level: number }[] = []
beforeAll(async () => {
  store = await openTestStore()
  blobFolder = join(store.dataDir, 'blobs')
  await mkdir(blobFolder)
  const log = pino({ level: 'warn' }, { write: (line: string) => logged.push(JSON.parse(line)) })
  disk = await watchDisk({ folder: store.dataDir, reserve: false, lowWaterBytes: undefined, log })
  observed = observeService({
    database: store.database,
    disk,
    blobs: blobFolderReadiness(blobFolder),
    log,
  })
  readiness = observed.readiness
  server = await startApp(
    async (app) => registerOperation(app, getJob, () => ({ status: 200, body: { job: {} as never } })),
    observed,
  )
  await store.database.query('insert into itwin values ($1, $2, now())', [iTwinId, owner.org])
})
afterAll(async () => {
  await server.close()
  await disk.stop()
  await rm(store.dataDir, { recursive: true, force: true })
})

/** The status of /readyz and the codes of its reasons. */
async function ready(): Promise<unknown[]> {
  const answer = await fetch(`${server.url}/readyz`)
  const body = (await answer.json()) as {
    status?: string
    error?: { code: string; details: { code: string }[] }
  }
  return [
    answer.status,
    body.status ?? body.error?.code,
    ...(body.error?.details ?? []).map(({ code }) => code),
  ]
}
const good = [200, 'ok']

/** Every sample of /metrics by its name and labels. */
async function metrics(): Promise<Map<string, number>> {
  const answer = await fetch(`${server.url}/metrics`)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  const samples = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    samples.map((line) => {
      const [, name = '', value = ''] = /^([a-z0-9_]+(?:\{.*\})?) (\S+)$/.exec(line) ?? expect.fail(line)
      return [name, Number(value)]
    }),
  )
}

describe('/readyz', () => {
  test('is 200 while the database answers and the folder takes files, of which none stays', async () => {
    expect(await ready()).toEqual(good)
    expect(await readdir(blobFolder)).toEqual([])
  })

  test('is 503 while no file can be made in the blob folder, and says so to the log with the reason', async () => {
    await rename(blobFolder, `${blobFolder}-away`)
    await expect
      .poll(ready, { timeout: 10_000 })
      .toEqual([503, 'ServiceUnavailable', 'BlobFolderUnavailable'])
    expect(logged).toContainEqual(
      expect.objectContaining({
        code: 'BlobFolderUnavailable',
        err: expect.objectContaining({ code: 'ENOENT' }),
      }),
    )
    await rename(`${blobFolder}-away`, blobFolder)
    await expect.poll(ready, { timeout: 10_000 }).toEqual(good)
  })

  test('is 503 while the database lacks a migration of this program', async () => {
    await store.database.query('update migration set number = number + 1000')
    await expect.poll(ready, { timeout: 10_000 }).toEqual([503, 'ServiceUnavailable', 'DatabaseUnavailable'])
    await store.database.query('update migration set number = number - 1000')
    await expect.poll(ready, { timeout: 10_000 }).toEqual(good)
  })

  test('asks the database twice a second at most, however often it is asked', async () => {
    const { query } = store.database
    let asked = 0
    store.database.query = (text, values) => {
      asked++
      return query.call(store.database, text, values) as never
    }
    const began = performance.now()
    await Promise.all(Array.from({ length: 50 }, ready))
    const windows = Math.ceil((performance.now() - began) / 500) + 1
    store.database.query = query
    expect(asked).toBeLessThanOrEqual(windows)
  })
})

describe('/metrics', () => {
  test('counts jobs by state, those that wait, those that are worked on, and lost workers', async () => {
    const { jobs } = store
    const created = () => jobs.create(owner, iTwinId, settings)
    const submitted = async () => jobs.submit(owner.org, (await created()).id, [])
    await created()
    for (let i = 0; i < 3; i++) await submitted()
    const claimed = await jobs.claim('agent')
    await jobs.retry({ jobId: claimed!.id, attempt: claimed!.attempt }, { cause: 'SIGKILL' })
    const again = await jobs.claim('agent')
    await jobs.succeed({ jobId: again!.id, attempt: again!.attempt }, { processingUnits: 0 })
    await jobs.claim('agent')
    const found = await metrics()
    expect({
      unsubmitted: found.get('alidade_jobs{state="unsubmitted"}'),
      active: found.get('alidade_jobs{state="active"}'),
      success: found.get('alidade_jobs{state="success"}'),
      failed: found.get('alidade_jobs{state="failed"}'),
      waiting: found.get('alidade_queue_length'),
      underWay: found.get('alidade_active_attempts'),
      losses: found.get('alidade_job_losses'),
    }).toEqual({ unsubmitted: 1, active: 2, success: 1, failed: 0, waiting: 1, underWay: 1, losses: 1 })
  })

  test('counts requests by the pattern of their route and their status, and puts each into its bucket', async () => {
    const route = '/realitydataanalysis/jobs/:jobId'
    const headers = await server.bearer()
    for (let i = 0; i < 3; i++)
      await fetch(`${server.url}/realitydataanalysis/jobs/${randomUUID()}`, { headers })
    await fetch(`${server.url}/realitydataanalysis/jobs/${randomUUID()}`)
    await fetch(`${server.url}/no/such/path-${randomUUID()}`)
    const of = (what: string, labels: string) => `http_request_duration_seconds_${what}{${labels}}`
    const answered = `method="GET",route="${route}",status="200"`
    await expect.poll(async () => (await metrics()).get(of('count', answered)), { timeout: 10_000 }).toBe(3)
    const found = await metrics()
    expect(found.get(of('count', `method="GET",route="${route}",status="401"`))).toBe(1)
    expect(found.get(of('count', 'method="GET",route="none",status="404"'))).toBe(1)
    expect(found.get(of('bucket', `${answered},le="+Inf"`))).toBe(3)
    const buckets = [...found].filter(([name]) => name.startsWith(of('bucket', answered).slice(0, -1)))
    const counts = buckets.map(([, value]) => value)
    expect(counts).toEqual([...counts].sort((a, b) => a - b))
    const seconds = found.get(of('sum', answered))!
    expect(seconds).toBeGreaterThan(0)
    expect(seconds).toBeLessThan(60)
  })

  test('tells of the process and of the space that is left', async () => {
    const found = await metrics()
    for (const name of [
      'process_resident_memory_bytes',
      'process_cpu_seconds_total',
      'alidade_disk_free_bytes',
    ]) {
      expect(found.get(name), name).toBeGreaterThan(0)
    }
  })

  test('names no tenant, no job and nothing that a client called something', async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text()
    expect(text).not.toMatch(/acme|ada|Quarry|[0-9a-f]{8}-[0-9a-f]{4}-|such\/path/i)
  })
})

test('once told to stop it is not ready, and every answer ends its connection', async () => {
  await expect.poll(ready, { timeout: 10_000 }).toEqual(good)
  expect((await fetch(`${server.url}/healthz`)).headers.get('connection')).toBe('keep-alive')
  readiness.drain()
  expect(await ready()).toEqual([503, 'ServiceUnavailable', 'Draining'])
  const headers = await server.bearer()
  for (const path of ['/healthz', `/realitydataanalysis/jobs/${randomUUID()}`, '/nothing']) {
    expect((await fetch(server.url + path, { headers })).headers.get('connection'), path).toBe('close')
  }
})

test('sweeps are counted, with what they removed by reason', async () => {
  const container = (sizeBytes: number, reason: 'deleted' | 'unreferenced') => ({
    ...{ id: randomUUID(), attempt: 0, reason, sizeBytes },
  })
  const containers = [container(10, 'deleted'), container(5, 'unreferenced'), container(7, 'deleted')]
  observed.metrics.swept({ containers, leftovers: { filesRemoved: 1, bytesRemoved: 100 } })
  observed.metrics.swept(undefined)
  const samples = await metrics()
  for (const [name, value] of [
    ['alidade_sweeps_total{result="done"}', 1],
    ['alidade_sweeps_total{result="failed"}', 1],
    ['alidade_swept_containers_total{reason="deleted"}', 2],
    ['alidade_swept_bytes_total{reason="deleted"}', 17],
    ['alidade_swept_bytes_total{reason="unreferenced"}', 5],
    ['alidade_swept_bytes_total{reason="half_upload"}', 100],
  ] as const)
    expect([name, samples.get(name)]).toEqual([name, value])
})

test('without its database the process still lives, and tells all numbers but those of the jobs', async () => {
  logged = []
  await store.close()
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  // What was counted lately is told a little longer.
  const told = async () =>
    [...(await metrics()).keys()].filter((name) => /^alidade_(?!sweep|swept)/.test(name))
  const ofTheDisk = ['alidade_disk_free_bytes', 'alidade_disk_low']
  await expect.poll(told, { timeout: 10_000, interval: 500 }).toEqual(ofTheDisk)
  expect(logged.length).toBeGreaterThan(0)
})
