// A service behind a load balancer is told to stop: it says so before it goes.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, get, type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ServiceProcess, startServiceProcess } from './service-process.ts'
import { clientOf, createChangeJob, uploadSurveys } from './survey-job.ts'
import { writeTwoEpochs } from './two-epochs.ts'

let service: ServiceProcess
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alidade-drain-'))
  service = await startServiceProcess('--drain', '4')
}, 60_000)
afterAll(async () => {
  await service?.remove()
  await rm(folder, { recursive: true, force: true })
})

async function answerOf(asked: ReturnType<typeof get>): Promise<IncomingMessage> {
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  await once(answer.resume(), 'end')
  return answer
}

test('/readyz turns 503 first, requests are answered and their connections ended, no job is claimed, then it exits', async () => {
  const client = await clientOf(service)
  const iTwinId = randomUUID()
  const { paths } = await writeTwoEpochs(folder, 2000)
  const jobId = await createChangeJob(client, iTwinId, await uploadSurveys(client, iTwinId, paths))
  const { id } = await client.realityData.create({ displayName: 'slow', type: 'LAS', iTwinId })
  const container = new URL(await client.realityData.writeAccess(id))
  const headers = { 'x-ms-blob-type': 'BlockBlob', 'content-length': 14 }
  const upload = request(`${container.origin}${container.pathname}/a.las${container.search}`, {
    method: 'PUT',
    headers,
  })
  upload.write('begun ')
  const keptAlive = new Agent({ keepAlive: true, maxSockets: 1 })
  const before = await answerOf(get(`${service.url}/readyz`, { agent: keptAlive }))
  expect([before.statusCode, before.headers.connection]).toEqual([200, 'keep-alive'])

  const began = performance.now()
  const stopped = service.stop()
  const readiness = async () => {
    const answer = await fetch(`${service.url}/readyz`)
    return [answer.status, answer.headers.get('connection'), await answer.text()]
  }
  await expect
    .poll(readiness, { interval: 20 })
    .toEqual([503, 'close', expect.stringContaining('"Draining"')])
  // Load balancers look at /readyz alone: until they did, everything goes on, on connections that end with the answer.
  expect((await client.jobs.submit(jobId)).state).toBe('active')
  const kept = await answerOf(get(`${service.url}/healthz`, { agent: keptAlive }))
  expect([kept.statusCode, kept.headers.connection]).toEqual([200, 'close'])
  upload.end('and over')
  expect((await answerOf(upload)).statusCode).toBe(201)
  expect(await client.jobs.progress(jobId)).toEqual({ percentage: 0, state: 'active', step: 'Wait_In_Queue' })

  expect(await stopped, service.log()).toBe(0)
  const seconds = (performance.now() - began) / 1000
  expect(seconds).toBeGreaterThanOrEqual(4)
  expect(seconds).toBeLessThan(20)
  await expect(fetch(`${service.url}/healthz`)).rejects.toThrow()
  expect(service.log()).not.toContain('attempt begun')
}, 120_000)
