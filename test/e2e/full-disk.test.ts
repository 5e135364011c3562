// The disk of the whole service is full: what is there can be read and deleted, nothing is lost, and when there is space
// again everything goes on by itself.
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { PGlite } from '@electric-sql/pglite'
import { amcheck } from '@electric-sql/pglite/contrib/amcheck'
import { expect, onTestFinished } from 'vitest'
import type { Client } from '../../packages/client/src/index.ts'
import { makeSmallDisk, testOnSmallDisk } from '../../packages/server/src/disk/small-disk.fixture.ts'
import { processesIn, randomNumbers } from '../engine/processes.ts'
import { startProcess } from './service-process.ts'
import { clientOf, createChangeJob, uploadSurveys } from './survey-job.ts'
import { writeTwoEpochs } from './two-epochs.ts'

const often = { intervalsSeconds: [0.05] }
const iTwinId = randomUUID()

testOnSmallDisk(
  'with no byte free the service answers, deletes and cancels, and begins nothing; with space it goes on by itself',
  async () => {
    const disk = makeSmallDisk(400)
    const service = await startProcess({ parent: disk.path, flags: ['--threads', '1'] })
    onTestFinished(() => service.remove())
    const client = await clientOf(service)
    const scene = await sceneFolder()
    const large = await uploadSurveys(client, iTwinId, (await writeTwoEpochs(scene, 400_000)).paths)
    const small = await uploadSurveys(client, iTwinId, (await writeTwoEpochs(scene, 2_000)).paths)
    const [blob] = await uploadSurveys(
      client,
      iTwinId,
      (await writeTwoEpochs(scene, 1_000)).paths.slice(0, 1),
    )
    const running = await createChangeJob(client, iTwinId, large)
    const waiting = await createChangeJob(client, iTwinId, small)
    const unsubmitted = await createChangeJob(client, iTwinId, small)
    await client.jobs.submit(running)
    await client.jobs.submit(waiting)
    await until(async () => (await client.jobs.progress(running)).step === 'Read_Clouds')
    const scratch = join(service.dataDir, 'scratch')
    // Its runner stands still, so that the job is active for as long as this takes.
    for (const pid of await processesIn(scratch)) process.kill(pid, 'SIGSTOP')

    await disk.fill()
    const refused = await until(async () => {
      const answer = await put(client, small[0]!, 'more.las', Buffer.alloc(100_000))
      return answer.status === 201 ? undefined : answer
    })
    expect([refused.status, refused.headers.get('x-ms-error-code')]).toEqual([507, 'InsufficientStorage'])
    expect(refused.headers.get('retry-after')).toBe('60')

    expect(await client.jobs.progress(unsubmitted)).toMatchObject({ state: 'unsubmitted' })
    expect(await client.jobs.get(running)).toMatchObject({ state: 'active' })
    await expect(client.jobs.submit(unsubmitted)).rejects.toMatchObject({
      status: 422,
      details: [
        { code: 'InvalidValue', target: 'outputs', message: expect.stringContaining('needs 4 MB of disk') },
      ],
    })
    await client.jobs.cancel(running)
    await client.jobs.delete(unsubmitted)
    await client.realityData.delete(blob!)
    await until(async () => (await processesIn(scratch)).length === 0)
    await disk.fill()
    expect(await client.jobs.progress(running)).toMatchObject({ state: 'cancelled' })
    await expect(client.jobs.get(unsubmitted)).rejects.toMatchObject({ status: 404 })
    await expect(client.realityData.get(blob!)).rejects.toMatchObject({ status: 404 })
    // Longer than the agent lets the queue be.
    await delay(2500)
    expect(await client.jobs.progress(waiting)).toMatchObject({ state: 'active', step: 'Wait_In_Queue' })

    await disk.empty()
    expect(await client.waitForJob(waiting, often)).toMatchObject({ state: 'success' })
    expect((await put(client, small[0]!, 'more.las', Buffer.alloc(100_000))).status).toBe(201)
    expect(service.log()).not.toContain('PANIC')
    expect(await service.stop(), service.log()).toBe(0)
  },
  180_000,
)

const fills = Number(process.env.ALIDADE_DISK_FILLS ?? 2)

testOnSmallDisk(
  `of ${fills} disks that ran full at random moments of jobs and uploads none leaves a damaged database or loses a word`,
  async () => {
    const disk = makeSmallDisk(400)
    let service = await startProcess({ parent: disk.path, flags: ['--threads', '1'] })
    onTestFinished(() => service.remove())
    const client = await clientOf(service)
    const scene = await sceneFolder()
    const inputs = await uploadSurveys(client, iTwinId, (await writeTwoEpochs(scene, 5_000)).paths)
    const seed = Date.now() % 1e6
    const random = randomNumbers(seed)
    const stopping = new AbortController()
    const work = workAsClient(client, inputs, stopping.signal)
    for (let fill = 1; fill <= fills; fill++) {
      await delay(1500 * random())
      await disk.fill()
      // Now and then the power goes too, and the service has to come up on the full disk.
      const killed = random() < 0.2
      if (killed) {
        await service.kill()
        // Where the reserve was needed already there may be nothing left to start with.
        service = await service.restart().catch(async (error: Error) => {
          expect(error.message).toContain('ENOSPC')
          await disk.empty()
          return service.restart()
        })
      }
      await delay(500 * random())
      const job = work.created.at(-1)
      if (job !== undefined) await client.jobs.progress(job)
      await disk.empty()
      console.log(
        `seed ${seed}, fill ${fill}${killed ? ', killed and started on the full disk' : ''}: ${work.told()}`,
      )
    }
    stopping.abort()
    await work.done
    expect(work.unexpected).toEqual([])

    for (const id of work.submitted) {
      const { state } = await client.waitForJob(id, often)
      const { errors } = (await client.jobs.get(id)).executionInformation!
      expect([state, ...errors.map(({ code }) => code)]).toEqual(
        state === 'success' ? ['success'] : ['failed', 'DiskFull'],
      )
    }
    for (const id of work.created) expect((await client.jobs.get(id)).id).toBe(id)
    for (const { realityDataId, content } of work.uploaded) {
      const url = new URL(await client.realityData.readAccess(realityDataId))
      url.pathname += '/blob.bin'
      expect(Buffer.from(await (await fetch(url)).arrayBuffer()).equals(content)).toBe(true)
    }
    expect(await service.stop(), service.log()).toBe(0)
    expect(await faultsOfDatabase(join(service.dataDir, 'database'))).toEqual([])
  },
  120_000 + 30_000 * fills,
)

/** Creates, submits and uploads without a pause, and remembers what was acknowledged. */
function workAsClient(client: Client, inputs: string[], signal: AbortSignal) {
  const created: string[] = []
  const submitted: string[] = []
  const uploaded: { realityDataId: string; content: Buffer }[] = []
  const unexpected: string[] = []
  const refusals = new Map<number, number>()
  const turn = async (n: number) => {
    const id = await createChangeJob(client, iTwinId, inputs)
    created.push(id)
    if (n % 6 === 0) {
      await client.jobs.submit(id)
      submitted.push(id)
    }
    const { id: realityDataId } = await client.realityData.create({
      displayName: 'blob',
      type: 'LAS',
      iTwinId,
    })
    const content = randomBytes(200_000)
    const { status } = await put(client, realityDataId, 'blob.bin', content)
    if (status === 201) uploaded.push({ realityDataId, content })
    else refuse(status)
    if (n % 3 === 0) await client.realityData.delete(uploaded.shift()?.realityDataId ?? realityDataId)
  }
  const refuse = (status: number | undefined) => {
    if (status === undefined) return // it was killed
    refusals.set(status, (refusals.get(status) ?? 0) + 1)
    if (![422, 503, 507].includes(status)) unexpected.push(`status ${status}`)
  }
  const done = (async () => {
    for (let n = 0; !signal.aborted; n++) {
      await turn(n).catch((error: { status?: number }) => refuse(error.status))
      await delay(50)
    }
  })()
  return {
    created,
    submitted,
    uploaded,
    unexpected,
    done,
    told: () =>
      `${created.length} created, ${submitted.length} submitted, ${uploaded.length} uploads, refused ` +
      JSON.stringify(Object.fromEntries(refusals)),
  }
}

/** What PostgreSQL's own check finds in every table and index, their agreement included. */
async function faultsOfDatabase(folder: string): Promise<unknown[]> {
  const database = await PGlite.create({ dataDir: folder, extensions: { amcheck } })
  try {
    await database.exec('create extension amcheck')
    const tables = await database.query(
      `select relname, checked.* from pg_class, verify_heapam(oid) as checked where relkind in ('r', 't')`,
    )
    await database.query(
      `select bt_index_check(pg_class.oid, true) from pg_class join pg_am on pg_am.oid = relam
       where relkind = 'i' and amname = 'btree'`,
    )
    return tables.rows
  } finally {
    await database.close()
  }
}

async function put(client: Client, realityDataId: string, name: string, body: Buffer): Promise<Response> {
  const url = new URL(await client.realityData.writeAccess(realityDataId))
  url.pathname += `/${name}`
  return fetch(url, { method: 'PUT', headers: { 'x-ms-blob-type': 'BlockBlob' }, body: new Uint8Array(body) })
}

async function sceneFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'alidade-scene-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** The first value that counts. */
async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    await delay(10)
  }
}
