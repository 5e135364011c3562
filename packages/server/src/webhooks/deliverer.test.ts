// The way of an event from the end of a job to a receiver, on a real database with a real receiver. The clock is a double.
import { createHmac, randomUUID } from 'node:crypto'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebhookEvent } from '@alidade/contract'
import { type DestinationStream, pino } from 'pino'
import { Compile } from 'typebox/compile'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Owner, RequestedSettings } from '../store/job-record.ts'
import { openRealityDataRows } from '../store/reality-data-rows.ts'
import { openTestStore, type TestStore } from '../store/test-store.ts'
import { openWebhookOutbox } from '../store/webhook-outbox.ts'
import { openWebhookRows } from '../store/webhook-rows.ts'
import type { WebhookStore } from '../store/webhook-store.ts'
import { addressRules } from './address-rules.ts'
import { type Deliverer, type DelivererOptions, startDeliverer } from './deliverer.ts'
import { retryWindowMs } from './retry-schedule.ts'

const owner: Owner = { org: 'acme', userId: 'ada', email: '', clientId: 'sdk' }
const secret = 'a-secret-that-nobody-else-knows-of'
const iTwinId = randomUUID()
const soon = { timeout: 15_000, interval: 20 }
const settings: RequestedSettings = {
  type: 'changeDetection',
  name: 'Quarry',
  inputs: [],
  outputs: [],
  options: {},
  optionsSent: undefined,
  costParameters: undefined,
}
interface Received {
  body: string
  signature: string | undefined
}

let store: TestStore
let webhooks: WebhookStore
let receiver: Server
let url: string
/** Of a receiver that always says yes, and of which nothing is kept. */
let elsewhere: string
let received: Received[] = []
let answer: (response: ServerResponse, nth: number) => void
let clock = new Date('2026-04-02T08:00:00.125Z')
let logged = ''
const deliverers: Deliverer[] = []
const destination: DestinationStream = {
  write: (line) => {
    logged += line
  },
}
const log = pino({ base: null }, destination)

beforeAll(async () => {
  store = await openTestStore({ now: () => clock })
  webhooks = openWebhookRows({ database: store.database, now: () => clock })
  const realityData = openRealityDataRows({ database: store.database, now: () => clock, newId: randomUUID })
  await realityData.claimITwin(owner.org, iTwinId)
  receiver = createServer((request, response) => {
    if (request.url === '/elsewhere') {
      response.end()
      return
    }
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk
    })
    request.on('end', () => {
      received.push({ body, signature: request.headers.signature as string | undefined })
      answer(response, received.length)
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
  url = `${base}/hook?token=in-the-url`
  elsewhere = `${base}/elsewhere`
})
afterAll(async () => {
  receiver.closeAllConnections()
  receiver.close()
  await store.remove()
})
beforeEach(async () => {
  await store.database.query('delete from webhook')
  received = []
  logged = ''
  answer = (response) => response.end()
})
afterEach(async () => {
  await Promise.all(deliverers.splice(0).map((deliverer) => deliverer.stop()))
})

async function deliver(options: Partial<DelivererOptions> = {}): Promise<Deliverer> {
  const deliverer = await startDeliverer({
    outbox: openWebhookOutbox({ database: store.database, now: () => clock }),
    rules: { addresses: addressRules(['127.0.0.1']), resolve: async () => [] },
    log,
    now: () => clock,
    pollMs: 20,
    ...options,
  })
  deliverers.push(deliverer)
  return deliverer
}
async function webhook(callbackUrl = url): Promise<string> {
  const eventTypes = ['realityAnalysis.jobCompleted.v1' as const]
  const made = await webhooks.create(owner, undefined, { callbackUrl, secret, eventTypes }, 50)
  await webhooks.update(owner.org, made!.id, { active: true })
  return made!.id
}
async function cancelledJob(): Promise<string> {
  const { id } = await store.jobs.create(owner, iTwinId, settings)
  await store.jobs.submit(owner.org, id, [])
  await store.jobs.cancel(owner.org, id)
  return id
}
const only = async (webhookId: string) => (await webhooks.deliveries(owner.org, webhookId, 10))![0]!
const state = (webhookId: string) => async () => (await only(webhookId)).state

test('an event is sent once, in the published envelope, signed with the secret over its very bytes', async () => {
  const webhookId = await webhook()
  await deliver()
  const jobId = await cancelledJob()
  await expect.poll(state(webhookId), soon).toBe('delivered')
  const [{ body, signature }] = received as [Received]
  const event = JSON.parse(body)
  expect(event).toEqual({
    content: { jobId, state: 'cancelled' },
    eventType: 'realityAnalysis.jobCompleted.v1',
    enqueuedDateTime: clock.toISOString(),
    iTwinId,
    messageId: (await only(webhookId)).id,
    webhookId,
  })
  expect(Compile(WebhookEvent).Errors(event)).toEqual([])
  expect(signature).toBe(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`)
  expect((await only(webhookId)).attempts).toMatchObject([{ at: clock.toISOString(), status: 200 }])
  expect(received).toHaveLength(1)
})

test('a receiver that says no is asked again when it is time, with the same bytes, and once it says yes no more', async () => {
  answer = (response, nth) => response.writeHead(nth < 3 ? 503 : 204).end()
  const webhookId = await webhook()
  await deliver()
  await cancelledJob()
  const attempts = async () => (await only(webhookId)).attempts.length
  await expect.poll(attempts, soon).toBe(1)
  for (const [seconds, made] of [
    [2, 2],
    [6, 3],
  ] as const) {
    clock = new Date(clock.getTime() + seconds * 1000 - 1)
    // Another one's event, which is due, is sent; this one is not.
    const other = await webhook(elsewhere)
    await webhooks.enqueue(owner.org, other, 'alidade.test.v1')
    await expect.poll(state(other), soon).toBe('delivered')
    expect(await attempts()).toBe(made - 1)
    clock = new Date(clock.getTime() + 1)
    await expect.poll(attempts, soon).toBe(made)
  }
  expect(await only(webhookId)).toMatchObject({
    state: 'delivered',
    attempts: [{ status: 503, fault: 'StatusRefused' }, { status: 503 }, { status: 204 }],
  })
  expect(received).toHaveLength(3)
  expect(new Set(received.map(({ body }) => body)).size).toBe(1)
  expect(new Set(received.map(({ signature }) => signature)).size).toBe(1)
})

test('after a day without an answer that will do, the event is given up', async () => {
  answer = (response) => response.writeHead(500).end()
  const webhookId = await webhook()
  await cancelledJob()
  await deliver()
  const attempts = async () => (await only(webhookId)).attempts.length
  await expect.poll(attempts, soon).toBe(1)
  expect(await state(webhookId)()).toBe('pending')
  clock = new Date(clock.getTime() + retryWindowMs - 1000)
  await expect.poll(state(webhookId), soon).toBe('failed')
  expect(await attempts()).toBe(2)
})

test('a receiver that never answers holds up neither another webhook nor the stop', async () => {
  let hanging: ServerResponse | undefined
  answer = (response, nth) => {
    if (nth === 1) hanging = response
    else response.end()
  }
  const slow = await webhook()
  const first = await deliver({ graceMs: 50 })
  await cancelledJob()
  await expect.poll(() => hanging, soon).toBeDefined()
  const quick = await webhook()
  await webhooks.enqueue(owner.org, quick, 'alidade.test.v1')
  await expect.poll(state(quick), soon).toBe('delivered')
  await first.stop()
  // Nobody has to wait for the lease: whoever comes next sends it at once, under the same id.
  expect(await only(slow)).toMatchObject({ state: 'pending', attempts: [] })
  const outbox = openWebhookOutbox({ database: store.database, now: () => clock })
  const claimed = (await outbox.claim())!
  expect(claimed).toMatchObject({ webhookId: slow, attempt: 2 })
  await outbox.giveBack(claimed)
  await deliver()
  await expect.poll(state(slow), soon).toBe('delivered')
  const ids = received.map(({ body }) => JSON.parse(body).messageId)
  expect(ids[0]).toBe(ids.at(-1))
})

test('an attempt that is about to end is waited for', async () => {
  let end: (() => void) | undefined
  answer = (response) => {
    end = () => response.end()
  }
  const webhookId = await webhook()
  const deliverer = await deliver()
  await cancelledJob()
  await expect.poll(() => end, soon).toBeDefined()
  const stopped = deliverer.stop()
  end!()
  await stopped
  expect(await only(webhookId)).toMatchObject({ state: 'delivered', attempts: [{ status: 200 }] })
})

test('several deliverers on one outbox send every event once', async () => {
  const ids = [await webhook(), await webhook(), await webhook()]
  await Promise.all([deliver(), deliver(), deliver()])
  const jobs = [await cancelledJob(), await cancelledJob(), await cancelledJob()]
  const pending = async () => {
    const all = await Promise.all(ids.map((id) => webhooks.deliveries(owner.org, id, 10)))
    return all.flatMap((found) => found!).filter(({ state }) => state !== 'delivered').length
  }
  await expect.poll(pending, soon).toBe(0)
  const messages = received.map(({ body }) => JSON.parse(body))
  expect(messages).toHaveLength(ids.length * jobs.length)
  expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(messages.length)
})

test('a name that has come to mean another address is not sent to', async () => {
  const webhookId = await webhook('https://rebind.test/')
  const rules = { addresses: addressRules([]), resolve: async () => ['127.0.0.1'] }
  await deliver({ rules })
  await cancelledJob()
  await expect
    .poll(async () => (await only(webhookId)).attempts, soon)
    .toMatchObject([{ fault: 'AddressRefused' }])
})

test('neither the secret, nor the URL, nor what a receiver answers is in the log or in the record', async () => {
  answer = (response, nth) => response.writeHead(nth === 1 ? 500 : 200).end('from inside the receiver')
  const webhookId = await webhook()
  await deliver()
  await cancelledJob()
  await expect.poll(() => logged, soon).toContain('event not delivered yet')
  clock = new Date(clock.getTime() + 2000)
  await expect.poll(() => logged, soon).toContain('event delivered')
  expect(logged).toContain(webhookId)
  const shown = logged + JSON.stringify(await webhooks.deliveries(owner.org, webhookId, 10))
  for (const hidden of [secret, 'in-the-url', 'from inside', received[0]!.signature!]) {
    expect(shown).not.toContain(hidden)
  }
})
