// What every adapter of the library of detectors does. Run it with `describeDetectorStore(name, open)`.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from './database.ts'
import { openDetectorRows } from './detector-rows.ts'
import type {
  DetectorRecord,
  DetectorStore,
  NewDetector,
  NewDetectorVersion,
  ReadyVersion,
} from './detector-store.ts'
import type { JobStore } from './job-store.ts'
import { openRealityDataRows } from './reality-data-rows.ts'

export interface OpenedStore {
  database: Database
  /** On the same database. */
  jobs: JobStore
  remove(): Promise<void>
}

const cracks: NewDetector = {
  name: 'cracks',
  type: 'PhotoSegmentationDetector',
  texts: { displayName: 'Cracks' },
}
const first: NewDetectorVersion = { number: '1.0', labels: ['crack'], exports: ['Lines', 'Polygons'] }
const ready: ReadyVersion = {
  attempt: 1,
  sizeBytes: 3_000_000_000,
  sha256: 'ab'.repeat(32),
  description: {
    ...{
      task: 'SemanticSegmentation2D',
      labels: [{ id: 1, name: 'crack' }],
      input: { width: 64, height: 64 },
    },
    ...{ modelBytes: 285, opset: 17, operators: ['Conv'] },
  },
}

export function describeDetectorStore(name: string, open: () => Promise<OpenedStore>): void {
  describe(`detector store on ${name}`, () => {
    let opened: OpenedStore
    let store: DetectorStore
    const now = new Date('2026-04-02T08:00:00.250Z')

    beforeAll(async () => {
      opened = await open()
      store = openDetectorRows({ database: opened.database, now: () => now, newId: randomUUID })
    })
    afterAll(() => opened.remove())

    /** Each test has tenants, and published names, of its own. */
    const newOrg = () => `org-${randomUUID()}`
    const newName = () => `cracks-${randomUUID()}`
    const ada = (org: string) => ({ org, userId: 'ada' })
    const create = async (
      org: string,
      detector: Partial<NewDetector> = {},
      version: NewDetectorVersion | undefined = first,
    ) => (await store.create(ada(org), { ...cracks, ...detector }, version))!
    async function makeReady(detector: DetectorRecord, index = 0, facts: Partial<ReadyVersion> = {}) {
      const { id } = detector.versions[index]!
      const attempt = (await store.nextAttempt(id))!
      expect(await store.complete(id, { ...ready, ...facts, attempt })).toBe(true)
      return id
    }

    test('a detector is found by its name in any letter case, by its own tenant only', async () => {
      const org = newOrg()
      const created = await create(org)
      expect(created).toMatchObject({ ...cracks, org, ownerId: 'ada', createdAt: now })
      expect(created.versions).toMatchObject([
        { ...first, creatorId: 'ada', published: false, ready: undefined },
      ])
      expect(await store.find(org, 'CRACKS')).toEqual(created)
      expect(await store.find(newOrg(), 'cracks')).toBeUndefined()
      expect(await store.list(newOrg())).not.toContainEqual(created)
    })

    test('a name is taken once in a tenant, and a number once in a detector', async () => {
      const org = newOrg()
      const { id } = await create(org)
      expect(await store.create(ada(org), { ...cracks, name: 'Cracks' })).toBeUndefined()
      expect(await store.addVersion(ada(org), id, first)).toBeUndefined()
      expect((await store.addVersion(ada(org), id, { ...first, number: '10.0' }))!.number).toBe('10.0')
      expect((await store.addVersion(ada(org), id, { ...first, number: '2.0' }))!.number).toBe('2.0')
      const { versions } = (await store.find(org, 'cracks'))!
      expect(versions.map(({ number }) => number)).toEqual(['1.0', '2.0', '10.0'])
      expect(await store.addVersion(ada(newOrg()), id, { ...first, number: '3.0' })).toBeUndefined()
    })

    test('texts are set one by one', async () => {
      const org = newOrg()
      const { id } = await create(org)
      expect(await store.setTexts(org, id, { description: 'In concrete.', displayName: undefined })).toBe(
        true,
      )
      expect((await store.find(org, 'cracks'))!.texts).toEqual({
        displayName: 'Cracks',
        description: 'In concrete.',
      })
      expect(await store.setTexts(newOrg(), id, { description: 'mine' })).toBe(false)
    })

    test('a version becomes ready once, with what was found, and clients write to it no more', async () => {
      const org = newOrg()
      const { versions } = await create(org)
      const { id } = versions[0]!
      expect(await store.resolveContainer(id)).toEqual({ container: { id, attempt: 0 }, writable: true })
      expect([await store.nextAttempt(id), await store.nextAttempt(id)]).toEqual([1, 2])
      expect(await store.complete(id, { ...ready, attempt: 2 })).toBe(true)
      expect(await store.complete(id, { ...ready, attempt: 1 })).toBe(false)
      expect(await store.nextAttempt(id)).toBeUndefined()
      expect((await store.find(org, 'cracks'))!.versions[0]!.ready).toEqual({ ...ready, attempt: 2 })
      expect(await store.resolveContainer(id)).toEqual({ container: { id, attempt: 2 }, writable: false })
      expect(await store.resolveContainer(randomUUID())).toBeUndefined()
      expect(await store.resolveContainer('no-guid')).toBeUndefined()
    })

    test('what is published is seen by everybody, and nothing else of the detector', async () => {
      const [org, other] = [newOrg(), newOrg()]
      const name = newName()
      const created = await create(org, { name })
      await store.addVersion(ada(org), created.id, { ...first, number: '2.0' })
      const id = await makeReady(created)
      expect(await store.find(other, name)).toBeUndefined()
      expect(await store.setPublished(org, id, true)).toBe(true)
      const seen = (await store.find(other, name))!
      expect(seen.versions.map(({ number, published }) => [number, published])).toEqual([['1.0', true]])
      expect((await store.list(other)).filter((one) => one.name === name)).toEqual([seen])
      expect((await store.find(org, name))!.versions).toHaveLength(2)
      await store.setPublished(org, id, false)
      expect(await store.find(other, name)).toBeUndefined()
      expect((await store.list(other)).some((one) => one.name === name)).toBe(false)
    })

    test('a version that awaits its file, or is of another tenant, is not published', async () => {
      const org = newOrg()
      const created = await create(org, { name: newName() })
      await store.setPublished(org, created.versions[0]!.id, true)
      expect((await store.find(org, created.name))!.versions[0]!.published).toBe(false)
      const id = await makeReady(created)
      await store.setPublished(newOrg(), id, true)
      expect((await store.find(org, created.name))!.versions[0]!.published).toBe(false)
    })

    test('a name is published once; a tenant with a detector of that name sees its own', async () => {
      const [org, other] = [newOrg(), newOrg()]
      const name = newName()
      const [mine, theirs] = [await create(org, { name }), await create(other, { name: name.toUpperCase() })]
      expect(await store.setPublished(org, await makeReady(mine), true)).toBe(true)
      expect(await store.setPublished(other, await makeReady(theirs), true)).toBe(false)
      expect((await store.find(other, name))!.id).toBe(theirs.id)
      expect((await store.list(other)).map(({ id }) => id)).toContain(theirs.id)
      expect((await store.list(other)).map(({ id }) => id)).not.toContain(mine.id)
      expect((await store.find(newOrg(), name))!.id).toBe(mine.id)
      await store.deleteVersion(org, mine.versions[0]!.id)
      expect(await store.setPublished(other, theirs.versions[0]!.id, true)).toBe(true)
    })

    test('what an active job runs with is not deleted, by whichever tenant', async () => {
      const [org, other] = [newOrg(), newOrg()]
      const created = await create(org, { name: newName() })
      const versionId = await makeReady(created)
      const spare = (await store.addVersion(ada(org), created.id, { ...first, number: '2.0' }))!
      const iTwinId = randomUUID()
      await openRealityDataRows({ database: opened.database, now: () => now, newId: randomUUID }).claimITwin(
        other,
        iTwinId,
      )
      const library = { name: created.name, version: '1.0', versionId }
      const inputs = [
        {
          name: 'photoObjectDetector',
          realityDataId: created.name,
          detector: { library, sha256: ready.sha256 },
        },
      ]
      const owner = { ...ada(other), email: '', clientId: 'sdk' }
      const job = await opened.jobs.create(owner, iTwinId, {
        ...{ type: 'changeDetection', name: 'job', inputs, outputs: ['objects3D'], options: {} },
        ...{ optionsSent: undefined, costParameters: undefined },
      })
      expect((await opened.jobs.get(other, job.id))!.inputs).toEqual(inputs)
      await opened.jobs.submit(other, job.id, [])
      expect(await store.delete(org, created.id)).toBe('used')
      expect(await store.deleteVersion(org, versionId)).toBe('used')
      expect(await store.deleteVersion(org, spare.id)).toEqual({ versionIds: [spare.id] })
      await opened.jobs.cancel(other, job.id)
      expect(await store.delete(org, created.id)).toEqual({ versionIds: [versionId] })
      expect(await store.find(org, created.name)).toBeUndefined()
    })

    test('what belongs to another tenant is not deleted', async () => {
      const org = newOrg()
      const created = await create(org)
      const empty = (await store.create(ada(org), { ...cracks, name: 'empty' }))!
      for (const { id } of [created, empty]) expect(await store.delete(newOrg(), id)).toBeUndefined()
      expect(await store.deleteVersion(newOrg(), created.versions[0]!.id)).toBeUndefined()
      expect((await store.list(org)).filter((one) => one.org === org)).toHaveLength(2)
      expect(await store.delete(org, empty.id)).toEqual({ versionIds: [] })
    })

    test('the sweeper frees what no version needs, and leaves what is just being looked at', async () => {
      const { id, versions } = await create(newOrg())
      const version = versions[0]!.id
      const at = (attempt: number) => ({ id: version, attempt })
      await store.nextAttempt(version)
      expect(await opened.jobs.unneeded([at(0), at(1)])).toEqual([])
      await store.complete(version, { ...ready, attempt: 1 })
      expect(await opened.jobs.unneeded([at(0), at(1), at(2)])).toEqual([at(0), at(2)])
      await opened.database.query('delete from detector where id = $1', [id])
      expect(await opened.jobs.unneeded([at(0), at(1)])).toEqual([at(0), at(1)])
    })
  })
}
