// The programs of docs/clients.md, as they stand there: each runs in a process of its own, with the address of the server
// put into it.
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'

const serviceUrl = inject('serviceUrl')
const iTwinId = randomUUID()
let folder: string
let page: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alidade-clients-'))
  page = await readFile(new URL('../../docs/clients.md', import.meta.url), 'utf8')
  await writeFile(join(folder, 'march.las'), 'points')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The program under a heading of the page. */
function programUnder(heading: string): string {
  const section = page.slice(page.indexOf(`## ${heading}\n`))
  return /```js\n(.*?)```/s.exec(section)![1]!.replace('http://127.0.0.1:8787', serviceUrl)
}

/** What `result` is at the end of a program, as JSON. */
async function run(program: string, result: string) {
  // Packages are found from the folder it starts in, files in the one it goes to.
  const code = `process.chdir(${JSON.stringify(folder)})\n${program}\nprocess.stdout.write(JSON.stringify(${result}))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], {
    env: { ...process.env, TOKEN: inject('authorization').slice('Bearer '.length) },
  })
  return JSON.parse(stdout)
}

const given = `const alidade = '${serviceUrl}', iTwinId = '${iTwinId}'\n`

test('the wrapped fetch leads both packages to the server', async () => {
  const program = `${programUnder('One way for all clients that use `fetch`')}
    import { RealityCaptureService } from '@itwin/reality-capture'
    import { RealityDataAccessClient } from '@itwin/reality-data-client'
    const authorization = { getAccessToken: async () => 'Bearer ' + process.env.TOKEN }
    const { value } = await new RealityCaptureService(authorization).createRealityData({
      displayName: 'wrapped', type: 'LAS', iTwinId: '${iTwinId}',
    })
    const token = await authorization.getAccessToken()
    const got = await new RealityDataAccessClient().getRealityData(token, '${iTwinId}', value.id)`
  expect(await run(program, '[value.displayName, got.displayName]')).toEqual(['wrapped', 'wrapped'])
})

test('the private field of @itwin/reality-capture leads it to the server, uploads included', async () => {
  const program = given + programUnder('`@itwin/reality-capture` (TypeScript, v2, Reality Management)')
  const result = '[value.displayName, (await handler.listData(value.id)).value]'
  expect(await run(program, result)).toEqual(['March', ['march.las']])
})

test('the two fields of @itwin/reality-data-client lead it to the server', async () => {
  const program = given + programUnder('`@itwin/reality-data-client` (TypeScript, Reality Management)')
  const asked = `client.getRealityDatas('Bearer ' + process.env.TOKEN, iTwinId, { search: 'March' })`
  const result = `(await ${asked}).realityDatas.map((one) => one.displayName)`
  expect(await run(program, result)).toEqual(['March'])
})

test('the storage client needs the container URL alone', async () => {
  const headers = { authorization: inject('authorization'), 'content-type': 'application/json' }
  const base = `${serviceUrl}/reality-management/reality-data`
  const body = JSON.stringify({ displayName: 'blobs', type: 'LAS', iTwinId })
  const created = await (await fetch(base, { method: 'POST', headers, body })).json()
  const { id } = (created as { realityData: { id: string } }).realityData
  const access = await (await fetch(`${base}/${id}/writeaccess`, { headers })).json()
  const { href } = (access as { _links: { containerUrl: { href: string } } })._links.containerUrl
  const program = `const containerUrl = ${JSON.stringify(href)}
    ${programUnder('`@azure/storage-blob` and other Azure clients')}`
  const result = `(await container.getBlobClient('march.las').downloadToBuffer()).toString()`
  expect(await run(program, result)).toBe('points')
})
