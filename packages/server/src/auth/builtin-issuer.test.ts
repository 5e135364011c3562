import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterEach, expect, test, vi } from 'vitest'
import { builtinAudience, builtinIssuerName, openBuiltinIssuer } from './builtin-issuer.ts'
import { createTokenVerifier } from './token-verifier.ts'

const folders: string[] = []
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })))
})

async function dataFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'alidade-issuer-'))
  folders.push(folder)
  return folder
}

const now = new Date('2026-04-02T08:00:00Z')

test('a token made from the data folder alone is accepted by a server of the same folder', async () => {
  const folder = await dataFolder()
  const server = await openBuiltinIssuer(folder, { now: () => now })
  const command = await openBuiltinIssuer(folder, { now: () => now })
  const { token, issued } = await command.issueToken({
    scope: 'realitydata:read',
    subject: 'ada',
    org: 'acme',
    client: 'survey-app',
    email: 'ada@example.org',
    role: 'admin',
    expiresIn: '30m',
  })
  const verifier = createTokenVerifier({ issuers: [server], now: () => now })
  expect(await verifier.verify(`Bearer ${token}`)).toEqual({
    org: 'acme',
    userId: 'ada',
    email: 'ada@example.org',
    clientId: 'survey-app',
    scopes: ['realitydata:read'],
    admin: true,
  })
  expect(issued.expiresDateTime).toBe('2026-04-02T08:30:00Z')
})

test('without wishes a token has the scope itwin-platform, lasts an hour and belongs to the common tenant', async () => {
  const issuer = await openBuiltinIssuer(await dataFolder(), { now: () => now })
  const { token, issued } = await issuer.issueToken()
  const verifier = createTokenVerifier({ issuers: [issuer], now: () => now })
  expect(await verifier.verify(`Bearer ${token}`)).toMatchObject({
    org: builtinIssuerName,
    scopes: ['itwin-platform'],
    admin: false,
  })
  expect(issued.expiresDateTime).toBe('2026-04-02T09:00:00Z')
})

test('a token of another data folder is refused', async () => {
  const here = await openBuiltinIssuer(await dataFolder(), { now: () => now })
  const there = await openBuiltinIssuer(await dataFolder(), { now: () => now })
  const { token } = await there.issueToken()
  const verifier = createTokenVerifier({ issuers: [here], now: () => now })
  await expect(verifier.verify(`Bearer ${token}`)).rejects.toThrow('unknown key')
})

test('the public keys let others verify its tokens, and hold no secret', async () => {
  const issuer = await openBuiltinIssuer(await dataFolder(), { now: () => now })
  const { token } = await issuer.issueToken({ subject: 'ada' })
  const jwks = issuer.jwks()
  expect(JSON.stringify(jwks)).not.toContain('"d"')
  const { payload } = await jwtVerify(token, createLocalJWKSet(jwks), {
    issuer: builtinIssuerName,
    audience: builtinAudience,
    currentDate: now,
  })
  expect(payload.sub).toBe('ada')
})

test('all who open a new folder at once share one key, and nobody else can read it', async () => {
  const folder = await dataFolder()
  const script =
    `const { openBuiltinIssuer } = await import(${JSON.stringify(new URL('./builtin-issuer.ts', import.meta.url).href)});` +
    `console.log((await openBuiltinIssuer(${JSON.stringify(folder)})).jwks().keys[0].kid)`
  const processes = Array.from({ length: 3 }, () =>
    promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]),
  )
  const here = Array.from({ length: 8 }, () => openBuiltinIssuer(folder))
  const kids = [
    ...(await Promise.all(here)).map((issuer) => issuer.jwks().keys[0]?.kid),
    ...(await Promise.all(processes)).map(({ stdout }) => stdout.trim()),
  ]
  expect(kids).toHaveLength(11)
  expect(new Set(kids).size).toBe(1)
  expect(await readdir(join(folder, 'keys'))).toEqual(['token-signing-key.json'])
  const { mode } = await stat(join(folder, 'keys', 'token-signing-key.json'))
  expect((mode & 0o777).toString(8)).toBe('600')
})

test('the key stays the same when the folder is opened again', async () => {
  const folder = await dataFolder()
  const { token } = await (await openBuiltinIssuer(folder)).issueToken()
  const again = await openBuiltinIssuer(folder)
  expect(again.jwks().keys[0]?.kid).toBe(decodeProtectedHeader(token).kid)
})

test('tokens are listed with what they are for, and are kept nowhere themselves', async () => {
  const folder = await dataFolder()
  const issuer = await openBuiltinIssuer(folder, { now: () => now })
  const { token, issued } = await issuer.issueToken({ subject: 'ada', scope: 'realitydata:read' })
  expect(await issuer.listTokens()).toEqual([{ ...issued, revoked: false }])
  for (const name of await readdir(join(folder, 'keys'))) {
    const text = await readFile(join(folder, 'keys', name), 'utf8')
    expect(text).not.toContain(token.split('.')[2])
  }
})

test('a server refuses a revoked token within two seconds, though it had verified it before', async () => {
  const folder = await dataFolder()
  const server = await openBuiltinIssuer(folder)
  const command = await openBuiltinIssuer(folder)
  const verifier = createTokenVerifier({ issuers: [server], now: () => new Date() })
  const revokedOne = await command.issueToken()
  const other = await command.issueToken()
  await verifier.verify(`Bearer ${revokedOne.token}`)
  await verifier.verify(`Bearer ${other.token}`)
  expect(await command.revokeToken(revokedOne.issued.jti)).toBe(true)
  await vi.waitFor(
    () =>
      expect(verifier.verify(`Bearer ${revokedOne.token}`)).rejects.toThrow('the access token was revoked'),
    { timeout: 2000, interval: 50 },
  )
  expect((await verifier.verify(`Bearer ${other.token}`)).userId).toBe('local-user')
  expect((await command.listTokens()).map(({ revoked }) => revoked)).toEqual([true, false])
})

test('a token that was revoked stays so for a server that starts later', async () => {
  const folder = await dataFolder()
  const command = await openBuiltinIssuer(folder)
  const { token, issued } = await command.issueToken()
  await command.revokeToken(issued.jti)
  const verifier = createTokenVerifier({ issuers: [await openBuiltinIssuer(folder)], now: () => new Date() })
  await expect(verifier.verify(`Bearer ${token}`)).rejects.toThrow('revoked')
})

test('a token that was never made here cannot be revoked', async () => {
  const issuer = await openBuiltinIssuer(await dataFolder())
  expect(await issuer.revokeToken('3f0a8f3e-7f66-4a3e-a2f1-0a4d9fb6a1b1')).toBe(false)
})
