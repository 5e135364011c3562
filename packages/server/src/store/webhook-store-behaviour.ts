// What webhooks and their outbox do on every database. Run it with `describeWebhookStore(name, open)`.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Owner, RequestedSettings } from './job-record.ts'
import { openRealityDataRows } from './reality-data-rows.ts'
import type { TestStore } from './test-store.ts'
import { countDeliveries, deliveriesPerTenant, openWebhookOutbox } from './webhook-outbox.ts'
import { openWebhookRows } from './webhook-rows.ts'
import type { ClaimedDelivery, DeliveryAttempt, WebhookOutbox, WebhookStore } from './webhook-store.ts'

const start = new Date('2026-04-02T08:00:00.250Z')
const jobCompleted = 'realityAnalysis.jobCompleted.v1'
const settings: RequestedSettings = {
  type: 'changeDetection',
  name: 'Quarry',
  inputs: [],
  outputs: ['objects3D'],
  options: {},
  optionsSent: undefined,
  costParameters: undefined,
}
const noError = { code: 'Internal', title: 't', message: 'm', params: [] }

export function describeWebhookStore(name: string, open: (now: () => Date) => Promise<TestStore>): void {
  describe(`webhooks on ${name}`, () => {
    let store: TestStore
    let webhooks: WebhookStore
    let outbox: WebhookOutbox
    let clock = start
    const now = () => clock
    const laterBy = (seconds: number) => {
      clock = new Date(clock.getTime() + seconds * 1000)
    }

    beforeAll(async () => {
      store = await open(now)
      webhooks = openWebhookRows({ database: store.database, now })
      outbox = openWebhookOutbox({ database: store.database, now })
    })
    afterAll(() => store.remove())
    // Each test finds an empty outbox and an empty queue.
    beforeEach(async () => {
      await store.database.query('delete from webhook')
      for (let job = await store.jobs.claim('x'); job; job = await store.jobs.claim('x')) {
        await store.jobs.fail({ jobId: job.id, attempt: job.attempt }, [noError])
      }
      await store.database.query('delete from webhook_delivery')
    })

    async function newTenant() {
      const owner: Owner = { org: `org-${randomUUID()}`, userId: 'ada', email: '', clientId: 'sdk' }
      const iTwinId = randomUUID()
      const realityData = openRealityDataRows({ database: store.database, now, newId: randomUUID })
      await realityData.claimITwin(owner.org, iTwinId)
      return { owner, org: owner.org, iTwinId }
    }
    async function webhook(
      owner: Owner,
      { iTwinId, active = true }: { iTwinId?: string; active?: boolean } = {},
    ) {
      const made = await webhooks.create(
        owner,
        iTwinId,
        { callbackUrl: 'https://hooks.example.org/', secret: 's'.repeat(32), eventTypes: [jobCompleted] },
        50,
      )
      if (active) await webhooks.update(owner.org, made!.id, { active })
      return made!.id
    }
    async function activeJob(owner: Owner, iTwinId: string) {
      const { id } = await store.jobs.create(owner, iTwinId, settings)
      await store.jobs.submit(owner.org, id, [])
      const { attempt } = (await store.jobs.claim('agent'))!
      return { jobId: id, attempt }
    }
    const cancelledJob = async (owner: Owner, iTwinId: string) => {
      const { id } = await store.jobs.create(owner, iTwinId, settings)
      await store.jobs.submit(owner.org, id, [])
      await store.jobs.cancel(owner.org, id)
      return id
    }
    const made = (fault?: DeliveryAttempt['fault']): DeliveryAttempt => ({
      at: clock.toISOString(),
      milliseconds: 3,
      ...(fault !== undefined && { fault }),
    })
    const letLeasesLapse = () =>
      store.database.query(
        `update webhook_delivery set lease_until = clock_timestamp() - interval '1 second'
         where lease_until is not null`,
      )

    test('every end of a job is in the outbox once, with how it ended', async () => {
      const { owner, org, iTwinId } = await newTenant()
      const webhookId = await webhook(owner)
      const succeeded = await activeJob(owner, iTwinId)
      await store.jobs.report(succeeded, { percentage: 40, step: 'Compare_Clouds' })
      expect(await outbox.claim()).toBeUndefined()
      await store.jobs.succeed(succeeded, { processingUnits: 1 })
      const failed = await activeJob(owner, iTwinId)
      await store.jobs.fail(failed, [noError])
      const cancelled = await cancelledJob(owner, iTwinId)
      await store.jobs.cancel(org, cancelled)

      const found = await webhooks.deliveries(org, webhookId, 10)
      const byJob = new Map(found!.map((delivery) => [delivery.content.jobId, delivery]))
      expect(found).toHaveLength(3)
      for (const [jobId, state] of [
        [succeeded.jobId, 'success'],
        [failed.jobId, 'failed'],
        [cancelled, 'cancelled'],
      ] as const) {
        expect(byJob.get(jobId)).toMatchObject({
          eventType: jobCompleted,
          content: { jobId, state },
          state: 'pending',
          enqueuedAt: clock,
          attempts: [],
        })
      }
    })

    test('a job that loses its last worker has ended, one that loses another has not', async () => {
      const { owner, org, iTwinId } = await newTenant()
      const webhookId = await webhook(owner)
      const first = await activeJob(owner, iTwinId)
      for (let attempt = first.attempt; ; attempt++) {
        const became = await store.jobs.retry({ ...first, attempt }, { cause: 'SIGKILL' })
        const found = await webhooks.deliveries(org, webhookId, 10)
        expect(found).toHaveLength(became === 'failed' ? 1 : 0)
        if (became === 'failed') break
        await store.jobs.claim('agent')
      }
    })

    test('an end that is rolled back or comes from a lost attempt leaves no event', async () => {
      const { owner, org, iTwinId } = await newTenant()
      const webhookId = await webhook(owner)
      const attempt = await activeJob(owner, iTwinId)
      expect(await store.jobs.succeed({ ...attempt, attempt: 99 }, { processingUnits: 1 })).toBe(false)
      const rolledBack = store.database.tx(async (sql) => {
        await sql.query(
          `update job set state = 'cancelled', ended_at = $2, lease_until = null where id = $1`,
          [attempt.jobId, clock],
        )
        const { rowCount } = await sql.query('select from webhook_delivery where webhook_id = $1', [
          webhookId,
        ])
        expect(rowCount).toBe(1)
        throw new Error('rolled back')
      })
      await expect(rolledBack).rejects.toThrow('rolled back')
      expect(await webhooks.deliveries(org, webhookId, 10)).toEqual([])
    })

    test('an event goes to the active webhooks of its tenant and its iTwin, and to no others', async () => {
      const [acme, other] = [await newTenant(), await newTenant()]
      const elsewhere = randomUUID()
      await openRealityDataRows({ database: store.database, now, newId: randomUUID }).claimITwin(
        acme.org,
        elsewhere,
      )
      const ids = {
        account: await webhook(acme.owner),
        sameITwin: await webhook(acme.owner, { iTwinId: acme.iTwinId }),
        inactive: await webhook(acme.owner, { active: false }),
        otherITwin: await webhook(acme.owner, { iTwinId: elsewhere }),
        otherTenant: await webhook(other.owner),
      }
      await cancelledJob(acme.owner, acme.iTwinId)
      const { rows } = await store.database.query<{ webhook_id: string }>(
        'select webhook_id from webhook_delivery',
      )
      expect(new Set(rows.map((row) => row.webhook_id))).toEqual(new Set([ids.account, ids.sameITwin]))
      expect(await webhooks.deliveries(other.org, ids.account, 10)).toBeUndefined()
      expect(await webhooks.deliveries('nobody', ids.account, 10)).toBeUndefined()
    })

    test('of many who claim at once each delivery is one claimer’s, with its webhook’s URL and secret', async () => {
      const ids = new Set<string>()
      for (let i = 0; i < 6; i++) {
        const { owner, iTwinId } = await newTenant()
        ids.add(await webhook(owner))
        await cancelledJob(owner, iTwinId)
      }
      const claims = await Promise.all(Array.from({ length: 12 }, () => outbox.claim()))
      const claimed = claims.filter((claim) => claim !== undefined)
      expect(new Set(claimed.map(({ id }) => id)).size).toBe(claimed.length)
      // A claimer that came upon a row that another was just taking may have gone without.
      for (let more = await outbox.claim(); more; more = await outbox.claim()) claimed.push(more)
      expect(new Set(claimed.map(({ webhookId }) => webhookId))).toEqual(ids)
      expect(claimed[0]).toMatchObject({
        attempt: 1,
        callbackUrl: 'https://hooks.example.org/',
        secret: 's'.repeat(32),
        eventType: jobCompleted,
      })
    })

    test('a webhook has one attempt at a time, a tenant a few', async () => {
      const { owner, iTwinId } = await newTenant()
      for (let i = 0; i < deliveriesPerTenant + 2; i++) await webhook(owner)
      for (let i = 0; i < 2; i++) await cancelledJob(owner, iTwinId)
      const claimed: ClaimedDelivery[] = []
      for (let next = await outbox.claim(); next; next = await outbox.claim()) claimed.push(next)
      expect(new Set(claimed.map(({ webhookId }) => webhookId)).size).toBe(deliveriesPerTenant)
      expect(claimed).toHaveLength(deliveriesPerTenant)
      const other = await newTenant()
      await webhook(other.owner)
      await cancelledJob(other.owner, other.iTwinId)
      expect(await outbox.claim()).toBeDefined()
      await outbox.delivered(claimed[0]!, made())
      expect(await outbox.claim()).toBeDefined()
    })

    test('a failed attempt is made again when it is due, under the same id and the next number, until it is given up', async () => {
      const { owner, org, iTwinId } = await newTenant()
      const webhookId = await webhook(owner)
      await cancelledJob(owner, iTwinId)
      const first = (await outbox.claim())!
      const next = new Date(clock.getTime() + 2000)
      expect(await outbox.failed(first, { ...made('StatusRefused'), status: 500 }, next)).toBe(true)
      expect(await outbox.claim()).toBeUndefined()
      laterBy(2)
      const second = (await outbox.claim())!
      expect(second).toEqual({ ...first, attempt: 2 })
      await outbox.failed(second, made('TimedOut'), undefined)
      laterBy(3600)
      expect(await outbox.claim()).toBeUndefined()
      const [delivery] = (await webhooks.deliveries(org, webhookId, 10))!
      expect(delivery).toMatchObject({
        state: 'failed',
        attempts: [{ status: 500, fault: 'StatusRefused' }, { fault: 'TimedOut' }],
      })
    })

    test('whoever was taken for gone says nothing any more', async () => {
      const { owner, iTwinId } = await newTenant()
      await webhook(owner)
      await cancelledJob(owner, iTwinId)
      const sleeper = (await outbox.claim())!
      expect(await outbox.claim()).toBeUndefined()
      await letLeasesLapse()
      const successor = (await outbox.claim())!
      expect(successor).toEqual({ ...sleeper, attempt: 2 })
      expect(await outbox.failed(sleeper, made('TimedOut'), undefined)).toBe(false)
      expect(await outbox.giveBack(sleeper)).toBe(false)
      expect(await outbox.delivered(successor, made())).toBe(true)
      expect(await outbox.delivered(successor, made())).toBe(false)
    })

    test('what is given back is anybody’s at once', async () => {
      const { owner, iTwinId } = await newTenant()
      await webhook(owner)
      await cancelledJob(owner, iTwinId)
      const claimed = (await outbox.claim())!
      expect(await outbox.giveBack(claimed)).toBe(true)
      expect(await outbox.claim()).toEqual({ ...claimed, attempt: 2 })
    })

    test('what was claimed before a restart is sent again: at once where nobody else can have it, else after its lease', async () => {
      const { owner, iTwinId } = await newTenant()
      await webhook(owner)
      await cancelledJob(owner, iTwinId)
      const claimed = (await outbox.claim())!
      store = await store.reopen()
      webhooks = openWebhookRows({ database: store.database, now })
      outbox = openWebhookOutbox({ database: store.database, now })
      await outbox.recover()
      if (store.database.kind === 'postgres') {
        expect(await outbox.claim()).toBeUndefined()
        await letLeasesLapse()
      }
      expect(await outbox.claim()).toEqual({ ...claimed, attempt: 2 })
    })

    test('an inactive webhook is sent nothing; what waited is sent once it is active, or given up after a day', async () => {
      const { owner, org, iTwinId } = await newTenant()
      const webhookId = await webhook(owner)
      await cancelledJob(owner, iTwinId)
      await webhooks.update(org, webhookId, { active: false })
      await cancelledJob(owner, iTwinId)
      expect(await outbox.claim()).toBeUndefined()
      const anHourAgo = () => new Date(clock.getTime() - 3600_000)
      await outbox.sweep(anHourAgo(), anHourAgo())
      await webhooks.update(org, webhookId, { active: true })
      const claimed = (await outbox.claim())!
      await outbox.giveBack(claimed)
      expect(await webhooks.deliveries(org, webhookId, 10)).toHaveLength(1)

      await webhooks.update(org, webhookId, { active: false })
      laterBy(3601)
      await outbox.sweep(anHourAgo(), new Date(0))
      expect(await countDeliveries(store.database)).toEqual({ pending: 0, delivered: 0, failed: 1 })
      await outbox.sweep(anHourAgo(), anHourAgo())
      expect(await webhooks.deliveries(org, webhookId, 10)).toEqual([])
    })

    test('an update changes what it names, and the next attempt goes by it', async () => {
      const { owner, org, iTwinId } = await newTenant()
      const webhookId = await webhook(owner)
      await cancelledJob(owner, iTwinId)
      laterBy(5)
      const change = { callbackUrl: 'https://elsewhere.example.org/', secret: 't'.repeat(40) }
      const updated = await webhooks.update(org, webhookId, change)
      expect(updated).toMatchObject({ active: true, callbackUrl: change.callbackUrl, modifiedAt: clock })
      expect(JSON.stringify(updated)).not.toContain(change.secret)
      expect(await outbox.claim()).toMatchObject(change)
      expect(await webhooks.update('nobody', webhookId, change)).toBeUndefined()
      expect(await webhooks.update(org, 'quarry', change)).toBeUndefined()
    })

    test('a deleted webhook takes its deliveries along, also one that is under way', async () => {
      const { owner, org, iTwinId } = await newTenant()
      const webhookId = await webhook(owner)
      await cancelledJob(owner, iTwinId)
      const claimed = (await outbox.claim())!
      expect(await webhooks.delete('nobody', webhookId)).toBe(false)
      expect(await webhooks.delete(org, webhookId)).toBe(true)
      expect(await outbox.delivered(claimed, made())).toBe(false)
      expect(await webhooks.get(org, webhookId)).toBeUndefined()
      expect(await countDeliveries(store.database)).toEqual({ pending: 0, delivered: 0, failed: 0 })
      // Jobs go on ending.
      await cancelledJob(owner, iTwinId)
    })

    test('a tenant has no more webhooks than its limit, however many come at once', async () => {
      const { owner, org } = await newTenant()
      const other = await newTenant()
      const wanted = {
        callbackUrl: 'https://a.example',
        secret: 's'.repeat(32),
        eventTypes: [jobCompleted] as never,
      }
      const made = await Promise.all(
        Array.from({ length: 8 }, () => webhooks.create(owner, undefined, wanted, 5)),
      )
      expect(made.filter((record) => record !== undefined)).toHaveLength(5)
      expect(await webhooks.list(org)).toHaveLength(5)
      expect(await webhooks.create(other.owner, undefined, wanted, 5)).toBeDefined()
    })

    test('a test is not doubled while one waits, however many ask at once', async () => {
      const { owner, org } = await newTenant()
      const webhookId = await webhook(owner)
      const ask = () => webhooks.enqueue(org, webhookId, 'alidade.test.v1')
      const [id, ...others] = await Promise.all([ask(), ask(), ask()])
      expect(others).toEqual([id, id])
      expect(await outbox.delivered((await outbox.claim())!, made())).toBe(true)
      expect(await ask()).not.toBe(id)
      expect(await webhooks.deliveries(org, webhookId, 10)).toHaveLength(2)
    })

    test('whoever listens hears of an event, of a test and of what is given back', async () => {
      const { owner, org, iTwinId } = await newTenant()
      let heard = 0
      const stop = await outbox.onEvent(() => heard++)
      const webhookId = await webhook(owner)
      await expect.poll(() => heard, { timeout: 15_000 }).toBe(1)
      await cancelledJob(owner, iTwinId)
      await expect.poll(() => heard, { timeout: 15_000 }).toBe(2)
      expect(await webhooks.enqueue(org, webhookId, 'alidade.test.v1')).toMatch(/^[0-9a-f-]{36}$/)
      expect(await webhooks.enqueue('nobody', webhookId, 'alidade.test.v1')).toBeUndefined()
      await expect.poll(() => heard, { timeout: 15_000 }).toBeGreaterThanOrEqual(3)
      await stop()
    })
  })
}
