// The webhooks API on a real port, with a real store and real tokens. The clock and the name server are doubles.
import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:net'
import type { AddressInfo } from 'node:net'
import { createWebhook, type Operation, webhooksOperations } from '@alidade/contract'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { addressRules } from '../../webhooks/address-rules.ts'
import { hostileNames, hostileUrls } from '../../webhooks/hostile-urls.fixture.ts'
import { type Answer, startV1TestServer, type V1TestServer } from '../v1/v1-test-server.ts'
import { webhooksRoutes } from './routes.ts'

let server: V1TestServer
let canary: Server
let reached = 0
let lookUps: string[] = []
const body = createWebhook.bodyExamples['the whole tenant, with a secret of its own']

beforeAll(async () => {
  server = await startV1TestServer({
    moreRoutes: (app, dependencies) =>
      webhooksRoutes(app, {
        ...dependencies,
        targetRules: {
          addresses: addressRules(['192.168.7.0/24', 'fd77::/64']),
          resolve: async (host) => {
            lookUps.push(host)
            return { ...hostileNames, 'inside.example.org': ['192.168.7.9'] }[host] ?? []
          },
        },
      }),
  })
  canary = createServer((socket) => {
    reached++
    socket.destroy()
  })
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  canary.close()
  await server.stop()
})
beforeEach(async () => {
  await server.database.query('delete from webhook')
})

const create = (more: object = {}, authorization?: string): Promise<Answer> =>
  server.ask('POST', '/webhooks', { body: { ...body, ...more }, ...(authorization && { authorization }) })
const get = (path: string, authorization?: string) =>
  server.ask('GET', path, authorization === undefined ? {} : { authorization })

test('a webhook is made inactive, shown without its secret, changed and deleted', async () => {
  const made = await create()
  expect(made.status).toBe(201)
  const { secret, ...webhook } = made.json
  expect(secret).toBe(body.secret)
  const at = server.clock.now.toISOString()
  expect(webhook).toEqual({
    id: webhook.id,
    scope: 'Account',
    scopeId: 'acme',
    active: false,
    callbackUrl: body.callbackUrl,
    eventTypes: body.eventTypes,
    created: at,
    modified: at,
  })
  const path = `/webhooks/${webhook.id}`
  expect((await get(path)).json).toEqual(webhook)
  // As the published samples ask: with a slash at the end.
  expect((await get('/webhooks/')).json).toEqual({ webhooks: [webhook] })

  const change = { active: true, secret: 'n'.repeat(32), callbackUrl: 'https://hooks.example.org/b?c=d' }
  const changed = await server.ask('PATCH', path, { body: { ...change, eventTypes: null } })
  const { secret: _, ...shown } = change
  expect([changed.status, changed.json]).toEqual([200, { ...webhook, ...shown }])
  expect(changed.text).not.toContain(change.secret)
  expect((await server.ask('DELETE', path)).status).toBe(204)
  expect((await get(path)).json.error).toEqual({
    code: 'WebhookNotFound',
    message: 'Requested webhook is not available.',
  })
})

test('a URL is kept as it was written', async () => {
  for (const callbackUrl of ['https://hooks.example.org', 'HTTPS://Hooks.Example.org:443/A?b=%20c']) {
    expect((await create({ callbackUrl })).json.callbackUrl).toBe(callbackUrl)
  }
})

test('a secret is made where none is given, anew each time, and refused where it is too short to be one', async () => {
  const secrets = new Set<string>()
  for (let i = 0; i < 3; i++) secrets.add((await create({ secret: undefined })).json.secret)
  expect(secrets.size).toBe(3)
  for (const secret of secrets) expect(secret).toMatch(/^[\w-]{32}$/)
  for (const secret of ['', 'short', 's'.repeat(31), 's'.repeat(257), `${'s'.repeat(32)}\n`]) {
    expect((await create({ secret })).json.error).toMatchObject({
      code: 'InvalidWebhookRequest',
      target: 'secret',
    })
  }
})

test('properties that are missing or not known are named', async () => {
  const targets = async (more: object) =>
    (await create(more)).json.error.details.map((detail: { target: string }) => detail.target)
  expect(await targets({ callbackUrl: undefined, eventTypes: undefined, scope: undefined })).toEqual(
    expect.arrayContaining(['callbackUrl', 'eventTypes', 'scope']),
  )
  expect(await targets({ scope: 'Galaxy' })).toEqual(['scope'])
  expect(await targets({ eventTypes: [] })).toEqual(['eventTypes'])
  expect(await targets({ eventTypes: ['iModels.iModelDeleted.v1'] })).toEqual(['eventTypes[0]'])
  expect(await targets({ scopeId: 'other' })).toEqual(['scopeId'])
  expect(await targets({ scope: 'iTwin', scopeId: 'quarry' })).toEqual(['scopeId'])
  expect((await create({ scopeId: 'acme' })).status).toBe(201)
})

test('an iTwin of another tenant does not exist, for webhooks either', async () => {
  const iTwinId = randomUUID()
  await server.realityData.claimITwin('evil', iTwinId)
  const refused = await create({ scope: 'iTwin', scopeId: iTwinId })
  expect(refused.json.error.details).toEqual([
    { code: 'InvalidValue', message: `iTwin '${iTwinId}' does not exist.`, target: 'scopeId' },
  ])
})

test('a tenant has at most 50', async () => {
  expect((await create()).status).toBe(201)
  await server.database.query(
    `insert into webhook select gen_random_uuid(), org, owner_id, itwin_id, callback_url, secret, event_types, active,
       created_at, modified_at from webhook, generate_series(1, 48)`,
  )
  expect((await create()).status).toBe(201)
  const refused = await create()
  expect([refused.status, refused.json.error.details[0].code]).toEqual([422, 'InvalidChange'])
  expect((await create({}, await server.authorization({ org: 'other' }))).status).toBe(201)
})

const operations: Operation[] = webhooksOperations
const named = operations.filter(({ path }) => path.includes(':webhookId'))
const bodyOf = ({ bodyExamples = {} }: Operation) => Object.values(bodyExamples)[0]
const pathOf = ({ path }: Operation, id: string) => path.replace(':webhookId', encodeURIComponent(id))

test.each(named)("$id answers for another tenant's webhook as for none, byte for byte", async (operation) => {
  const { id } = (await create()).json
  const authorization = await server.authorization({ org: 'evil', subject: 'eve', role: 'admin' })
  const asked = { authorization, body: bodyOf(operation) }
  const foreign = await server.ask(operation.method, pathOf(operation, id), asked)
  expect(foreign.status).toBe(404)
  for (const missing of [randomUUID(), 'quarry', "' or true --"]) {
    const answer = await server.ask(operation.method, pathOf(operation, missing), asked)
    expect([answer.status, answer.text]).toEqual([404, foreign.text])
  }
  const { secret: _, ...same } = (await get(`/webhooks/${id}`)).json
  expect(same).toMatchObject({ id, active: false })
  expect((await get(`/alidade/webhooks/${id}/deliveries`)).json.deliveries).toEqual([])
})

test.each(operations)('$id needs one of its scopes', async (operation) => {
  const ask = async (scope: string) => {
    const asked = { authorization: await server.authorization({ scope }), body: bodyOf(operation) }
    return server.ask(operation.method, pathOf(operation, randomUUID()), asked)
  }
  expect((await ask('realitydataanalysis:modify realitydata:modify')).json.error.code).toBe('Unauthorized')
  for (const scope of operation.scopes) expect((await ask(scope)).status).not.toBe(401)
  expect((await ask('webhooks:read')).status === 401).toBe(operation.method !== 'GET')
})

test('colleagues see a webhook, other tenants neither it nor that it is there', async () => {
  const { id } = (await create()).json
  const list = async (request: object) =>
    (await get('/webhooks', await server.authorization(request))).json.webhooks.map(
      (webhook: { id: string }) => webhook.id,
    )
  expect(await list({ subject: 'bob' })).toEqual([id])
  expect(await list({ org: 'evil' })).toEqual([])
})

test('no hostile URL of more than 200 is taken, and nothing is sent to any', async () => {
  const { port } = canary.address() as AddressInfo
  const { id } = (await create()).json
  const urls = hostileUrls(port)
  expect(new Set(urls).size).toBeGreaterThan(200)
  reached = 0
  for (const callbackUrl of urls) {
    const shown = callbackUrl.slice(0, 80)
    const refused = await create({ callbackUrl })
    expect([refused.status, refused.json.error.target], shown).toEqual([422, 'callbackUrl'])
    expect(refused.text.length).toBeLessThan(600)
    const kept = await server.ask('PATCH', `/webhooks/${id}`, { body: { callbackUrl } })
    expect(kept.status, shown).toBe(422)
  }
  expect(reached).toBe(0)
  expect((await get('/webhooks')).json.webhooks).toMatchObject([{ id, callbackUrl: body.callbackUrl }])
})

test('what is wrong with a name inside and with one that does not exist is said in the same words', async () => {
  const answers = []
  for (const host of ['loopback.test', 'metadata.test', 'private6.test', 'nowhere.test', '10.0.0.1']) {
    answers.push((await create({ callbackUrl: `https://${host}/` })).text)
  }
  expect(new Set(answers).size).toBe(1)
})

test('what the operator allows is taken, by http too; what is public by https alone', async () => {
  const status = async (callbackUrl: string) => (await create({ callbackUrl })).status
  for (const host of ['192.168.7.9', '[fd77::5]', 'inside.example.org']) {
    expect(await status(`https://${host}/a`)).toBe(201)
    expect(await status(`http://${host}:8080/a`)).toBe(201)
  }
  for (const host of ['93.184.215.14', '[2606:4700:4700::1111]', 'hooks.example.org']) {
    expect(await status(`https://${host}:8443/a?b=c`)).toBe(201)
    expect(await status(`http://${host}/`)).toBe(422)
  }
  expect(await status('https://192.168.8.9/')).toBe(422)
})

test('whose webhook it is not has no name looked up', async () => {
  lookUps = []
  const body = { callbackUrl: 'https://loopback.test/' }
  expect((await server.ask('PATCH', `/webhooks/${randomUUID()}`, { body })).status).toBe(404)
  expect(lookUps).toEqual([])
})
