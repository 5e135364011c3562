// The log of the real service at its most talkative, through success and every kind of failure: all lines are JSON and
// name request and job, and nowhere is there anything that opens a door.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Client } from '../../packages/client/src/index.ts'
import { type ServiceProcess, startServiceProcess } from './service-process.ts'
import { clientOf, createChangeJob } from './survey-job.ts'

const jobs = '/realitydataanalysis/jobs'
/** What a client might take for a secret and send where it has no business; recognisable in a log. */
const canary = 'c4n4ry'

let service: ServiceProcess
let client: Client
let token: string
let iTwinId: string
const secrets = new Set<string>()
beforeAll(async () => {
  service = await startServiceProcess('--log-level', 'trace')
  client = await clientOf(service)
  token = await service.token('--client', 'survey-app')
  iTwinId = randomUUID()
  for (const part of token.split('.').slice(1)) secrets.add(part)
}, 60_000)
afterAll(() => service?.remove())

function ask(path: string, init: RequestInit = {}, bearer = token): Promise<Response> {
  const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', ...init.headers }
  return fetch(service.url + path, { ...init, headers })
}

/** A container URL whose signature must not be seen again. */
function secretUrl(url: string): URL {
  const signature = new URL(url).searchParams.get('sig')!
  for (const spelled of [signature, encodeURIComponent(signature), signature.replace(/=+$/, '')]) {
    secrets.add(spelled)
  }
  return new URL(url)
}

function blobUrl(container: URL, name: string, change = (query: string) => query): string {
  return `${container.origin}${container.pathname}/${name}?${change(container.search.slice(1))}`
}

const put = { method: 'PUT', headers: { 'x-ms-blob-type': 'BlockBlob' } }

/** Sends bytes as they are and waits for the end. */
async function raw(bytes: string): Promise<void> {
  const socket = connect(Number(new URL(service.url).port), '127.0.0.1', () => socket.end(bytes))
  socket.resume().on('error', () => undefined)
  await once(socket, 'close')
}

test('neither a token nor a signature is in the log, whatever went well or wrong', async () => {
  const statuses = new Map<number, number>()
  const seen = async (answer: Response | Promise<Response>) => {
    const { status } = await answer
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
    await (await answer).body?.cancel()
  }
  const surveys: string[] = []
  const containers: URL[] = []
  for (const displayName of ['March', 'April']) {
    const { id } = await client.realityData.create({ displayName, type: 'LAS', iTwinId })
    surveys.push(id)
    containers.push(secretUrl(await client.realityData.writeAccess(id)))
    secretUrl(await client.realityData.readAccess(id))
  }
  const [container] = containers as [URL]

  // Blobs: stored, read, listed, refused in each way.
  await seen(fetch(blobUrl(container, 'a.las'), { ...put, body: 'bytes' }))
  await seen(fetch(blobUrl(container, 'a.las')))
  await seen(fetch(blobUrl(container, 'missing.las')))
  await seen(fetch(`${container.href}&restype=container&comp=list`))
  await seen(fetch(blobUrl(container, 'a.las', (query) => query.replace(/sig=[^&]*/, `sig=${canary}`))))
  await seen(fetch(blobUrl(container, 'a.las', (query) => query.replace('sig=', 's%69g='))))
  await seen(fetch(blobUrl(container, 'a.las', (query) => query.replace('se=', 'se=2020'))))
  await seen(fetch(blobUrl(container, 'a.las', (query) => `${query}&${query}`)))
  await seen(
    fetch(
      blobUrl(container, 'a.las', (query) => `${query}&comp=nonsense`),
      { ...put, body: 'x' },
    ),
  )
  await seen(fetch(blobUrl(container, '%zz'), { ...put, body: 'x' }))
  await seen(fetch(`${container.origin}${container.pathname}/a.las%3F${container.search.slice(1)}`))
  await seen(fetch(`${container.origin}${container.pathname}/a.las${encodeURIComponent(container.search)}`))
  await seen(fetch(service.url + jobs + container.search))
  const copy = { ...put.headers, 'x-ms-copy-source': blobUrl(container, 'a.las') }
  await seen(fetch(blobUrl(container, 'copy.las'), { method: 'PUT', headers: copy }))
  await seen(
    fetch(blobUrl(container, 'a.las'), { ...put, headers: { ...put.headers, authorization: token } }),
  )

  // Tokens: none, cut, in the wrong place.
  await seen(fetch(service.url + jobs))
  await seen(ask(jobs, {}, token.slice(0, -3)))
  await seen(ask(jobs, { headers: { authorization: token } }))
  await seen(ask(jobs, { headers: { authorization: `Basic ${btoa(`user:${canary}`)}` } }))
  await seen(ask(jobs, { headers: { 'x-correlation-id': 'of-the-client' } }))
  for (const path of [
    `?access_token=${token}`,
    `?$filter=${token}`,
    `?continuationToken=${token}`,
    `/${token}`,
  ]) {
    await seen(ask(jobs + path))
  }
  await seen(ask(`/${token}`))
  await seen(ask(`/nothing?token=${canary}&code=${canary}`))

  // Bodies with secrets in them, and ones that cannot be read.
  const jobId = await createChangeJob(client, iTwinId, surveys)
  const post = (body: string) => ask(jobs, { method: 'POST', body })
  await seen(post(JSON.stringify({ type: token, name: container.href, iTwinId: token, inputs: token })))
  await seen(post(JSON.stringify({ [container.href]: 1, [token]: 1 })))
  await seen(post(`{"name": "${token}`))
  await seen(post(`"${'a'.repeat(1024 * 1024)}"`))
  await seen(
    ask(jobs, { method: 'POST', body: token, headers: { 'content-type': `text/${token.slice(0, 40)}` } }),
  )
  await seen(ask(`${jobs}/${jobId}/progress`))
  await seen(ask(`${jobs}/${jobId}`, { method: 'PATCH', body: '{"name":1}' }))
  await seen(ask(`${jobs}/${jobId}`, { method: 'PUT' }))
  await seen(ask(`${jobs}/${randomUUID()}/progress`))

  // What never becomes a request.
  for (const line of [
    'GET / a HTTP/1.1',
    'GET / HTTP/9.9',
    `GARBAGE ${token}`,
    `GET /${container.search} HTTP/1.1`,
  ]) {
    await raw(`${line}\r\nAuthorization: Bearer ${token}\r\nbroken header\r\n\r\n`)
  }
  await raw(`GET ${jobs} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}${'.'.repeat(20_000)}\r\n\r\n`)
  await raw(
    `PUT ${container.pathname}/cut.las${container.search} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\ncut`,
  )

  // A fault of ours: a file of a survey is damaged behind the back of the service.
  const manifests = join(service.dataDir, 'blobs', 'containers', surveys[0]!, '0', 'blobs')
  const [manifest = ''] = await readdir(manifests)
  await rm(join(manifests, manifest))
  await mkdir(join(manifests, manifest))
  await seen(fetch(blobUrl(container, 'a.las')))
  await seen(ask(`${jobs}/${jobId}`, { method: 'PATCH', body: '{"state":"active"}' }))

  expect([...statuses.keys()].sort()).toEqual(
    expect.arrayContaining([200, 201, 400, 401, 403, 404, 405, 413, 415, 422, 500]),
  )
  expect(await service.stop()).toBe(0)

  const log = service.log()
  const lines = log
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(lines.filter(({ msg }) => msg === 'request').length).toBeGreaterThan(40)
  for (const name of ['sas.key', 'continuation.key']) {
    const key = await readFile(join(service.dataDir, 'keys', name))
    for (const encoding of ['hex', 'base64', 'base64url', 'latin1'] as const)
      secrets.add(key.toString(encoding))
  }
  const { d } = JSON.parse(
    await readFile(join(service.dataDir, 'keys', 'token-signing-key.json'), 'utf8'),
  ) as {
    d: string
  }
  secrets.add(d)
  expect(secrets.size).toBeGreaterThanOrEqual(12)
  for (const secret of [...secrets, canary, btoa(`user:${canary}`)]) {
    expect(log.includes(secret), `the log holds ${secret}`).toBe(false)
  }
  expect(log).not.toMatch(/eyJ|authorization|x-ms-copy-source/i)

  // The same log is of use: what was asked, under which id, about which job.
  for (const { msg, correlationId } of lines) {
    if (String(msg).startsWith('request')) expect(correlationId).toMatch(/^([0-9a-f-]{36}|of-the-client)$/)
  }
  const ofJob = lines.filter(({ url }) => String(url).includes(jobId))
  expect(ofJob.length).toBeGreaterThan(3)
  for (const line of ofJob) expect(line).toMatchObject({ jobId })
  const failed = lines.filter(({ level }) => Number(level) >= 50)
  expect(failed.length).toBeGreaterThanOrEqual(2)
  for (const { correlationId } of failed) expect(correlationId).toMatch(/^[0-9a-f-]{36}$/)
  expect(failed).toContainEqual(expect.objectContaining({ jobId }))
}, 60_000)
