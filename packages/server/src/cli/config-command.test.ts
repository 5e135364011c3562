import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Setting, settings } from '../config/settings.ts'
import { runCommand } from './command.fixture.ts'

let cwd: string
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'alidade-config-'))
  await writeFile(join(cwd, 'alidade.config.json'), '{"slots": 2, "rate-limit": 10}')
  await writeFile(join(cwd, '.env'), 'ALIDADE_RATE_LIMIT=20\nALIDADE_HOST=0.0.0.0\n')
})
afterAll(() => rm(cwd, { recursive: true }))

async function configured(args: string[], env: Record<string, string> = {}) {
  const { exitCode, stdout, stderr } = await runCommand(['config', ...args], { cwd, env })
  expect([exitCode, stderr]).toEqual([0, ''])
  const rows = stdout.trimEnd().split('\n')
  return Object.fromEntries(
    rows.map((row) => row.split(/ {2,}/)).map(([name, value, origin]) => [name, [value, origin]]),
  )
}

test('every setting is shown with its value and where it came from', async () => {
  const shown = await configured(['--port', '0'], {
    DATABASE_URL: 'postgres://me:secret@db/alidade',
    ALIDADE_BLOB_CONNECTION_STRING: 'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=c2VjcmV0',
  })
  expect(Object.keys(shown)).toEqual(Object.values<Setting>(settings).map(({ name }) => name))
  expect(shown).toMatchObject({
    port: ['0', '--port'],
    'rate-limit': ['20', '.env ALIDADE_RATE_LIMIT'],
    slots: ['2', 'alidade.config.json'],
    'data-dir': ['.alidade', 'default'],
    'database-url': ['(set, not shown)', 'DATABASE_URL'],
    'blob-connection-string': ['(set, not shown)', 'ALIDADE_BLOB_CONNECTION_STRING'],
    'public-url': ['(the listening address)', 'default'],
    // What depends on the machine is shown as it is in force.
    threads: [expect.stringMatching(/^\d+$/), 'default'],
    'memory-limit': [expect.stringMatching(/^\d+$/), 'default'],
  })
})

test('the built-in issuer is the default on loopback, and nobody is elsewhere', async () => {
  for (const host of ['127.0.0.1', 'localhost', '::1', '127.1.2.3']) {
    expect((await configured(['--host', host])).issuer, host).toEqual(['builtin', 'default'])
  }
  for (const host of ['0.0.0.0', '::', '127.example.org', '192.168.1.5']) {
    expect((await configured(['--host', host])).issuer, host).toEqual(['(none)', 'default'])
  }
})

test('a flag that takes a list can be given several times; of the others the last one counts', async () => {
  const shown = await configured(
    ['--issuer', 'builtin', '--issuer', 'https://login.example.org', '--port', '1', '--port', '2'],
    { ALIDADE_ISSUER: 'https://ignored.example.org' },
  )
  expect(shown.issuer).toEqual(['builtin,https://login.example.org', '--issuer'])
  expect(shown.port).toEqual(['2', '--port'])
})

test('--trust-proxy alone is true', async () => {
  expect((await configured(['--trust-proxy', '--port', '1']))['trust-proxy']).toEqual([
    'true',
    '--trust-proxy',
  ])
  expect((await configured(['--trust-proxy', '10.0.0.0/8, ::1']))['trust-proxy']![0]).toBe('10.0.0.0/8, ::1')
})

test.each([
  ['--public-url', 'reality.example.org'],
  ['--public-url', 'ftp://reality.example.org'],
  ['--public-url', 'https://reality.example.org/?a=b'],
  ['--trust-proxy', 'everybody'],
  ['--trust-proxy', '10.0.0.0/33'],
  ['--cors-origin', 'maps.example.org'],
  ['--cors-origin', 'https://maps.example.org/'],
  ['--issuer', 'builtin,builtin'],
  ['--issuer', 'login.example.org'],
  ['--jwks-url', 'keys.json'],
  ['--port', '65536'],
  ['--memory-limit', 'much'],
  ['--slots', '0'],
  ['--stall-minutes', 'ten'],
  ['--time-limit', '40000'],
  ['--max-attempts', '0'],
])('%s %s is refused with what was expected and what came', async (flag, value) => {
  const { exitCode, stdout, stderr } = await runCommand(['config', flag, value], { cwd })
  expect([exitCode, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(new RegExp(`^alidade config: ${flag}: expected .+, got '`))
  expect(stderr.trim().split('\n')).toHaveLength(2)
})
