// What every adapter of the job store does with divided jobs. Run it with `describeJobTiles(name, open)`.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Owner, RequestedSettings } from './job-record.ts'
import type { OpenedJobStore } from './job-store-behaviour.ts'
import type { Attempt, JobStore } from './job-store.ts'

const owner: Owner = { org: 'acme', userId: 'ada', email: 'ada@example.org', clientId: 'sdk' }
const settings: RequestedSettings = {
  type: 'changeDetection',
  name: 'Valley',
  inputs: [
    { name: 'modelA', realityDataId: randomUUID() },
    { name: 'modelB', realityDataId: randomUUID() },
  ],
  outputs: ['objects3D'],
  options: { minPoints: 10 },
  optionsSent: undefined,
  costParameters: undefined,
}
const error = { code: 'InputData_Corrupt', title: 't', message: 'm', params: [] }
const tile = (name: string, seconds = 10) => ({
  name,
  files: [`${name}.points`],
  inputs: {},
  seconds,
  facts: { column: 3 },
  memoryMegabytes: 500,
})

export function describeJobTiles(name: string, open: () => Promise<OpenedJobStore>): void {
  describe(`divided jobs on ${name}`, () => {
    let store: OpenedJobStore
    let jobs: JobStore
    const iTwinId = randomUUID()

    beforeAll(async () => {
      store = await open()
      jobs = store.jobs
      await store.claimITwin('acme', iTwinId)
    })
    afterAll(() => store.remove())
    beforeEach(async () => {
      for (const agent of ['a', 'b', 'c']) await jobs.recover(agent)
      for (let job = await jobs.claim('a'); job; job = await jobs.claim('a'))
        await jobs.fail(attemptOf(job), [error])
      await jobs.forgetTiles()
    })

    const attemptOf = ({ id, attempt }: { id: string; attempt: number }): Attempt => ({ jobId: id, attempt })
    const claimed = async (agent = 'a') => {
      const job = await jobs.claim(agent)
      if (job === undefined) throw new Error('nothing to claim')
      return { job, attempt: attemptOf(job) }
    }
    /** A job that was divided at 10 %, a tenth of the rest of which is merging. */
    async function divided(...tiles: ReturnType<typeof tile>[]) {
      const { id } = await jobs.createSubmitted(owner, iTwinId, settings, [])
      const { attempt } = await claimed()
      await jobs.report(attempt, { percentage: 10, step: 'Read_Clouds' })
      const tileSeconds = tiles.reduce((sum, { seconds }) => sum + seconds, 0)
      const mergeSeconds = tileSeconds / 9
      expect(await jobs.divide(attempt, { tiles, mergeSeconds, places: 1, processingUnits: 0.5 })).toBe(true)
      return { id, attempt }
    }
    const progressOf = async (id: string) => (await jobs.progress('acme', id))!

    test('tiles are claimed by any agent, each once, in their order, and the job itself is not', async () => {
      const { id } = await divided(tile('west'), tile('east'))
      const [west, east] = [await claimed('a'), await claimed('b')]
      expect(west.job).toMatchObject({ tileOf: id, attempt: 1, tile: { name: 'west', facts: { column: 3 } } })
      expect(east.job).toMatchObject({ tileOf: id, tile: { name: 'east', files: ['east.points'] } })
      expect(await jobs.claim('c')).toBeUndefined()
    })

    test('when the last tile is done the job is claimed again, to be merged, and counts all that was spent', async () => {
      const { id, attempt } = await divided(tile('west'), tile('east'))
      const [west, east] = [await claimed('a'), await claimed('b')]
      expect(await jobs.succeed(west.attempt, { processingUnits: 2 })).toBe(true)
      expect(await jobs.claim('c')).toBeUndefined()
      expect(await jobs.succeed(east.attempt, { processingUnits: 3 })).toBe(true)
      const { job, attempt: merging } = await claimed('c')
      expect(job).toMatchObject({ id, attempt: 2, dividedAttempt: attempt.attempt })
      expect(job).not.toHaveProperty('tile')
      expect(await jobs.tiles(id)).toEqual([
        {
          tile: { name: 'west', files: ['west.points'], inputs: {}, seconds: 10, facts: { column: 3 } },
          container: { id: west.job.id, attempt: 1 },
        },
        expect.objectContaining({ container: { id: east.job.id, attempt: 1 } }),
      ])
      expect(await jobs.succeed(merging, { processingUnits: 1 })).toBe(true)
      expect(await jobs.get('acme', id)).toMatchObject({
        state: 'success',
        percentage: 100,
        processingUnits: 6.5,
      })
    })

    test('the percentage rises with the tiles, each by what it is expected to take', async () => {
      const { id } = await divided(tile('small', 10), tile('large', 30))
      expect(await progressOf(id)).toMatchObject({ state: 'active', percentage: 10 })
      const [small, large] = [await claimed('a'), await claimed('b')]
      await jobs.report(large.attempt, { percentage: 50, step: 'Compare_Clouds' })
      // Tiles are nine tenths of the 90 % that were left: 81 %, of which 15 s of 40 s are done.
      expect((await progressOf(id)).percentage).toBeCloseTo(10 + 81 * (15 / 40), 2)
      expect((await progressOf(id)).step).toBe('Compare_Clouds')
      await jobs.succeed(small.attempt, { processingUnits: 0 })
      expect((await progressOf(id)).percentage).toBeCloseTo(10 + 81 * (25 / 40), 2)
      await jobs.succeed(large.attempt, { processingUnits: 0 })
      expect((await progressOf(id)).percentage).toBeCloseTo(91, 1)
    })

    test('the step of a divided job is that of the tile furthest on', async () => {
      const { id } = await divided(tile('west'), tile('east'))
      const [west, east] = [await claimed('a'), await claimed('b')]
      await jobs.report(west.attempt, { percentage: 60, step: 'Cluster_Changes' })
      await jobs.report(east.attempt, { percentage: 10, step: 'Compare_Clouds' })
      expect((await progressOf(id)).step).toBe('Cluster_Changes')
    })

    test('the more agents live, the less of the run are its tiles', async () => {
      const agents = await Promise.all(
        ['x', 'y', 'z'].map((name) => store.announceAgent({ name, memoryLimitMegabytes: 1000 })),
      )
      const { id } = await divided(tile('a'), tile('b'), tile('c'))
      await Promise.all(agents.map((agent) => agent.leave()))
      for (const agent of ['a', 'b', 'c'])
        await jobs.succeed((await claimed(agent)).attempt, { processingUnits: 0 })
      // 30 s on three agents are 10 s, and 3.33 s of merging come after them.
      expect((await progressOf(id)).percentage).toBeCloseTo(10 + 90 * 0.75, 1)
    })

    test('the percentage never decreases when a tile is lost and begins anew', async () => {
      const { id } = await divided(tile('west'), tile('east'))
      const west = await claimed('a')
      await jobs.report(west.attempt, { percentage: 80, step: 'Compare_Clouds' })
      const before = (await progressOf(id)).percentage
      expect(await jobs.retry(west.attempt, { cause: 'SIGKILL' })).toBe('active')
      const again = await claimed('b')
      expect(again.job).toMatchObject({ id: west.job.id, attempt: 2 })
      await jobs.report(again.attempt, { percentage: 5, step: 'Read_Clouds' })
      expect((await progressOf(id)).percentage).toBe(before)
    })

    test('what a lost attempt at a tile still says changes nothing', async () => {
      const { id } = await divided(tile('west'))
      const lost = await claimed('a')
      await store.letLeasesLapse()
      await claimed('b')
      expect(await jobs.report(lost.attempt, { percentage: 90, step: 'Compare_Clouds' })).toBe(false)
      expect(await jobs.succeed(lost.attempt, { processingUnits: 9 })).toBe(false)
      expect(await jobs.fail(lost.attempt, [error])).toBe(false)
      expect(await progressOf(id)).toMatchObject({ state: 'active', percentage: 10 })
    })

    test('a tile that a second attempt has done is merged from the files of that attempt, and no others of it are kept', async () => {
      const { id } = await divided(tile('west'))
      const lost = await claimed('a')
      await jobs.retry(lost.attempt, { cause: 'SIGKILL' })
      const again = await claimed('b')
      await jobs.succeed(again.attempt, { processingUnits: 0 })
      const ofWest = (attempt: number) => ({ id: lost.job.id, attempt })
      expect((await jobs.tiles(id)).map(({ container }) => container)).toEqual([ofWest(2)])
      expect(await jobs.unneeded([ofWest(1), ofWest(2)])).toEqual([ofWest(1)])
    })

    test('the lease of a tile is held by the word of its attempt, not by that of one that was lost', async () => {
      await divided(tile('west'))
      const lost = await claimed('a')
      await jobs.retry(lost.attempt, { cause: 'SIGKILL' })
      const again = await claimed('b')
      await store.letLeasesLapse()
      expect(await jobs.heartbeat(lost.attempt)).toBe(false)
      expect((await claimed('c')).job).toMatchObject({ id: again.job.id, attempt: 3 })
      const { attempt } = await divided(tile('east')).then(() => claimed('a'))
      await store.letLeasesLapse()
      expect(await jobs.heartbeat(attempt)).toBe(true)
      expect(await jobs.claim('b')).toBeUndefined()
    })

    test('a tile that fails fails its job, and the other tiles are to be stopped', async () => {
      const { id } = await divided(tile('west'), tile('east'), tile('north'))
      const heard: (string | undefined)[] = []
      const unsubscribe = await jobs.onChange((jobId) => heard.push(jobId))
      const [west, east] = [await claimed('a'), await claimed('b')]
      expect(await jobs.fail(west.attempt, [error])).toBe(true)
      expect(await jobs.get('acme', id)).toMatchObject({ state: 'failed', errors: [error] })
      await expect.poll(() => heard).toContain(id)
      await unsubscribe()
      expect(await jobs.heartbeat(east.attempt)).toBe(false)
      expect(await jobs.report(east.attempt, { percentage: 50, step: 'Compare_Clouds' })).toBe(false)
      expect(await jobs.claim('c')).toBeUndefined()
    })

    test('a tile that has lost its last worker fails its job', async () => {
      const { id } = await divided(tile('west'))
      for (const agent of ['a', 'b', 'c'])
        await jobs.retry((await claimed(agent)).attempt, { cause: 'SIGKILL' })
      expect(await jobs.get('acme', id)).toMatchObject({ state: 'failed', errors: [{ code: 'WorkerLost' }] })
    })

    test('a cancelled job is being stopped until the last of its tiles has stopped', async () => {
      const { id } = await divided(tile('west'), tile('east'))
      const [west, east] = [await claimed('a'), await claimed('b')]
      await jobs.cancel('acme', id)
      expect(await progressOf(id)).toMatchObject({ state: 'cancelled', terminatingUntil: expect.any(Date) })
      expect(await jobs.heartbeat(west.attempt)).toBe(false)
      await jobs.release(west.attempt)
      expect((await progressOf(id)).terminatingUntil).toBeInstanceOf(Date)
      await jobs.release(east.attempt)
      expect(await progressOf(id)).toMatchObject({ state: 'cancelled', terminatingUntil: undefined })
    })

    test('warnings of tiles are warnings of the job, the same one once', async () => {
      const { id } = await divided(tile('west'), tile('east'))
      const warning = { code: 'Crs_Missing', title: 't', message: 'm', params: [] }
      for (const agent of ['a', 'b']) {
        const { attempt } = await claimed(agent)
        await jobs.report(attempt, { percentage: 1, step: 'Compare_Clouds', warnings: [warning] })
      }
      expect((await jobs.get('acme', id))!.warnings).toEqual([warning])
    })

    test('clients see no tile: not in lists, not by its id', async () => {
      await divided(tile('west'))
      const { job } = await claimed('a')
      for (const version of ['v1', 'v2'] as const) {
        const { jobs: listed } = await jobs.list({
          org: 'acme',
          version,
          filter: undefined,
          top: 1000,
          userId: undefined,
          after: undefined,
        })
        expect(listed.map(({ id }) => id)).not.toContain(job.id)
      }
      expect(await jobs.get('acme', job.id)).toMatchObject({ versions: [] })
    })

    test('what tiles and their divider wrote is needed until the job has ended', async () => {
      const { id, attempt } = await divided(tile('west'))
      const west = await claimed('a')
      const files = [
        { id, attempt: attempt.attempt },
        { id: west.job.id, attempt: 1 },
      ]
      expect(await jobs.unneeded([...files, { id: west.job.id, attempt: 7 }])).toEqual([
        { id: west.job.id, attempt: 7 },
      ])
      await jobs.succeed(west.attempt, { processingUnits: 0 })
      expect(await jobs.unneeded(files)).toEqual([])
      const merging = await claimed('b')
      expect(await jobs.unneeded(files)).toEqual([])
      await jobs.succeed(merging.attempt, { processingUnits: 0 })
      expect(await jobs.unneeded(files)).toHaveLength(2)
      await jobs.forgetTiles()
      expect(await jobs.tiles(id)).toEqual([])
    })

    test('tiles of a running job are not forgotten, nor those that somebody still works on', async () => {
      const { id } = await divided(tile('west'), tile('east'))
      const west = await claimed('a')
      await jobs.forgetTiles()
      expect(await jobs.tiles(id)).toHaveLength(2)
      await jobs.cancel('acme', id)
      await jobs.forgetTiles()
      expect(await jobs.tiles(id)).toHaveLength(1)
      await jobs.release(west.attempt)
      await jobs.forgetTiles()
      expect(await jobs.tiles(id)).toEqual([])
    })

    test('tiles that nobody works on go with the end of their job, whoever ends it', async () => {
      const cancelled = await divided(tile('west'), tile('east'))
      await jobs.succeed((await claimed('a')).attempt, { processingUnits: 1 })
      await jobs.cancel('acme', cancelled.id)
      expect(await jobs.tiles(cancelled.id)).toEqual([])
      expect(await progressOf(cancelled.id)).toMatchObject({
        state: 'cancelled',
        terminatingUntil: undefined,
      })

      const merged = await divided(tile('west'))
      await jobs.succeed((await claimed('a')).attempt, { processingUnits: 1 })
      const { attempt } = await claimed('b')
      expect(await jobs.tiles(merged.id)).toHaveLength(1)
      await jobs.succeed(attempt, { processingUnits: 1 })
      expect(await jobs.tiles(merged.id)).toEqual([])

      const failed = await divided(tile('west'))
      await jobs.succeed((await claimed('a')).attempt, { processingUnits: 1 })
      await jobs.fail((await claimed('b')).attempt, [error])
      expect(await jobs.tiles(failed.id)).toEqual([])
    })

    test('tiles of which one is worked on stay, for whoever does so to remove what all of them wrote', async () => {
      const { id } = await divided(tile('west'), tile('east'))
      await jobs.succeed((await claimed('a')).attempt, { processingUnits: 1 })
      const east = await claimed('b')
      await jobs.cancel('acme', id)
      expect(await jobs.tiles(id)).toHaveLength(2)
      await jobs.release(east.attempt)
      await jobs.forgetTiles()
      expect(await jobs.tiles(id)).toEqual([])
    })

    test('an attempt that is not the current one divides nothing', async () => {
      const { id } = await jobs.createSubmitted(owner, iTwinId, settings, [])
      const { attempt } = await claimed()
      await store.letLeasesLapse()
      await claimed('b')
      const late = { tiles: [tile('west')], mergeSeconds: 1, places: 1, processingUnits: 0 }
      expect(await jobs.divide(attempt, late)).toBe(false)
      expect(await jobs.tiles(id)).toEqual([])
    })

    test('an agent that starts again gives back the tiles that its predecessor had', async () => {
      await divided(tile('west'))
      const west = await claimed('a')
      expect(await jobs.recover('a')).toContain(west.job.id)
      expect((await claimed('b')).job).toMatchObject({ id: west.job.id, attempt: 2 })
    })
  })
}
