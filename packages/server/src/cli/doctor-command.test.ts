import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { makeSigningKey, startOidcServer } from '../auth/oidc-server.fixture.ts'
import { runCommand } from './command.fixture.ts'

let cwd: string
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'alidade-doctor-'))
})
afterAll(() => rm(cwd, { recursive: true }))

/** The first word of each line by what the line is about. */
async function doctor(...args: string[]) {
  const { exitCode, stdout, stderr } = await runCommand(['doctor', '--port', '0', ...args], { cwd })
  expect(stderr).toBe('')
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => /^(\S+) +([^:]+): (.*)$/.exec(line)!)
  return {
    exitCode,
    lines: Object.fromEntries(lines.map(([, mark, what, detail]) => [what, [mark, detail]])),
  }
}

test('a folder that can be made is good, and asking does not make it', async () => {
  const { exitCode, lines } = await doctor('--data-dir', 'new/folder')
  expect(exitCode).toBe(0)
  expect(lines['data folder']).toEqual(['ok', `${join(cwd, 'new/folder')} will be made`])
  expect(lines.disk![0]).toMatch(/ok|note/)
  expect(await readdir(cwd)).toEqual([])
})

test('a data folder that cannot be one fails, and the other checks are made all the same', async () => {
  const path = join(cwd, 'a file')
  await writeFile(path, '')
  try {
    for (const dataDir of [path, join(path, 'below')]) {
      const { exitCode, lines } = await doctor('--data-dir', dataDir)
      expect([exitCode, lines['data folder']![0]]).toEqual([1, 'FAIL'])
      expect(lines['data folder']![1]).toContain(`${dataDir} cannot be written`)
      expect(Object.keys(lines)).toEqual(['Node', 'memory', 'memory limits', 'data folder', 'disk', 'port'])
    }
  } finally {
    await rm(path)
  }
})

test('a port where somebody listens is noted', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = server.address() as { port: number }
    const { exitCode, lines } = await doctor('--port', String(port))
    expect([exitCode, lines.port]).toEqual([0, ['note', expect.stringContaining('EADDRINUSE')]])
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
})

test('an issuer whose keys can be fetched is good; one that is down fails with the reason', async () => {
  const server = await startOidcServer([await makeSigningKey('k1'), await makeSigningKey('k2')])
  const issuer = ['--issuer', `builtin,${server.issuer}`]
  const up = await doctor(...issuer)
  expect([up.exitCode, up.lines.issuer]).toEqual([0, ['ok', `${server.issuer} publishes 2 keys`]])
  server.status = 503
  const broken = await doctor(...issuer)
  expect([broken.exitCode, broken.lines.issuer]).toEqual([1, ['FAIL', expect.stringContaining('got 503')]])
  await server.close()
  const down = await doctor(...issuer)
  expect(down.lines.issuer).toEqual(['FAIL', expect.stringContaining('ECONNREFUSED')])
})

test('PostgreSQL is asked for its version; one that does not answer fails, and no password is shown', async () => {
  const { exitCode, lines } = await doctor('--database-url', inject('postgresUrl'))
  expect(exitCode).toBe(0)
  expect(lines.database).toEqual(['ok', expect.stringMatching(/^PostgreSQL \d+/)])

  const away = await doctor('--database-url', 'postgres://ada:secret@127.0.0.1:1/alidade')
  expect(away.exitCode).toBe(1)
  expect(away.lines.database).toEqual([
    'FAIL',
    expect.stringMatching(/^PostgreSQL at 127\.0\.0\.1:1\/alidade: .*ECONNREFUSED/),
  ])
  expect(JSON.stringify(away.lines)).not.toContain('secret')
})

test('an account of Azure Blob Storage that does not answer fails, and its key is not shown', async () => {
  const account =
    'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=c2VjcmV0;BlobEndpoint=http://127.0.0.1:1/a'
  const { exitCode, lines } = await doctor('--blob-connection-string', account)
  expect([exitCode, lines['blob storage']]).toEqual([
    1,
    ['FAIL', expect.stringMatching(/^Azure Blob Storage does not answer: /)],
  ])
  expect(JSON.stringify(lines)).not.toContain('c2VjcmV0')
})
