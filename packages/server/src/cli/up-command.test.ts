// What stops `alidade up` before it starts anything; the service that it starts is tested in `test/e2e`.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCommand } from './command.fixture.ts'

let cwd: string
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'alidade-up-'))
})
afterAll(() => rm(cwd, { recursive: true }))

test.each([
  [['--host', '0.0.0.0'], /To listen on 0\.0\.0\.0, name whose tokens are accepted: --issuer/],
  [['--issuer', 'https://login.example.org'], /--audience is needed with --issuer https:\/\/login/],
  [
    [
      '--issuer',
      'https://a.example,https://b.example',
      '--audience',
      'a',
      '--jwks-url',
      'https://a.example/keys',
    ],
    /--jwks-url: expected one OpenID Connect issuer whose keys these are, got 2/,
  ],
  [['--role', 'agent'], /--role: role 'agent' needs --database-url/],
  [
    ['--blob-dir', 'blobs', '--blob-connection-string', 'UseDevelopmentStorage=true'],
    /--blob-connection-string: uploads and results are kept in an account or in the folder of --blob-dir/,
  ],
  [['--port', 'http'], /--port: expected a whole number, got 'http'/],
])('%j is refused with one line that helps, exit code 2, and nothing is made', async (args, message) => {
  const { exitCode, stdout, stderr } = await runCommand(['up', ...args], { cwd })
  expect([exitCode, stdout]).toEqual([2, ''])
  expect(stderr.split('\n')).toEqual([expect.stringMatching(message), 'Try: alidade up --help', ''])
  expect(await readdir(cwd)).toEqual([])
})
