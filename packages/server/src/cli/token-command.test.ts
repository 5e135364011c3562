import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openBuiltinIssuer } from '../auth/builtin-issuer.ts'
import { createTokenVerifier } from '../auth/token-verifier.ts'
import { runCommand } from './command.fixture.ts'

let cwd: string
let dataDir: string
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'alidade-token-'))
})
afterAll(() => rm(cwd, { recursive: true }))
beforeEach(async () => {
  dataDir = await mkdtemp(join(cwd, 'data-'))
})

const token = (...args: string[]) => runCommand(['token', ...args, '--data-dir', dataDir], { cwd })

test('one bearer token is all that goes to standard output, and a service of that folder accepts it', async () => {
  const { exitCode, stdout } = await token('--org', 'acme', '--subject', 'ada', '--role', 'admin')
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+\n$/)])
  const issuer = await openBuiltinIssuer(dataDir)
  const verifier = createTokenVerifier({ issuers: [issuer], now: () => new Date() })
  expect(await verifier.verify(`Bearer ${stdout.trim()}`)).toMatchObject({
    org: 'acme',
    userId: 'ada',
    admin: true,
  })
})

test('the first token of a folder says that the keys are new: they may be in the wrong place', async () => {
  expect((await token()).stderr).toContain(`--data-dir ${dataDir}`)
  expect((await token()).stderr).toBe('')
})

test('the database is not touched: nothing but keys is in the folder afterwards', async () => {
  await token()
  await token('list')
  expect(await readdir(dataDir)).toEqual(['keys'])
})

test.each([
  [['--expires', '5 years'], /expected a duration .* got '5 years'/],
  [['--role', 'king'], /expected admin.* got 'king'/],
  [['renew'], /expected list, revoke or nothing, got 'renew'/],
  [['list', 'all'], /unexpected argument 'all'/],
  [['revoke'], /expected the id of a token/],
])('%j is wrong usage, and no token is made', async (args, message) => {
  const { exitCode, stdout, stderr } = await token(...args)
  expect([exitCode, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(message)
  expect(JSON.parse((await token('list', '--json')).stdout)).toEqual([])
})

test('list is a table of who may do what until when, without the tokens themselves', async () => {
  expect((await token('list')).stdout).toBe(`No token was made for --data-dir ${dataDir} yet.\n`)
  const made = (await token('--org', 'acme', '--client', 'survey-app', '--expires', '2h')).stdout
  const second = (await token('--subject', 'grace', '--scope', 'realitydata:read', '--role', 'admin')).stdout
  const [first, other] = [decodeJwt(made), decodeJwt(second)]
  expect((await token('revoke', other.jti!)).stdout).toBe(`revoked ${other.jti}\n`)

  const { stdout } = await token('list')
  const rows = stdout.trimEnd().split('\n')
  const iso = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000', '')
  expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
    ['ID', 'SUBJECT', 'ORG', 'CLIENT', 'SCOPE', 'EXPIRES', 'STATE'],
    [first.jti, 'local-user', 'acme', 'survey-app', 'itwin-platform', iso(first.exp!), 'valid'],
    [other.jti, 'grace', '-', 'alidade-cli', 'realitydata:read (admin)', iso(other.exp!), 'revoked'],
  ])
  const columns = rows.map((row) => row.search(/(valid|revoked|STATE)$/))
  expect(new Set(columns).size, stdout).toBe(1)
  expect(stdout).not.toContain('eyJ')
})

test('list --json is the same as one line for programs', async () => {
  const { jti } = decodeJwt((await token('--org', 'acme')).stdout)
  const { stdout } = await token('list', '--json')
  expect(stdout.trim().split('\n')).toHaveLength(1)
  expect(JSON.parse(stdout)).toMatchObject([{ jti, org: 'acme', scope: 'itwin-platform', revoked: false }])
})

test('revoke takes several ids, and fails for those that were not made here', async () => {
  const ids = [decodeJwt((await token()).stdout).jti!, decodeJwt((await token()).stdout).jti!]
  expect(await token('revoke', ...ids, 'stranger')).toMatchObject({
    exitCode: 1,
    stdout: ids.map((id) => `revoked ${id}\n`).join(''),
    stderr: 'alidade token: no token with the id stranger was made here\n',
  })
  const listed = JSON.parse((await token('list', '--json')).stdout)
  expect(listed.map(({ revoked }: { revoked: boolean }) => revoked)).toEqual([true, true])
})
