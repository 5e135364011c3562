// What every adapter of the job store does. Run it with `describeJobStore(name, open)`.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Owner, RequestedSettings } from './job-record.ts'
import type { Attempt, JobStore } from './job-store.ts'
import type { RealityDataRow } from './job-store-fixture.ts'
import type { Presence } from './process-registry.ts'

export interface OpenedJobStore {
  jobs: JobStore
  /** Makes the iTwin exist for the tenant. */
  claimITwin(org: string, iTwinId: string): Promise<void>
  outputRows(jobId: string): Promise<RealityDataRow[]>
  /** As if no agent had been heard of for too long. */
  letLeasesLapse(): Promise<void>
  announceAgent(agent: { name: string; memoryLimitMegabytes: number }): Promise<Presence>
  /** Ends every lease as if its holder had died, the row left as it is; then opens the same data again. */
  restart(): Promise<OpenedJobStore>
  remove(): Promise<void>
}

const owner: Owner = { org: 'acme', userId: 'ada', email: 'ada@example.org', clientId: 'sdk' }
const settings: RequestedSettings = {
  type: 'changeDetection',
  name: 'Quarry',
  inputs: [
    { name: 'modelA', realityDataId: randomUUID() },
    { name: 'modelB', realityDataId: randomUUID() },
  ],
  outputs: ['objects3D'],
  options: { minPoints: 10 },
  optionsSent: { minPoints: '10' },
  costParameters: undefined,
}
const loss = { cause: 'SIGKILL' }
const noError = { code: 'Internal', title: 't', message: 'm', params: [] }

export function describeJobStore(name: string, open: () => Promise<OpenedJobStore>): void {
  describe(`job store on ${name}`, () => {
    let store: OpenedJobStore
    let jobs: JobStore
    const iTwinId = randomUUID()

    beforeAll(async () => {
      store = await open()
      jobs = store.jobs
      await store.claimITwin('acme', iTwinId)
    })
    afterAll(() => store.remove())
    // Each test finds an empty queue and nothing under way.
    beforeEach(async () => {
      for (const agent of ['agent-1', 'agent-2', 'a', 'b', 'c', 'd']) await jobs.recover(agent)
      for (let job = await claim('cleaner'); job; job = await claim('cleaner')) {
        await jobs.fail({ jobId: job.id, attempt: job.attempt }, [noError])
      }
    })

    const claim = (agent: string, working: string[] = []) => jobs.claim(agent, { working })
    const created = () => jobs.create(owner, iTwinId, settings)
    const submitted = async () => {
      const { id } = await created()
      await jobs.submit('acme', id, [])
      return id
    }
    const claimed = async () => {
      const id = await submitted()
      const job = await claim('agent-1')
      expect(job?.id).toBe(id)
      return { jobId: id, attempt: job!.attempt }
    }
    const stateOf = async (id: string) => (await jobs.get('acme', id))?.state

    test('a created job is unsubmitted, at 0 %, with an empty output reality data', async () => {
      const job = await created()
      expect(job).toMatchObject({
        state: 'unsubmitted',
        percentage: 0,
        step: '',
        attempt: 0,
        optionsSent: { minPoints: '10' },
      })
      expect(await jobs.get('acme', job.id)).toEqual(job)
      expect(await store.outputRows(job.id)).toEqual([
        { id: job.outputs[0]!.realityDataId, output: 'objects3D', attempt: null, type: 'ContextScene' },
      ])
    })

    test('a job of another tenant, an unknown id and an id that is no GUID are all no job', async () => {
      const { id } = await created()
      for (const [org, wanted] of [
        ['other', id],
        ['acme', randomUUID()],
        ['acme', 'x'],
      ] as const) {
        expect(await jobs.get(org, wanted)).toBeUndefined()
        expect(await jobs.progress(org, wanted)).toBeUndefined()
        expect(await jobs.submit(org, wanted, [])).toBeUndefined()
        expect(await jobs.cancel(org, wanted)).toBeUndefined()
        expect(await jobs.delete(org, wanted)).toBeUndefined()
        expect(await jobs.changeSettings(org, wanted, settings)).toBeUndefined()
      }
      expect(await stateOf(id)).toBe('unsubmitted')
    })

    test('an unsubmitted job can be changed and keeps the reality data of outputs that stay', async () => {
      const job = await created()
      const change = await jobs.changeSettings('acme', job.id, {
        ...settings,
        name: 'Bridge',
        outputs: ['objects3D', 'exportedLocations3DGeoJSON'],
      })
      expect(change).toMatchObject({ changed: true, job: { name: 'Bridge' } })
      const after = (await jobs.get('acme', job.id))!
      expect(after.outputs[0]).toEqual(job.outputs[0])
      expect((await store.outputRows(job.id)).map((row) => row.output).sort()).toEqual([
        'exportedLocations3DGeoJSON',
        'objects3D',
      ])
      await jobs.changeSettings('acme', job.id, { ...settings, outputs: ['exportedLocations3DGeoJSON'] })
      expect((await store.outputRows(job.id)).map((row) => row.id)).toEqual([after.outputs[1]!.realityDataId])
    })

    test('an unsubmitted job can be deleted, its output reality data go with it', async () => {
      const { id } = await created()
      expect(await jobs.delete('acme', id)).toMatchObject({ changed: true })
      expect(await jobs.get('acme', id)).toBeUndefined()
      expect(await jobs.progress('acme', id)).toBeUndefined()
      expect(await store.outputRows(id)).toEqual([])
    })

    test('a submitted job is refused to be deleted or changed, and submitting it again changes nothing', async () => {
      const id = await submitted()
      expect(await jobs.delete('acme', id)).toMatchObject({ refused: { state: 'active' } })
      expect(await jobs.changeSettings('acme', id, settings)).toMatchObject({ refused: { state: 'active' } })
      expect(await jobs.submit('acme', id, [])).toMatchObject({ changed: false, job: { state: 'active' } })
      expect((await claim('agent-1'))?.id).toBe(id)
      expect(await claim('agent-1')).toBeUndefined()
    })

    test('a submitted job waits in the queue at 0 % until an agent claims it', async () => {
      const id = await submitted()
      expect(await jobs.progress('acme', id)).toMatchObject({
        state: 'active',
        percentage: 0,
        step: 'Wait_In_Queue',
      })
      const job = await claim('agent-1')
      expect(job).toMatchObject({ id, attempt: 1, state: 'active' })
      expect(job?.startedAt).toBeInstanceOf(Date)
    })

    test('jobs are claimed in the order they were submitted, each once', async () => {
      const ids = [await submitted(), await submitted(), await submitted()]
      const claims = await Promise.all([claim('a'), claim('b'), claim('c'), claim('d')])
      expect(claims.map((job) => job?.id).sort()).toEqual([...ids, undefined].sort())
    })

    test('the percentage never decreases, whatever is reported', async () => {
      const attempt = await claimed()
      for (const [reported, shown] of [
        [10, 10],
        [35.5, 35.5],
        [20, 35.5],
        [250, 99.999],
        [0, 99.999],
      ] as const) {
        await jobs.report(attempt, { percentage: reported, step: 'Read_Clouds' })
        expect((await jobs.progress('acme', attempt.jobId))?.percentage).toBe(shown)
        expect((await jobs.get('acme', attempt.jobId))?.percentage).toBe(shown)
      }
    })

    test('100 % comes with success and the outputs of the attempt, in one step', async () => {
      const attempt = await claimed()
      await jobs.report(attempt, { percentage: 100, step: 'Write_Results' })
      expect((await jobs.get('acme', attempt.jobId))?.percentage).toBeLessThan(100)
      expect(await jobs.succeed(attempt, { processingUnits: 0.5 })).toBe(true)
      expect(await jobs.get('acme', attempt.jobId)).toMatchObject({
        state: 'success',
        percentage: 100,
        step: 'Write_Results',
        exitCode: 0,
        processingUnits: 0.5,
      })
      expect(await store.outputRows(attempt.jobId)).toMatchObject([{ attempt: 1 }])
    })

    test('a stale attempt can neither report nor succeed nor fail nor be retried, a current one ends once', async () => {
      const stale = await claimed()
      expect(await jobs.retry(stale, loss)).toBe('active')
      const again = await claim('agent-2')
      const current = { jobId: again!.id, attempt: again!.attempt }
      expect(current).toEqual({ jobId: stale.jobId, attempt: 2 })
      expect(await jobs.report(stale, { percentage: 90, step: 'Write_Results' })).toBe(false)
      expect(await jobs.succeed(stale, { processingUnits: 0 })).toBe(false)
      expect(await jobs.fail(stale, [noError])).toBe(false)
      expect(await jobs.retry(stale, loss)).toBeUndefined()
      expect(await jobs.get('acme', stale.jobId)).toMatchObject({ state: 'active', percentage: 0 })
      expect(await jobs.succeed(current, { processingUnits: 0 })).toBe(true)
      expect(await jobs.succeed(current, { processingUnits: 0 })).toBe(false)
      expect(await store.outputRows(stale.jobId)).toMatchObject([{ attempt: 2 }])
    })

    test('the percentage survives a retry', async () => {
      const attempt = await claimed()
      await jobs.report(attempt, { percentage: 42, step: 'Compare_Clouds' })
      await jobs.retry(attempt, loss)
      const again = (await claim('agent-2'))!
      await jobs.report({ jobId: again.id, attempt: again.attempt }, { percentage: 3, step: 'Read_Clouds' })
      expect(await jobs.progress('acme', again.id)).toMatchObject({ percentage: 42, step: 'Read_Clouds' })
    })

    test('a job that was under way goes on before those that wait', async () => {
      const attempt = await claimed()
      const waiting = await submitted()
      await jobs.retry(attempt)
      expect((await claim('agent-1'))?.id).toBe(attempt.jobId)
      expect((await claim('agent-1'))?.id).toBe(waiting)
    })

    test('containers of ended attempts and of no reality data are unneeded, the current and the bound one are not', async () => {
      const attempt = await claimed()
      const { outputs } = (await jobs.get('acme', attempt.jobId))!
      const id = outputs[0]!.realityDataId
      const nobody = { id: randomUUID(), attempt: 1 }
      const unneeded = async () => {
        const all = [{ id, attempt: 1 }, { id, attempt: 2 }, nobody]
        // In no order.
        const found = (await jobs.unneeded(all)).map((container) => JSON.stringify(container))
        expect(new Set(found).size).toBe(found.length)
        return all.filter((container) => found.includes(JSON.stringify(container)))
      }
      expect(await jobs.unneeded([])).toEqual([])
      expect(await unneeded()).toEqual([{ id, attempt: 2 }, nobody])
      await jobs.retry(attempt, loss)
      const again = (await claim('agent-1'))!
      expect(await unneeded()).toEqual([{ id, attempt: 1 }, nobody])
      await jobs.succeed({ jobId: again.id, attempt: again.attempt }, { processingUnits: 0 })
      expect(await unneeded()).toEqual([{ id, attempt: 1 }, nobody])
      const cancelled = await claimed()
      const [output] = (await jobs.get('acme', cancelled.jobId))!.outputs
      await jobs.cancel('acme', cancelled.jobId)
      const written = { id: output!.realityDataId, attempt: 1 }
      expect(await jobs.unneeded([written])).toEqual([written])
    })

    test('under way is what is active, whether an agent works on it or it waits for one', async () => {
      const [worked, waiting, cancelled] = [await claimed(), await submitted(), await submitted()]
      await jobs.cancel('acme', cancelled)
      const asked = [waiting, worked.jobId, cancelled, randomUUID(), 'no id']
      expect((await jobs.underWay(asked)).sort()).toEqual([waiting, worked.jobId].sort())
      expect(await jobs.underWay([])).toEqual([])
    })

    test('the third lost worker is the last, and the error says how it was lost; giving back does not count', async () => {
      const { jobId } = await claimed()
      let attempt = 1
      for (const cause of [loss, undefined, undefined, loss]) {
        expect(await jobs.retry({ jobId, attempt }, cause)).toBe('active')
        attempt = (await claim('agent-1'))!.attempt
      }
      expect(await jobs.retry({ jobId, attempt }, loss)).toBe('failed')
      const job = await jobs.get('acme', jobId)
      expect(job).toMatchObject({ state: 'failed', exitCode: 1, errors: [{ code: 'WorkerLost' }] })
      expect(job?.errors[0]?.params).toEqual(['SIGKILL', '3'])
      expect(await store.outputRows(jobId)).toEqual([])
    })

    test('a job whose agent is not heard of goes to another, as a loss; the one who works on it is not given it twice', async () => {
      const attempt = await claimed()
      expect(await claim('agent-2')).toBeUndefined()
      await store.letLeasesLapse()
      expect(await claim('agent-1', [attempt.jobId])).toBeUndefined()
      expect(await claim('agent-2')).toMatchObject({ id: attempt.jobId, attempt: 2 })
      expect(await jobs.heartbeat(attempt)).toBe(false)
      for (let taken = 2; taken <= 3; taken++) {
        await store.letLeasesLapse()
        expect((await claim(`agent-${taken}`))?.attempt).toBe(taken === 2 ? 3 : undefined)
      }
      expect(await jobs.get('acme', attempt.jobId)).toMatchObject({
        state: 'failed',
        errors: [{ code: 'WorkerLost' }],
      })
    })

    test('a heartbeat renews a lease that has lapsed, as long as nobody else has begun', async () => {
      const attempt = await claimed()
      await store.letLeasesLapse()
      expect(await jobs.heartbeat(attempt)).toBe(true)
      expect(await claim('agent-2')).toBeUndefined()
    })

    test('tenants take turns: one with many jobs waiting does not keep one with a single job waiting', async () => {
      const submittedBy = async (org: string) => {
        const iTwin = randomUUID()
        await store.claimITwin(org, iTwin)
        return async () => {
          const { id } = await jobs.create({ ...owner, org }, iTwin, settings)
          await jobs.submit(org, id, [])
          return id
        }
      }
      const crowd = await submittedBy(`crowd-${randomUUID()}`)
      const single = await submittedBy(`single-${randomUUID()}`)
      const ids = new Set<string>()
      for (let i = 0; i < 40; i++) ids.add(await crowd())
      const next = async () => {
        const job = (await claim('agent-1'))!
        await jobs.fail({ jobId: job.id, attempt: job.attempt }, [noError])
        return job.id
      }
      for (let i = 0; i < 3; i++) expect(ids).toContain(await next())
      const only = await single()
      expect(await next()).toBe(only)
      // And the one who comes again and again takes turns with the crowd.
      const order: string[] = []
      for (let i = 0; i < 4; i++) {
        await single()
        order.push(ids.has(await next()) ? 'crowd' : 'single', ids.has(await next()) ? 'crowd' : 'single')
      }
      expect(order.filter((who) => who === 'single')).toHaveLength(4)
      expect(order.filter((who) => who === 'crowd')).toHaveLength(4)
      for (let job = await claim('cleaner'); job; job = await claim('cleaner'))
        await jobs.fail({ jobId: job.id, attempt: job.attempt }, [noError])
    }, 120_000)

    test('a job too large for an agent waits for a larger one while there is one, and is tried where there is none', async () => {
      const { id: large } = await created()
      await jobs.submit('acme', large, [], { memoryMegabytes: 3000 })
      const small = { memoryLimitMegabytes: 2000 }
      const bigger = await store.announceAgent({ name: 'bigger', memoryLimitMegabytes: 3000 })
      expect(await jobs.claim('agent-1', small)).toBeUndefined()
      await bigger.leave()
      expect((await jobs.claim('agent-1', small))?.id).toBe(large)
    })

    test('a failed job keeps its percentage, names its errors and loses its empty outputs', async () => {
      const attempt = await claimed()
      await jobs.report(attempt, { percentage: 61.2, step: 'Compare_Clouds' })
      expect(await jobs.fail(attempt, [noError])).toBe(true)
      expect(await jobs.get('acme', attempt.jobId)).toMatchObject({
        state: 'failed',
        percentage: 61.2,
        step: 'Compare_Clouds',
        exitCode: 1,
        errors: [noError],
      })
      expect(await store.outputRows(attempt.jobId)).toEqual([])
    })

    test('cancelling is final at once: the worker can say nothing more, the queue hands nothing out', async () => {
      const attempt = await claimed()
      await jobs.report(attempt, { percentage: 12, step: 'Read_Clouds' })
      expect(await jobs.cancel('acme', attempt.jobId)).toMatchObject({
        changed: true,
        job: { state: 'cancelled' },
      })
      expect(await jobs.cancel('acme', attempt.jobId)).toMatchObject({
        changed: false,
        job: { state: 'cancelled' },
      })
      expect(await jobs.report(attempt, { percentage: 50, step: 'Read_Clouds' })).toBe(false)
      expect(await jobs.succeed(attempt, { processingUnits: 1 })).toBe(false)
      expect(await jobs.heartbeat(attempt)).toBe(false)
      expect(await jobs.progress('acme', attempt.jobId)).toMatchObject({
        percentage: 12,
        state: 'cancelled',
        step: 'Read_Clouds',
      })
      expect(await store.outputRows(attempt.jobId)).toEqual([])

      const waiting = await submitted()
      await jobs.cancel('acme', waiting)
      expect(await claim('agent-1')).toBeUndefined()
    })

    test('a job cannot be cancelled before submission or after its end, nor submitted after its end', async () => {
      const { id } = await created()
      expect(await jobs.cancel('acme', id)).toMatchObject({ refused: { state: 'unsubmitted' } })
      const attempt = await claimed()
      await jobs.succeed(attempt, { processingUnits: 0 })
      expect(await jobs.cancel('acme', attempt.jobId)).toMatchObject({ refused: { state: 'success' } })
      expect(await jobs.submit('acme', attempt.jobId, [])).toMatchObject({ refused: { state: 'success' } })
    })

    test('a heartbeat keeps the lease of the current attempt', async () => {
      const attempt = await claimed()
      expect(await jobs.heartbeat(attempt)).toBe(true)
      await jobs.succeed(attempt, { processingUnits: 0 })
      expect(await jobs.heartbeat(attempt)).toBe(false)
    })

    test('a cancelled or failed job is terminating until its agent has stopped, or is not heard of any more', async () => {
      const terminating = async (id: string) => {
        const seen = await jobs.progress('acme', id)
        expect((await jobs.get('acme', id))?.terminatingUntil).toEqual(seen?.terminatingUntil)
        return seen?.terminatingUntil !== undefined && seen.terminatingUntil > new Date()
      }
      const never = await submitted()
      await jobs.cancel('acme', never)
      expect(await terminating(never)).toBe(false)

      const ends = {
        cancelled: (attempt: Attempt) => jobs.cancel('acme', attempt.jobId),
        failed: (attempt: Attempt) => jobs.fail(attempt, [noError]),
      }
      for (const [state, end] of Object.entries(ends)) {
        const attempt = await claimed()
        expect(await terminating(attempt.jobId)).toBe(false)
        await end(attempt)
        expect(await terminating(attempt.jobId)).toBe(true)
        // It is told to stop, and its lease is renewed while it does.
        expect(await jobs.heartbeat(attempt)).toBe(false)
        await jobs.release({ ...attempt, attempt: attempt.attempt + 1 })
        expect(await terminating(attempt.jobId)).toBe(true)
        await jobs.release(attempt)
        expect(await terminating(attempt.jobId)).toBe(false)
        expect(await stateOf(attempt.jobId)).toBe(state)
        expect(await claim('agent-2')).toBeUndefined()
      }

      const lost = await claimed()
      await jobs.cancel('acme', lost.jobId)
      await store.letLeasesLapse()
      expect((await jobs.get('acme', lost.jobId))!.terminatingUntil!.getTime()).toBeLessThan(Date.now())
      const before = await claimed()
      await jobs.cancel('acme', before.jobId)
      await jobs.recover('agent-1')
      expect((await jobs.get('acme', before.jobId))!.terminatingUntil).toBeUndefined()
    })

    test('each API version is shown what it has names for, and lists nothing else', async () => {
      const iTwin = randomUUID()
      await store.claimITwin('versions', iTwin)
      const mine = { ...owner, org: 'versions' }
      const create = (name: string, change: Partial<RequestedSettings>) =>
        jobs.createSubmitted(mine, iTwin, { ...settings, name, ...change }, [])
      const both = await create('both', {})
      expect(both).toMatchObject({ state: 'active', step: 'Wait_In_Queue', versions: ['v1', 'v2'] })
      const colours = { options: { colorThresholdLow: 1 }, optionsSent: { colorThresholdLow: '1' } }
      const [old, young] = [
        await create('v1 alone', colours),
        await create('v2 alone', { outputs: ['segmentedModel3DA'] }),
      ]
      await jobs.create(mine, iTwin, { ...settings, name: 'unsubmitted' })
      const names = async (version: 'v1' | 'v2') => {
        const query = { org: 'versions', userId: undefined, filter: undefined, top: 9, after: undefined }
        return (await jobs.list({ ...query, version })).jobs.map(({ name }) => name).sort()
      }
      expect(await names('v1')).toEqual(['both', 'unsubmitted', 'v1 alone'])
      expect(await names('v2')).toEqual(['both', 'v2 alone'])
      expect((await jobs.progress('versions', old.id))?.versions).toEqual(['v1'])
      expect((await jobs.progress('versions', young.id))?.versions).toEqual(['v2'])
      for (const { id } of [both, old, young]) await jobs.cancel('versions', id)
    })

    test('agents are told when a job is queued and when one is cancelled', async () => {
      const heard: (string | undefined)[] = []
      let wake = () => {}
      const stop = await jobs.onChange((id) => {
        heard.push(id)
        wake()
      })
      const until = async (count: number) => {
        while (heard.length < count) await new Promise<void>((resolve) => (wake = resolve))
      }
      const id = await submitted()
      await until(1)
      await jobs.cancel('acme', id)
      await until(2)
      expect(heard).toEqual([undefined, id])
      await stop()
    })

    test('lists are newest first, paged without gaps or repeats, and held to tenant and user', async () => {
      const iTwin = randomUUID()
      await store.claimITwin('lister', iTwin)
      const mine = { ...owner, org: 'lister' }
      const ids: string[] = []
      for (let i = 0; i < 7; i++) {
        const user = i === 3 ? { ...mine, userId: 'bob' } : mine
        ids.unshift((await jobs.create(user, iTwin, { ...settings, name: `job ${i}` })).id)
      }
      const ofLister = { org: 'lister', version: 'v1' } as const
      const query = { ...ofLister, userId: undefined, filter: undefined, top: 3, after: undefined }
      const listed: string[] = []
      let page = await jobs.list(query)
      for (;;) {
        listed.push(...page.jobs.map((job) => job.id))
        if (!page.more) break
        const last = page.jobs.at(-1)!
        page = await jobs.list({ ...query, after: { createdAt: last.createdAt, id: last.id } })
      }
      expect(new Set(listed)).toEqual(new Set(ids))
      expect(listed).toHaveLength(7)
      expect((await jobs.list({ ...query, userId: 'bob', top: 10 })).jobs).toHaveLength(1)
      expect((await jobs.list({ ...query, org: 'nobody' })).jobs).toEqual([])
      const filter = { kind: 'compare', property: 'name', operator: 'eq', value: 'job 5' } as const
      expect((await jobs.list({ ...query, filter })).jobs.map((job) => job.name)).toEqual(['job 5'])
    })

    test('what was acknowledged is there after a restart, and the work that was under way is queued again', async () => {
      const unsubmitted = (await created()).id
      const attempt = await claimed()
      await jobs.report(attempt, { percentage: 33, step: 'Read_Clouds' })
      const waiting = await submitted()

      store = await store.restart()
      jobs = store.jobs

      expect(await stateOf(unsubmitted)).toBe('unsubmitted')
      expect(await jobs.progress('acme', attempt.jobId)).toMatchObject({ state: 'active', percentage: 33 })
      expect(await jobs.recover('agent-1')).toEqual([attempt.jobId])
      const claims = [await claim('agent-1'), await claim('agent-1'), await claim('agent-1')]
      expect(claims.map((job) => job?.id).sort()).toEqual([attempt.jobId, waiting, undefined].sort())
      expect(claims.find((job) => job?.id === attempt.jobId)?.attempt).toBe(2)
      expect(await jobs.report(attempt, { percentage: 99, step: 'Write_Results' })).toBe(false)
    })
  })
}
