import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { getRealityData } from '@alidade/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type RealityManagementTestServer,
  startRealityManagementTestServer,
} from '../http/reality-management/reality-management-test-server.ts'
import { type LinkedPlace, makeLinkedPlace } from '../linked/linked-folder.fixture.ts'
import { runCommand } from './command.fixture.ts'

let place: LinkedPlace
let server: RealityManagementTestServer
let token: string
beforeAll(async () => {
  place = await makeLinkedPlace()
  server = await startRealityManagementTestServer([place.root])
  token = await server.token({ role: 'admin' })
})
afterAll(async () => {
  await server.stop()
  await place.remove()
})

test('it prints the id of the reality data, which is called like its folder', async () => {
  const flags = ['--type', 'LAZ', '--url', `${server.url}/`]
  const { exitCode, stdout, stderr } = await runCommand(['link', '2026-03', ...flags], {
    cwd: place.root,
    env: { ALIDADE_TOKEN: token },
  })
  expect([exitCode, stderr]).toEqual([0, ''])
  const params = { realityDataId: stdout.trim() }
  const { json } = await server.ask(getRealityData, { params })
  expect(json.realityData).toMatchObject({ displayName: '2026-03', type: 'LAZ' })
})

test('with --json it prints what the service answered, as one line', async () => {
  await mkdir(join(place.root, 'april'))
  const flags = ['--type', 'LAS', '--name', 'Quarry', '--url', server.url, '--token', token, '--json']
  const { stdout } = await runCommand(['link', join(place.root, 'april'), ...flags], { cwd: '/' })
  expect(stdout.match(/\n/g)).toHaveLength(1)
  expect(JSON.parse(stdout)).toMatchObject({
    folder: join(place.root, 'april'),
    reachable: true,
    realityData: { displayName: 'Quarry', size: 0 },
  })
})

test('what the service refuses ends with exit code 1 and its reason', async () => {
  const run = (folder: string, given: string) =>
    runCommand(['link', folder, '--type', 'LAS', '--url', server.url, '--token', given], { cwd: '/' })
  expect(await run(place.outside, token)).toMatchObject({
    exitCode: 1,
    stdout: '',
    stderr:
      "alidade link: Property 'folder' must be a folder below one of the roots that --link-roots names.\n",
  })
  const refused = await run(place.folder, await server.token({}))
  expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining('insufficient permissions')])
})

test('without a folder, a type or a token it is wrong usage', async () => {
  for (const args of [
    ['--type', 'LAS', '--token', 'x'],
    ['/a', '/b', '--type', 'LAS', '--token', 'x'],
    ['/a', '--token', 'x'],
    ['/a', '--type', 'LAS'],
    ['/a', '--type', 'LAS', '--token', 'x', '--url', 'nowhere'],
  ])
    expect([args, (await runCommand(['link', ...args], { cwd: '/' })).exitCode]).toEqual([args, 2])
})
