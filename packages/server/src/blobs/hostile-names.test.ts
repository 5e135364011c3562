/** Whatever a blob is called, nothing outside the root is read or written. */
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BlobServer, startBlobServer } from './blob-server-fixture.ts'
import { diskFiles } from './durable-files.ts'
import { openFolderBlobStore } from './folder-blob-store.ts'
import { hostileNames } from './hostile-names.fixture.ts'
import { rawRequest } from './raw-request.ts'

const secret = 'outside of the root'
let parent: string
let root: string
let server: BlobServer
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'alidade-hostile-'))
  root = join(parent, 'a', 'b', 'root')
  await mkdir(root, { recursive: true })
  for (const folder of [parent, join(parent, 'a'), join(parent, 'a', 'b')]) {
    await writeFile(join(folder, 'canary'), secret)
  }
  // Thousands of syncs would take most of the time and are not the point here.
  const noSync = async () => {}
  const create = async (path: string) => ({ ...(await diskFiles.create(path)), sync: noSync })
  const files = { ...diskFiles, create, syncFile: noSync, syncDirectory: noSync }
  server = await startBlobServer({ root, store: await openFolderBlobStore({ root, files }) })
})
afterAll(async () => {
  await server.app.close()
  await rm(parent, { recursive: true })
})

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name))
}

test('2,000 and more hostile names never touch anything outside of the root', async () => {
  const names = hostileNames(parent)
  expect(names.length).toBeGreaterThanOrEqual(2000)
  const headers = { 'x-ms-blob-type': 'BlockBlob' }
  const statuses = new Map<number, number>()
  const ask = async (url: string, method: string, name: string, query: string, body?: string) => {
    const [base, sas] = url.split('?')
    const answer = await rawRequest(`${base}/${name}?${query}${sas}`, {
      method,
      headers,
      ...(body && { body }),
    })
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
    // 4xx or done: never a 500, never somebody else's file.
    expect(answer.status, `${method} ${name}`).toBeLessThan(500)
    expect(answer.body.toString()).not.toContain(secret)
    expect(answer.body.toString()).not.toContain('root:')
    return answer
  }
  let next = 0
  // A container each: different spellings of one name would meet in a common one.
  const worker = async () => {
    const url = server.containerUrl(randomUUID())
    while (next < names.length) {
      const name = names[next++]!
      // Every operation for one in six, the two that matter most for all.
      const thoroughly = next % 6 === 0
      const stored = await ask(url, 'PUT', name, '', 'hostile')
      if (thoroughly) await ask(url, 'PUT', name, 'comp=block&blockid=YQ%3D%3D&', 'hostile')
      const read = await ask(url, 'GET', name, '')
      expect(read.status === 200, name).toBe(stored.status === 201)
      if (stored.status === 201) expect(read.body.toString(), name).toBe('hostile')
      if (!thoroughly) continue
      await ask(url, 'PUT', name, 'comp=blocklist&', '<BlockList><Latest>YQ==</Latest></BlockList>')
      if (next % 12 === 0) await ask(url, 'DELETE', name, '')
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  // Both kinds occurred: names that are harmless keys, and names that are refused.
  expect(statuses.get(201)).toBeGreaterThan(50)
  expect(statuses.get(400)).toBeGreaterThan(50)

  const canaries = [parent, join(parent, 'a'), join(parent, 'a', 'b')].map((folder) => join(folder, 'canary'))
  const files = await filesBelow(parent)
  expect(files.filter((file) => !file.startsWith(`${root}/`)).sort()).toEqual(canaries.sort())
  for (const canary of canaries) expect(await readFile(canary, 'utf8')).toBe(secret)
  // Inside, paths are made of GUIDs, counts and hashes only.
  for (const file of files.filter((file) => file.startsWith(`${root}/`))) {
    expect(file.slice(root.length)).toMatch(
      /^\/containers\/[0-9a-f-]{36}\/0\/(blobs\/[0-9a-f]{64}\.json|data\/[0-9a-f]{64}\/[0-9a-z.-]+)$/,
    )
  }
}, 60_000)

test('hostile container ids reach no folder', async () => {
  const sas = server.containerUrl(randomUUID()).split('?')[1]
  for (const [i, name] of hostileNames(parent).entries()) {
    if (name.length > 4000 || i % 4 !== 0) continue
    const answer = await rawRequest(
      `${server.origin}/alidade-blobs/${name}?restype=container&comp=list&${sas}`,
    )
    expect(answer.status, name).toBeGreaterThanOrEqual(400)
    expect(answer.status, name).toBeLessThan(500)
  }
})
