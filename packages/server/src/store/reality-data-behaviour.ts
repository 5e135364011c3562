// What every adapter of the reality data store does. Run it with `describeRealityDataStore(name, open)`.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from './database.ts'
import type { Owner, RequestedSettings } from './job-record.ts'
import type { JobStore } from './job-store.ts'
import { openRealityDataRows } from './reality-data-rows.ts'
import type {
  RealityDataProperties,
  RealityDataQuery,
  RealityDataRecord,
  RealityDataStore,
} from './reality-data-store.ts'

export interface OpenedStore {
  database: Database
  /** On the same database. */
  jobs: JobStore
  remove(): Promise<void>
}

const ada: Owner = { org: 'acme', userId: 'ada', email: 'ada@example.org', clientId: 'sdk' }
const start = new Date('2026-04-02T08:00:00.250Z')
const quarry: RealityDataProperties = {
  displayName: 'Quarry, March',
  type: 'LAZ',
  description: 'Flight over the northern quarry',
  tags: ['quarry', '2026'],
  rootDocument: 'quarry.laz',
  extent: { southWest: { latitude: 47, longitude: 8 }, northEast: { latitude: 48, longitude: 9 } },
}

export function describeRealityDataStore(name: string, open: () => Promise<OpenedStore>): void {
  describe(`reality data store on ${name}`, () => {
    let opened: OpenedStore
    let store: RealityDataStore
    let clock = start
    const laterBy = (seconds: number) => {
      clock = new Date(clock.getTime() + seconds * 1000)
    }

    beforeAll(async () => {
      opened = await open()
      store = openRealityDataRows({ database: opened.database, now: () => clock, newId: randomUUID })
    })
    afterAll(() => opened.remove())

    /** Each test lists a tenant of its own. */
    const newOrg = () => `org-${randomUUID()}`
    const names = async (query: Partial<RealityDataQuery> & { org: string }) =>
      (await store.list({ top: 100, ...query })).realityData.map(({ properties }) => properties.displayName)
    const create = (org: string, properties: Partial<RealityDataProperties> = {}, iTwinId?: string) =>
      store.create({ org, userId: 'ada' }, iTwinId, { ...quarry, ...properties })

    async function jobWith(inputs: RealityDataRecord[]) {
      const iTwinId = randomUUID()
      expect(await store.claimITwin('acme', iTwinId)).toBe(true)
      const settings: RequestedSettings = {
        type: 'changeDetection',
        name: 'Quarry',
        inputs: inputs.map(({ id }, i) => ({ name: i === 0 ? 'modelA' : 'modelB', realityDataId: id })),
        outputs: ['objects3D'],
        options: {},
        optionsSent: undefined,
        costParameters: undefined,
      }
      const job = await opened.jobs.create(ada, iTwinId, settings)
      return { id: job.id, output: job.outputs[0]!.realityDataId }
    }

    test('what was created can be read again, with the times of its creation', async () => {
      const record = await create('acme')
      expect(record).toMatchObject({ org: 'acme', ownerId: 'ada', attempt: 0, properties: quarry })
      expect(record.iTwinIds).toEqual([])
      expect(record.linkedFolder).toBeUndefined()
      expect(record.jobId).toBeUndefined()
      expect([record.createdAt, record.modifiedAt, record.lastAccessedAt]).toEqual([clock, clock, clock])
      expect(await store.get('acme', record.id)).toEqual(record)
      expect(await store.get('acme', record.id.toUpperCase())).toEqual(record)
    })

    test('for another tenant, as for an unknown id and for what is no GUID, there is nothing', async () => {
      const { id } = await create('acme')
      const iTwinId = randomUUID()
      for (const [org, wanted] of [
        ['evil', id],
        ['acme', randomUUID()],
        ['acme', "'; drop table job"],
      ] as const) {
        expect(await store.get(org, wanted)).toBeUndefined()
        expect(await store.access(org, wanted)).toBeUndefined()
        expect(await store.update(org, wanted, { displayName: 'mine' })).toBeUndefined()
        expect(await store.associate(org, wanted, iTwinId)).toBeUndefined()
        expect(await store.dissociate(org, wanted, iTwinId)).toBeUndefined()
        expect(await store.move(org, wanted, iTwinId)).toBeUndefined()
        expect(await store.delete(org, wanted)).toBeUndefined()
      }
      expect((await store.get('acme', id))?.properties.displayName).toBe('Quarry, March')
    })

    test('an update sets what it names, keeps the rest and renews the time of modification', async () => {
      const { id, createdAt } = await create('acme')
      laterBy(5)
      const updated = await store.update('acme', id, { displayName: 'April', tags: [] })
      expect(updated?.properties).toEqual({ ...quarry, displayName: 'April', tags: [] })
      expect(updated).toMatchObject({ createdAt, modifiedAt: clock, lastAccessedAt: createdAt })
      expect(await store.get('acme', id)).toEqual(updated)
    })

    test('an access is remembered once a minute', async () => {
      const { id, lastAccessedAt } = await create('acme')
      laterBy(59)
      expect((await store.access('acme', id))?.lastAccessedAt).toEqual(lastAccessedAt)
      laterBy(1)
      expect((await store.access('acme', id))?.lastAccessedAt).toEqual(clock)
      expect((await store.get('acme', id))?.lastAccessedAt).toEqual(clock)
    })

    test('a list holds one tenant, newest first, and pages do not overlap while others create', async () => {
      const org = newOrg()
      for (const displayName of ['a', 'b', 'c', 'd', 'e']) {
        await create(org, { displayName })
        if (displayName !== 'b') laterBy(1)
      }
      await create(newOrg(), { displayName: 'foreign' })
      const all = await names({ org })
      expect(all).toHaveLength(5)
      expect(all.slice(0, 2)).toEqual(['e', 'd'])

      const seen: string[] = []
      for (let after: RealityDataQuery['after'], page = 0; page < 3; page++) {
        const { realityData, next } = await store.list({ org, top: 2, after })
        seen.push(...realityData.map(({ properties }) => properties.displayName))
        expect(next === undefined).toBe(page === 2)
        after = next
        await create(org, { displayName: `late ${page}` })
      }
      expect(seen).toEqual(all)
    })

    test('a list can be ordered by each property, both ways, and paged in that order', async () => {
      const org = newOrg()
      for (const displayName of ['Öl', 'beta', 'Alpha', 'alpha']) {
        await create(org, { displayName, type: 'LAS' })
        laterBy(1)
      }
      const ordered: string[] = []
      const orderBy = { property: 'displayName', descending: false } as const
      for (let after: RealityDataQuery['after'], more = true; more && ordered.length < 9; ) {
        const { realityData, next } = await store.list({ org, top: 1, orderBy, after })
        ordered.push(...realityData.map(({ properties }) => properties.displayName))
        after = next
        more = next !== undefined
      }
      expect(ordered.map((text) => text.toLowerCase())).toEqual(['alpha', 'alpha', 'beta', 'öl'])
      for (const property of ['createdDateTime', 'modifiedDateTime', 'lastAccessedDateTime'] as const) {
        const wanted = ['Öl', 'beta', 'Alpha', 'alpha']
        expect(await names({ org, orderBy: { property, descending: false } })).toEqual(wanted)
        const first = await store.list({ org, top: 3, orderBy: { property, descending: true } })
        const rest = await names({
          org,
          orderBy: { property, descending: true },
          after: first.next,
        })
        expect(rest).toEqual(['Öl'])
      }
      expect(await names({ org, orderBy: { property: 'type', descending: true } })).toHaveLength(4)
    })

    test('a list is filtered by iTwin, types, text, owner and tag', async () => {
      const org = newOrg()
      const iTwinId = randomUUID()
      await store.claimITwin(org, iTwinId)
      await create(org, { displayName: 'in', type: 'LAS', tags: ['x'] }, iTwinId)
      await create(org, { displayName: 'out', type: 'ContextScene', dataset: '100% Ähre_', description: '' })
      await store.create({ org, userId: 'bob' }, undefined, { displayName: 'bare', type: 'Cesium3DTiles' })

      expect(await names({ org, iTwinId })).toEqual(['in'])
      expect(await names({ org, iTwinId: iTwinId.toUpperCase() })).toEqual(['in'])
      expect(await names({ org, iTwinId: randomUUID() })).toEqual([])
      expect(await names({ org, iTwinId: 'quarry' })).toEqual([])
      expect((await names({ org, types: ['las', 'CONTEXTSCENE'] })).sort()).toEqual(['in', 'out'])
      expect(await names({ org, search: '0% ähRE_' })).toEqual(['out'])
      expect(await names({ org, search: '0%ähre' })).toEqual([])
      expect(await names({ org, search: 'northern' })).toEqual(['in'])
      expect(await names({ org, ownerId: 'bob' })).toEqual(['bare'])
      expect(await names({ org, tag: 'x' })).toEqual(['in'])
      expect(await names({ org, tag: '2' })).toEqual([])
      expect(await names({ org, tag: 'x', types: ['LAZ'] })).toEqual([])
    })

    test('a list is filtered by times, in whole seconds, both ends included', async () => {
      const org = newOrg()
      clock = new Date('2026-05-01T10:00:03.900Z')
      const { id } = await create(org, {
        acquisition: { startDateTime: '2026-03-30T09:00:00Z', endDateTime: '2026-03-30T11:00:00+01:00' },
      })
      await create(org, { displayName: 'undated' })
      await store.update(org, id, { displayName: 'dated' })
      const at = (text: string) => new Date(`2026-05-01T10:00:${text}Z`)
      const day = (text: string) => new Date(`2026-03-30T${text}Z`)
      for (const property of ['created', 'modified', 'lastAccessed'] as const) {
        expect(await names({ org, [property]: { from: at('03'), to: at('03') } })).toHaveLength(2)
        expect(await names({ org, [property]: { from: at('04'), to: undefined } })).toEqual([])
        expect(await names({ org, [property]: { from: undefined, to: at('02') } })).toEqual([])
      }
      expect(await names({ org, acquired: { from: day('10:00:00'), to: day('12:00:00') } })).toEqual([
        'dated',
      ])
      expect(await names({ org, acquired: { from: day('10:00:01'), to: undefined } })).toEqual([])
      expect(await names({ org, acquired: { from: undefined, to: day('08:59:59') } })).toEqual([])
      expect(await names({ org, acquired: { from: undefined, to: undefined } })).toEqual(['dated'])
    })

    test('a list is filtered by extents that meet, across the 180th meridian too', async () => {
      const org = newOrg()
      const box = (south: number, west: number, north: number, east: number) => ({
        southWest: { latitude: south, longitude: west },
        northEast: { latitude: north, longitude: east },
      })
      await create(org, { displayName: 'Alps', extent: box(45, 6, 48, 14) })
      await create(org, { displayName: 'Fiji', extent: box(-20, 177, -15, -178) })
      await store.create({ org, userId: 'ada' }, undefined, { displayName: 'nowhere', type: 'LAS' })
      const meeting = async (...corners: Parameters<typeof box>) =>
        (await names({ org, extent: box(...corners) })).sort()

      expect(await meeting(47, 8, 47.5, 9)).toEqual(['Alps'])
      expect(await meeting(48, 14, 50, 20)).toEqual(['Alps'])
      expect(await meeting(48.1, 8, 50, 9)).toEqual([])
      expect(await meeting(45, 14.1, 48, 176)).toEqual([])
      expect(await meeting(-90, -180, 90, 180)).toEqual(['Alps', 'Fiji'])
      expect(await meeting(-18, -180, -17, -179)).toEqual(['Fiji'])
      expect(await meeting(-18, 178, -17, 179)).toEqual(['Fiji'])
      expect(await meeting(-18, -177, -17, 176)).toEqual([])
      expect(await meeting(-18, 170, -17, -170)).toEqual(['Fiji'])
      expect(await meeting(-90, 13, 90, 5)).toEqual(['Alps', 'Fiji'])
      expect(await meeting(-90, 15, 90, 5)).toEqual(['Fiji'])
    })

    test('an iTwin belongs to the tenant that comes first, also when two come at once', async () => {
      const iTwinId = randomUUID()
      const claims = await Promise.all(['acme', 'evil'].map((org) => store.claimITwin(org, iTwinId)))
      expect(claims.filter(Boolean)).toHaveLength(1)
      const [owner, other] = claims[0] ? ['acme', 'evil'] : ['evil', 'acme']
      expect(await store.claimITwin(owner!, iTwinId.toUpperCase())).toBe(true)
      expect(await store.claimITwin(other!, iTwinId)).toBe(false)
      expect(await store.claimITwin('acme', 'quarry')).toBe(false)
    })

    test('reality data belongs to the iTwins it was associated with, in that order, and to each once', async () => {
      const org = newOrg()
      const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()]
      for (const iTwinId of [first, second, third]) await store.claimITwin(org, iTwinId)
      const { id } = await create(org, {}, first)
      expect((await store.associate(org, id, second.toUpperCase()))?.iTwinIds).toEqual([first, second])
      expect((await store.associate(org, id, second))?.iTwinIds).toEqual([first, second])
      for (const iTwinId of [first, second]) expect(await names({ org, iTwinId })).toHaveLength(1)
      expect(await names({ org, iTwinId: third })).toEqual([])
      expect(await store.dissociate(org, id, third)).toBeUndefined()
      expect((await store.dissociate(org, id, first))?.iTwinIds).toEqual([second])
      expect(await names({ org, iTwinId: first })).toEqual([])
      expect((await store.dissociate(org, id, second))?.iTwinIds).toEqual([])
    })

    test('of associations that come at once none is lost', async () => {
      const org = newOrg()
      const { id } = await create(org)
      const iTwinIds = Array.from({ length: 8 }, () => randomUUID())
      await Promise.all(iTwinIds.map((iTwinId) => store.claimITwin(org, iTwinId)))
      await Promise.all(iTwinIds.map((iTwinId) => store.associate(org, id, iTwinId)))
      expect((await store.get(org, id))?.iTwinIds.sort()).toEqual(iTwinIds.sort())
    })

    test('what belongs to more than one iTwin is neither moved nor deleted', async () => {
      const org = newOrg()
      const [first, second] = [randomUUID(), randomUUID()]
      await store.claimITwin(org, first)
      await store.claimITwin(org, second)
      const { id } = await create(org)
      expect((await store.move(org, id, first))?.iTwinIds).toEqual([first])
      await store.associate(org, id, second)
      expect(await store.move(org, id, second)).toBeUndefined()
      expect(await store.delete(org, id)).toEqual({ inITwins: 2 })
      expect((await store.dissociate(org, id, first))?.iTwinIds).toEqual([second])
      expect((await store.move(org, id, first))?.iTwinIds).toEqual([first])
      expect(await store.delete(org, id)).toMatchObject({ deleted: true })
    })

    test('a deletion is written down with the row that goes, until its files are settled', async () => {
      const { id } = await create('acme')
      const mine = async (before: Date) =>
        (await store.removals(before)).filter((removal) => removal.id === id)
      expect(await mine(clock)).toEqual([])
      expect(await store.delete('evil', id)).toBeUndefined()
      expect(await mine(clock)).toEqual([])
      await store.delete('acme', id)
      expect(await mine(new Date(clock.getTime() - 1))).toEqual([])
      expect(await mine(clock)).toEqual([{ id, attempt: 0, requestedAt: clock }])
      await store.settleRemoval(id)
      expect(await mine(clock)).toEqual([])
    })

    test('linked data shows a folder, is read only, and its deletion asks for the removal of nothing', async () => {
      const org = newOrg()
      const folder = '/srv/scans/März 2026'
      const record = await store.create({ org, userId: 'ada' }, undefined, quarry, { folder })
      expect(record.linkedFolder).toBe(folder)
      expect(await store.get(org, record.id)).toEqual(record)
      expect(await store.resolveContainer(record.id)).toEqual({
        container: { id: record.id, attempt: 0, linkedFolder: folder },
        writable: false,
      })
      expect(await store.delete(org, record.id)).toEqual({ deleted: true, linkedFolder: folder })
      expect((await store.removals(clock)).map(({ id }) => id)).not.toContain(record.id)
    })

    test('what clients upload is one container that they may write into', async () => {
      const { id } = await create('acme')
      expect(await store.resolveContainer(id)).toEqual({ container: { id, attempt: 0 }, writable: true })
      expect(await store.delete('acme', id)).toMatchObject({ deleted: true })
      expect(await store.resolveContainer(id)).toBeUndefined()
      expect(await store.get('acme', id)).toBeUndefined()
      expect(await store.delete('acme', id)).toBeUndefined()
      expect(await store.resolveContainer('quarry')).toBeUndefined()
    })

    test('an output is an empty container, read only, until an attempt succeeds, and then the one of that attempt', async () => {
      const { id, output } = await jobWith([await create('acme')])
      expect(await store.resolveContainer(output)).toEqual({
        container: { id: output, attempt: 0 },
        writable: false,
      })
      expect(await store.get('acme', output)).toMatchObject({ jobId: id, attempt: undefined })
      await opened.jobs.submit('acme', id, [])
      const claimed = await opened.jobs.claim('agent')
      expect(claimed?.id).toBe(id)
      expect(await store.delete('acme', output)).toEqual({ inUseBy: id })
      await opened.jobs.succeed({ jobId: id, attempt: 1 }, { processingUnits: 0 })
      expect(await store.resolveContainer(output)).toEqual({
        container: { id: output, attempt: 1 },
        writable: false,
      })
      expect(await store.delete('acme', output)).toMatchObject({ deleted: true })
    })

    test('an input is kept while a job that reads it is active, not before and not after', async () => {
      const [before, during] = [await create('acme'), await create('acme')]
      const { id, output } = await jobWith([before, during])
      expect(await store.delete('acme', output)).toEqual({ inUseBy: id })
      expect(await store.delete('acme', before.id)).toMatchObject({ deleted: true })
      await opened.jobs.submit('acme', id, [])
      expect(await store.delete('acme', during.id)).toEqual({ inUseBy: id })
      expect(await store.delete('evil', during.id)).toBeUndefined()
      await opened.jobs.cancel('acme', id)
      expect(await store.delete('acme', during.id)).toMatchObject({ deleted: true })
    })

    test('what a scene of an active job refers to is kept like its inputs', async () => {
      const [scene, referred] = [await create('acme', { type: 'ContextScene' }), await create('acme')]
      const { id } = await jobWith([scene])
      expect(await store.delete('acme', (await create('acme')).id)).toMatchObject({ deleted: true })
      await opened.jobs.submit('acme', id, [], { reads: [scene.id, referred.id] })
      expect(await store.delete('acme', referred.id)).toEqual({ inUseBy: id })
      expect(await store.delete('acme', scene.id)).toEqual({ inUseBy: id })
      await opened.jobs.cancel('acme', id)
      expect(await store.delete('acme', referred.id)).toMatchObject({ deleted: true })
    })
  })
}
