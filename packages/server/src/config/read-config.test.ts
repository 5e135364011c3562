import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inTilesFromPoints } from '@alidade/jobs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ConfigError, numberOf, readConfig } from './read-config.ts'

let cwd: string
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'alidade-config-'))
})
afterAll(() => rm(cwd, { recursive: true }))

const read = (sources: Partial<Parameters<typeof readConfig>[0]>) =>
  readConfig({ flags: {}, env: {}, cwd, ...sources })

test('a setting comes from the flag, else the environment, else .env, else the config file, else the default', async () => {
  expect((await read({})).port).toEqual({ value: '8787', origin: 'default' })
  await writeFile(join(cwd, 'alidade.config.json'), '{"port": 1, "data-dir": "data"}')
  expect((await read({})).port).toEqual({ value: '1', origin: 'alidade.config.json' })
  await writeFile(join(cwd, '.env'), 'ALIDADE_PORT=2\n')
  expect((await read({})).port).toEqual({ value: '2', origin: '.env ALIDADE_PORT' })
  expect((await read({ env: { PORT: '3' } })).port).toEqual({ value: '3', origin: 'PORT' })
  expect((await read({ env: { PORT: '3', ALIDADE_PORT: '4' } })).port).toEqual({
    value: '4',
    origin: 'ALIDADE_PORT',
  })
  expect((await read({ flags: { port: '5' }, env: { ALIDADE_PORT: '4' } })).port).toEqual({
    value: '5',
    origin: '--port',
  })
})

test('what cannot be understood names its origin, what was expected and what came', async () => {
  await expect(read({ flags: { port: 'x' } })).rejects.toThrow("--port: expected a whole number, got 'x'.")
  await expect(read({ env: { ALIDADE_ROLE: 'boss' } })).rejects.toThrow(
    /ALIDADE_ROLE: expected one of all, api, agent/,
  )
  await expect(read({ flags: { port: '70000' } })).rejects.toThrow(/at most 65535/)
  await expect(read({ configFile: 'none.json' })).rejects.toThrow(ConfigError)
  await writeFile(join(cwd, 'bad.json'), '{"prot": 1}')
  await expect(read({ configFile: 'bad.json' })).rejects.toThrow(/unknown key 'prot'/)
})

test('sizes are megabytes, or gigabytes when they say so', () => {
  const megabytes = (value: string) => numberOf({ value, origin: '' })
  expect([megabytes('4096'), megabytes('8GB'), megabytes('1.5 G'), megabytes('300M')]).toEqual([
    4096, 8000, 1500, 300,
  ])
})

test('networks that webhooks may name are addresses and networks, none of them one that is never sent to', async () => {
  const allow = (value: string) => read({ flags: { 'webhook-allow': value } })
  expect((await allow('10.0.0.0/8,127.0.0.1, fd12::/64,::1')).webhookAllow.origin).toBe('--webhook-allow')
  for (const bad of ['intranet', 'loopback', '10.0.0.0/33', '10.0.0.0/8/8', '10.0.0', 'http://10.0.0.1']) {
    await expect(allow(bad), bad).rejects.toThrow('expected addresses and networks such as 10.0.0.0/8')
  }
  for (const never of ['169.254.169.254', '10.0.0.1,169.254.0.0/16', 'fe80::/10', '224.0.0.0/4']) {
    await expect(allow(never), never).rejects.toThrow('are never sent to')
  }
})

test('a connection string needs account and key, and what came is not repeated', async () => {
  const string =
    'DefaultEndpointsProtocol=https;AccountName=surveys;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net'
  const given = (value: string) => read({ env: { ALIDADE_BLOB_CONNECTION_STRING: value } })
  expect((await given(string)).blobConnectionString.value).toBe(string)
  for (const bad of [
    'c2VjcmV0',
    'AccountName=surveys;AccountKey=c2VjcmV0',
    string.replace('AccountKey', 'Key'),
  ]) {
    const refused = given(bad)
    await expect(refused).rejects.toThrow('ALIDADE_BLOB_CONNECTION_STRING: expected a connection string with')
    await expect(refused).rejects.not.toThrow('c2VjcmV0')
  }
})

test('jobs are divided from the size on from which they state the memory of a tile, unless told otherwise', async () => {
  expect(numberOf((await read({})).divideFrom)).toBe(inTilesFromPoints)
})
