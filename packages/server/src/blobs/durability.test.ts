import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { quickFolder } from '../quick-folder.fixture.ts'
import { startBlobServer } from './blob-server-fixture.ts'
import type { ContainerKey } from './blob-store.ts'
import { openFolderBlobStore } from './folder-blob-store.ts'
import { type Cut, PowerCutDisk, randomNumbers } from './power-cut.fixture.ts'
import { rawRequest } from './raw-request.ts'
import { type Acknowledged, type DiskEvent, recordFiles } from './recorded-files.fixture.ts'

const blockBlob = { 'x-ms-blob-type': 'BlockBlob' }
const blockId = (n: number) => Buffer.from(`${n}`).toString('base64')
const blockList = (...ids: number[]) =>
  `<BlockList>${ids.map((n) => `<Latest>${blockId(n)}</Latest>`).join('')}</BlockList>`

/** A blob server whose disk is recorded, and clients that note what was acknowledged to them. */
async function startRecorded() {
  const top = await mkdtemp(join(tmpdir(), 'alidade-durable-'))
  const scratch = join(top, 'scratch')
  await mkdir(scratch)
  const recording = recordFiles()
  const root = join(top, 'blobs')
  const store = await openFolderBlobStore({ root, files: recording.files })
  const server = await startBlobServer({ root, store })
  onTestFinished(async () => {
    await server.app.close()
    await rm(top, { recursive: true })
  })
  const container = { id: randomUUID(), attempt: 0 }
  const [base, sas] = server.containerUrl(container.id).split('?')

  async function send(method: string, name: string, { query = '', body = '', ...told }: Sent): Promise<void> {
    const url = `${base}/${name}?${query}${query && '&'}${sas}`
    const { status } = await rawRequest(url, { method, headers: blockBlob, ...(body !== '' && { body }) })
    expect(status).toBe(method === 'DELETE' ? 202 : 201)
    recording.events.push({ what: 'acknowledged', path: name, ...told })
  }

  return {
    top,
    store,
    container,
    recording,
    put: (name: string, content: string) => send('PUT', name, { body: content, content }),
    putBlock: (name: string, n: number, body: string) =>
      send('PUT', name, {
        query: `comp=block&blockid=${encodeURIComponent(blockId(n))}`,
        body,
        block: { id: blockId(n), content: body },
      }),
    putBlockList: (name: string, ids: number[], content: string) =>
      send('PUT', name, { query: 'comp=blocklist', body: blockList(...ids), content }),
    list: async () => {
      const { status } = await rawRequest(`${base}?restype=container&comp=list&${sas}`)
      expect(status).toBe(200)
    },
    delete: (name: string) => send('DELETE', name, { content: undefined }),
    publish: async (name: string, content: string) => {
      const path = join(scratch, randomUUID())
      await writeFile(path, content)
      await store.publishFile(container, name, path)
      recording.events.push({ what: 'acknowledged', path: name, content })
    },
  }
}

interface Sent extends Pick<Acknowledged, 'content' | 'block'> {
  query?: string
  body?: string
}

test('nothing is acknowledged before each sync it needs, of files and of directories, has returned', async () => {
  const blobs = await startRecorded()
  await blobs.put('deleted', 'old')
  await blobs.putBlock('listed', 1, 'block')
  const operations = {
    // The directory of a new blob, the content and its name, the manifest and its name.
    put: [() => blobs.put('new', 'content'), 'directory', 'file', 'directory', 'file', 'directory'],
    'put again': [() => blobs.put('new', 'newer'), 'file', 'directory', 'file', 'directory'],
    'put block': [() => blobs.putBlock('listed', 2, 'block'), 'file', 'directory'],
    'put block list': [() => blobs.putBlockList('listed', [1, 2], 'blockblock'), 'file', 'directory'],
    delete: [() => blobs.delete('deleted'), 'directory'],
    publish: [() => blobs.publish('result', 'it'), 'file', 'directory', 'directory', 'file', 'directory'],
  } satisfies Record<string, [() => Promise<void>, ...('file' | 'directory')[]]>
  const { recording } = blobs
  recording.hold = true
  for (const [name, [operation, ...needed]] of Object.entries(operations)) {
    let acknowledged = false
    const done = operation().then(() => {
      acknowledged = true
    })
    const syncs: string[] = []
    while (!acknowledged) {
      await turn()
      const sync = recording.held.shift()
      if (sync === undefined) continue
      // Another is answered meanwhile: had the server an answer for this one, it would be here.
      await blobs.list()
      expect(acknowledged, `${name} was acknowledged before sync ${syncs.length + 1} returned`).toBe(false)
      syncs.push(sync.kind)
      sync.letGo()
    }
    await done
    expect(syncs, name).toEqual(needed)
  }
  recording.hold = false
})

test.each<Cut>(['nothing', 'names', 'some'])(
  'wherever the power is cut, what was acknowledged is there and reads equal (of what was not synced is kept: %s)',
  async (cut) => {
    const blobs = await startRecorded()
    await workOf(blobs)
    const { events } = blobs.recording
    const seed = 20_260
    const random = randomNumbers(seed)
    const disk = new PowerCutDisk(blobs.top, ['scratch'])
    const folder = await quickFolder()
    let cuts = 0
    for (const [at, event] of events.entries()) {
      disk.play(event)
      const left = await mkdtemp(join(folder, 'alidade-cut-'))
      await disk.restore(left, cut, random)
      const where = `seed ${seed}, cut ${at} of ${events.length}, after ${event.what} ${event.path}`
      await expectAcknowledged(left, blobs.container, {
        before: acksOf(events.slice(0, at + 1)),
        after: acksOf(events.slice(at + 1)),
        where,
      })
      await rm(left, { recursive: true })
      cuts++
    }
    console.log(`${cuts} cuts, keeping ${cut} of what was not synced`)
    expect(cuts).toBeGreaterThanOrEqual(200)
  },
)

type Recorded = Awaited<ReturnType<typeof startRecorded>>

/** Every route, alone and several at a time, new blobs and old ones. */
async function workOf(blobs: Recorded): Promise<void> {
  await blobs.put('a', 'first')
  await blobs.put('a', 'second, which is longer')
  await blobs.put('b/c', 'in a folder')
  await blobs.putBlock('blocks', 1, 'one, ')
  await Promise.all([2, 3].map((n) => blobs.putBlock('blocks', n, `${n}, `)))
  await blobs.putBlockList('blocks', [1, 2, 3], 'one, 2, 3, ')
  await blobs.publish('result', 'published')
  await blobs.put('blocks', 'overwritten')
  await blobs.delete('b/c')
  await Promise.all([blobs.put('p', 'p'.repeat(300_000)), blobs.put('q', 'q'), blobs.delete('a')])
  await blobs.put('a', 'third')
  await blobs.publish('result', 'published again')
  await blobs.delete('result')
}

interface Expected {
  before: Acknowledged[]
  /** What was acknowledged after the cut: some of it may have been done already. */
  after: Acknowledged[]
  where: string
}

async function expectAcknowledged(top: string, container: ContainerKey, expected: Expected): Promise<void> {
  const { before, after, where } = expected
  const store = await openFolderBlobStore({ root: join(top, 'blobs') })
  const contentOf = async (name: string) =>
    (await buffer((await store.read(container, name)).stream)).toString()
  const listed = (await store.list(container)).blobs.map(({ name }) => name)
  const found = new Map(await Promise.all(listed.map(async (name) => [name, await contentOf(name)] as const)))

  for (const name of new Set(
    [...before, ...after, ...listed.map((path) => ({ path }))].map(({ path }) => path),
  )) {
    const [wholes, later] = [before, after].map((acks) =>
      acks.filter(({ path, block }) => path === name && !block),
    )
    const current = wholes!.at(-1)?.content
    const next = later!.length > 0 ? [later![0]!.content] : []
    expect([current, ...next], `${name}: ${where}`).toContain(found.get(name))

    const since = before.findLastIndex(({ path, block }) => path === name && !block)
    const blocks = before.slice(since + 1).flatMap(({ path, block }) => (path === name && block ? block : []))
    // A change that was on its way may have used them.
    if (blocks.length === 0 || (next.length > 0 && found.get(name) === next[0])) continue
    const list = blocks.map(({ id }) => ({ id, from: 'uncommitted' }) as const)
    await store
      .commitBlocks(container, name, list)
      .catch((error: Error) => expect.fail(`${where}: ${error.message}`))
    expect(await contentOf(name), where).toBe(blocks.map(({ content }) => content).join(''))
  }
}

function acksOf(events: readonly DiskEvent[]): Acknowledged[] {
  return events.filter((event) => event.what === 'acknowledged')
}
