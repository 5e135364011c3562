// From a job of the real command to a receiver that checks signatures by the lines of `docs/webhooks.md`.
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Client } from '../../packages/client/src/index.ts'
import type { WebhookDelivery, WebhookEvent } from '../../packages/contract/src/index.ts'
import { type ServiceProcess, startServiceProcess } from './service-process.ts'
import { clientOf, createChangeJob, uploadSurveys } from './survey-job.ts'
import { writeTwoEpochs } from './two-epochs.ts'

type IsGenuine = (body: Buffer, signature: string | undefined, secret: string) => boolean

let folder: string
let service: ServiceProcess
let client: Client
let token: string
let inputs: string[]
let isGenuine: IsGenuine
let receiver: Receiver
let webhookId: string
let secret: string
const iTwinId = randomUUID()
const soon = { timeout: 30_000, interval: 50 }

interface Receiver {
  server: Server
  port: number
  events: WebhookEvent[]
  /** Signatures that were not genuine. */
  forged: number
  answer: (response: ServerResponse) => void
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alidade-webhooks-'))
  isGenuine = await documentedCheck()
  service = await startServiceProcess('--webhook-allow', '127.0.0.1', '--threads', '1')
  token = await service.token()
  client = await clientOf(service)
  inputs = await uploadSurveys(client, iTwinId, (await writeTwoEpochs(folder, 2000)).paths)
  receiver = await startReceiver()
  const made = await ask('POST', '/webhooks', {
    callbackUrl: `http://127.0.0.1:${receiver.port}/hook`,
    scope: 'iTwin',
    scopeId: iTwinId,
    eventTypes: ['realityAnalysis.jobCompleted.v1'],
  })
  webhookId = made.id
  secret = made.secret
  await ask('PATCH', `/webhooks/${webhookId}`, { active: true })
}, 120_000)
afterAll(async () => {
  receiver?.server.closeAllConnections()
  receiver?.server.close()
  await service?.remove()
  await rm(folder, { recursive: true, force: true })
})

/** `isGenuine` as the page prints it. */
async function documentedCheck(): Promise<IsGenuine> {
  const page = await readFile(new URL('../../docs/webhooks.md', import.meta.url), 'utf8')
  const [, lines] = /```js\n(import[^`]*export function isGenuine[^`]*)```/.exec(page) ?? []
  const file = join(folder, 'is-genuine.mjs')
  await writeFile(file, lines!)
  return ((await import(pathToFileURL(file).href)) as { isGenuine: IsGenuine }).isGenuine
}

async function startReceiver(port = 0): Promise<Receiver> {
  const started: Receiver = {
    server: createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const body = Buffer.concat(chunks)
        if (isGenuine(body, request.headers.signature as string | undefined, secret)) {
          started.events.push(JSON.parse(body.toString()))
          started.answer(response)
        } else {
          started.forged++
          response.writeHead(401).end()
        }
      })
    }),
    port,
    events: [],
    forged: 0,
    answer: (response) => response.writeHead(204).end(),
  }
  await new Promise<void>((resolve) => started.server.listen(port, '127.0.0.1', resolve))
  started.port = (started.server.address() as AddressInfo).port
  return started
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
async function ask(method: string, path: string, body?: object): Promise<any> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const init = { method, headers, ...(body && { body: JSON.stringify(body) }) }
  const answer = await fetch(service.url + path, init)
  expect(answer.status).toBeLessThan(300)
  return answer.json()
}
async function deliveryOf(jobId: string): Promise<WebhookDelivery | undefined> {
  const { deliveries } = await ask('GET', `/alidade/webhooks/${webhookId}/deliveries`)
  return deliveries.find(({ content }: WebhookDelivery) => (content as { jobId: string }).jobId === jobId)
}
async function cancelledJob(): Promise<string> {
  const jobId = await createChangeJob(client, iTwinId, inputs)
  await client.jobs.submit(jobId)
  await client.jobs.cancel(jobId)
  return jobId
}

test('a job that succeeds is told to a receiver, which finds the signature genuine', async () => {
  const jobId = await createChangeJob(client, iTwinId, inputs)
  await client.jobs.submit(jobId)
  await expect.poll(() => receiver.events, soon).toHaveLength(1)
  const [{ messageId, enqueuedDateTime, ...event }] = receiver.events as [WebhookEvent]
  expect(event).toEqual({
    content: { jobId, state: 'success' },
    eventType: 'realityAnalysis.jobCompleted.v1',
    iTwinId,
    webhookId,
  })
  expect(await client.jobs.progress(jobId)).toMatchObject({ state: 'success', percentage: 100 })
  await expect.poll(async () => (await deliveryOf(jobId))?.state, soon).toBe('delivered')
  expect(await deliveryOf(jobId)).toMatchObject({ messageId, enqueuedDateTime, attempts: [{ status: 204 }] })
  const body = Buffer.from('{"content":{}}')
  expect(isGenuine(body, `sha256=${'0'.repeat(64)}`, secret)).toBe(false)
  expect([isGenuine(body, undefined, secret), isGenuine(body, 'sha256=', secret)]).toEqual([false, false])
  expect(receiver.forged).toBe(0)
}, 90_000)

test('a receiver that is down for a while gets the event when it is back', async () => {
  const { port } = receiver
  receiver.server.closeAllConnections()
  await new Promise((resolve) => receiver.server.close(resolve))
  const jobId = await cancelledJob()
  await expect
    .poll(async () => (await deliveryOf(jobId))?.attempts, soon)
    .toMatchObject([{ fault: 'ConnectionFailed' }])
  receiver = await startReceiver(port)
  await expect
    .poll(() => receiver.events.map(({ content }) => content), soon)
    .toEqual([{ jobId, state: 'cancelled' }])
  const { messageId } = receiver.events[0]!
  await expect.poll(async () => (await deliveryOf(jobId))?.state, soon).toBe('delivered')
  expect(await deliveryOf(jobId)).toMatchObject({
    messageId,
    attempts: [{ fault: 'ConnectionFailed' }, { status: 204 }],
  })
}, 90_000)

test('an event that a kill -9 cut off is sent after the restart, under the same id', async () => {
  receiver.events.length = 0
  // The receiver has it and does not answer; then the service dies.
  receiver.answer = () => undefined
  const jobId = await cancelledJob()
  await expect.poll(() => receiver.events, soon).toHaveLength(1)
  await service.kill()
  receiver.answer = (response) => response.writeHead(200).end()
  service = await service.restart()
  await expect.poll(() => receiver.events.length, soon).toBe(2)
  expect(receiver.events[1]).toEqual(receiver.events[0])
  expect(receiver.events[0]!.content).toEqual({ jobId, state: 'cancelled' })
  await expect.poll(async () => (await deliveryOf(jobId))?.state, soon).toBe('delivered')
  const metrics = await (await fetch(`${service.url}/metrics`)).text()
  expect(metrics).toContain('alidade_webhook_deliveries{state="delivered"} 3')
  expect(metrics).toContain('alidade_webhook_deliveries{state="pending"} 0')
}, 90_000)

test('on SIGTERM an event under way is given back, and the secret was never in the log', async () => {
  receiver.events.length = 0
  receiver.answer = () => undefined
  await cancelledJob()
  await expect.poll(() => receiver.events, soon).toHaveLength(1)
  expect(await service.stop()).toBe(0)
  const { messageId } = receiver.events[0]!
  const line = service
    .log()
    .split('\n')
    .find((each) => each.includes('a delivery was cut off'))
  expect(JSON.parse(line!)).toMatchObject({ messageId, webhookId, attempt: 1 })
  expect(service.log()).not.toContain(secret)
}, 90_000)
