// Clients that let nothing be changed: a TLS proxy with a certificate of one's own stands before the service, and each
// client is a process of its own, which trusts that certificate by `NODE_EXTRA_CA_CERTS` and by nothing else.
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { selfSigned } from '../../packages/server/src/webhooks/certificate.fixture.ts'

let folder: string
let certificateFile: string
let port: number
const asked: string[] = []
const { key, cert } = selfSigned(['api.bentley.com', 'localhost'])
const proxy = createServer({ key, cert }, (incoming, outgoing) => {
  asked.push(`${incoming.headers.host} ${incoming.method} ${incoming.url}`)
  const { method, headers } = incoming
  incoming.pipe(
    request(inject('serviceUrl') + incoming.url, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(outgoing)
    }),
  )
})

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alidade-clients-'))
  certificateFile = join(folder, 'own.pem')
  await writeFile(certificateFile, cert)
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  port = (proxy.address() as AddressInfo).port
})
afterAll(async () => {
  proxy.closeAllConnections()
  await new Promise((resolve) => proxy.close(resolve))
  await rm(folder, { recursive: true, force: true })
})

/** What a client process printed as its result; its standard error where it failed. */
async function runClient(script: string, env: Record<string, string>, ...nodeOptions: string[]) {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const child = spawn(process.execPath, [...nodeOptions, path], {
    env: { ...process.env, TOKEN: inject('authorization'), PROXY_PORT: String(port), ...env },
  })
  let [printed, complained] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complained += text
  })
  const code = await new Promise((resolve) => child.once('exit', resolve))
  if (code !== 0) throw new Error(`the client ended with ${code}:\n${complained}`)
  return JSON.parse(printed)
}

const hostsEntry = ['--import', new URL('./hosts-entry.ts', import.meta.url).href]

test('by a hosts entry and a trusted certificate a client works with nothing changed in it', async () => {
  const trusted = { NODE_EXTRA_CA_CERTS: certificateFile }
  const result = await runClient('./unchanged-client.ts', trusted, ...hostsEntry)
  expect(result).toEqual({ status: 201, error: null, displayName: 'by hosts entry', blobs: ['own.las'] })
  expect(asked).toContain('api.bentley.com POST /reality-management/reality-data')
})

test('without trust in the certificate the same client refuses to talk', async () => {
  const before = asked.length
  const result = await runClient('./unchanged-client.ts', {}, ...hostsEntry)
  expect(result).toMatchObject({ status: 500, error: { code: 'UnknownError', message: 'fetch failed' } })
  expect(asked).toHaveLength(before)
})

test('by the host of its token factory the v1 Python client reaches the service over TLS', async () => {
  const trusted = { NODE_EXTRA_CA_CERTS: certificateFile, SERVICE_HOST: `localhost:${port}` }
  const result = await runClient('./token-factory-client.ts', trusted)
  expect(result).toEqual({ state: 'unsubmitted', progress: 0, step: '' })
  expect(asked).toContain(`localhost:${port} POST /realitydataanalysis/jobs`)
})
