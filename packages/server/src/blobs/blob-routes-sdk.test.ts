/** The storage SDK as it is published, against a server process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomFillSync, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { ContainerClient } from '@azure/storage-blob'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { quickFolder } from '../quick-folder.fixture.ts'

const program = fileURLToPath(new URL('./blob-server-process.ts', import.meta.url))
const mebibyte = 2 ** 20

async function newRoot(): Promise<string> {
  const root = await mkdtemp(join(await quickFolder(), 'alidade-blob-server-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  return root
}

async function startProcess(root: string, containerId: string) {
  const child = spawn(process.execPath, [program, root, containerId], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string]
  return { child, container: new ContainerClient(url, undefined, { retryOptions: { maxTries: 1 } }) }
}

let sharedRoot: string
let shared: Awaited<ReturnType<typeof startProcess>>
beforeAll(async () => {
  sharedRoot = await mkdtemp(join(await quickFolder(), 'alidade-blob-server-'))
  shared = await startProcess(sharedRoot, randomUUID())
})
afterAll(async () => {
  await kill(shared.child)
  await rm(sharedRoot, { recursive: true })
})
beforeEach(async () => {
  for (const name of await names(shared.container)) await shared.container.deleteBlob(name)
})

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

async function peakMegabytes({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)![1]) / 1024
}

async function names(container: ContainerClient): Promise<string[]> {
  const all: string[] = []
  for await (const blob of container.listBlobsFlat()) all.push(blob.name)
  return all
}

test('256 MB by blocks of 8 MB, 16 in parallel, come back byte-equal through a server under 200 MB', async () => {
  const { child, container } = shared
  // Each number says where it lies: a block in the place of another would be seen.
  const numbers = new Uint32Array((256 * mebibyte) / 4)
  for (let i = 0; i < numbers.length; i++) numbers[i] = i
  const data = Buffer.from(numbers.buffer)
  const blob = container.getBlockBlobClient('Gelände 1/scan.las')
  await blob.uploadData(data, {
    blockSize: 8 * mebibyte,
    maxSingleShotSize: 8 * mebibyte,
    concurrency: 16,
    blobHTTPHeaders: { blobContentType: 'application/vnd.las' },
  })
  const properties = await blob.getProperties()
  expect(properties).toMatchObject({ contentLength: data.length, contentType: 'application/vnd.las' })
  const received = Buffer.allocUnsafe(data.length)
  await blob.downloadToBuffer(received, 0, data.length, { blockSize: 8 * mebibyte, concurrency: 16 })
  expect(received.equals(data)).toBe(true)
  if (existsSync('/proc/self/status')) expect(await peakMegabytes(child)).toBeLessThan(200)
}, 120_000)

test('a file, a stream and a single body arrive as they are', async () => {
  const root = await newRoot()
  const { container } = shared
  const data = randomFillSync(Buffer.allocUnsafe(20 * mebibyte + 12_345))
  const path = join(root, 'local file')
  await writeFile(path, data)
  const blocks = { blockSize: 4 * mebibyte, concurrency: 8, maxSingleShotSize: mebibyte }

  await container.getBlockBlobClient('file').uploadFile(path, blocks)
  await container
    .getBlockBlobClient('stream')
    .uploadStream(Readable.from(chunks(data, 70_000)), 4 * mebibyte, 4)
  await container.getBlockBlobClient('single').upload(data, data.length)
  await container.getBlockBlobClient('empty').upload('', 0)

  for (const name of ['file', 'stream', 'single']) {
    const download = await container.getBlobClient(name).download()
    expect((await buffer(download.readableStreamBody!)).equals(data), name).toBe(true)
  }
  const empty = await container.getBlobClient('empty').download()
  expect(await buffer(empty.readableStreamBody!)).toHaveLength(0)
  const target = join(root, 'downloaded')
  await container.getBlobClient('file').downloadToFile(target)
  expect((await readFile(target)).equals(data)).toBe(true)
})

test('names with spaces, umlauts and folders are listed and read as they were given', async () => {
  const { container } = shared
  const all = [
    ' leading and trailing ',
    '100% & <more> "quotes"',
    'Case',
    'Gelände/Höhe über NN.las',
    'a+b=c?d#e;f,g',
    'case',
    'doubled//slash',
    'folder/',
    '日本/😀.laz',
  ]
  for (const name of all) await container.getBlockBlobClient(name).upload(name, Buffer.byteLength(name))
  expect(await names(container)).toEqual(all)
  for (const name of all) {
    expect((await container.getBlobClient(name).downloadToBuffer()).toString()).toBe(name)
  }
})

test('a list of 12 blobs comes in pages, and by prefix', async () => {
  const { container } = shared
  const wanted = Array.from({ length: 12 }, (_, i) => `tiles/${String(i).padStart(2, '0')}.json`)
  await Promise.all(wanted.map((name) => container.getBlockBlobClient(name).upload('{}', 2)))
  await container.getBlockBlobClient('other').upload('x', 1)
  const pages: string[][] = []
  for await (const page of container.listBlobsFlat({ prefix: 'tiles/' }).byPage({ maxPageSize: 5 })) {
    pages.push(page.segment.blobItems.map((blob) => blob.name))
  }
  expect(pages.map((page) => page.length)).toEqual([5, 5, 2])
  expect(pages.flat()).toEqual(wanted)
  const { value: first } = await container.listBlobsFlat({ prefix: 'tiles/' }).next()
  expect(first.properties).toMatchObject({ contentLength: 2, blobType: 'BlockBlob' })
})

test('ranges, conditions and deletion work as the SDK expects', async () => {
  const { container } = shared
  const blob = container.getBlockBlobClient('x')
  const { etag } = await blob.upload('0123456789', 10)
  expect((await blob.downloadToBuffer(3, 4)).toString()).toBe('3456')
  const tail = await blob.download(8)
  expect([tail._response.status, tail.contentLength]).toEqual([206, 2])
  await expect(blob.download(10)).rejects.toMatchObject({ statusCode: 416, code: 'InvalidRange' })
  await expect(blob.download(0, 1, { conditions: { ifMatch: '"0x1"' } })).rejects.toMatchObject({
    statusCode: 412,
    code: 'ConditionNotMet',
  })
  await expect(blob.getProperties({ conditions: { ifNoneMatch: etag! } })).rejects.toMatchObject({
    statusCode: 304,
  })
  await expect(blob.upload('y', 1, { conditions: { ifNoneMatch: '*' } })).rejects.toMatchObject({
    statusCode: 409,
    code: 'BlobAlreadyExists',
  })
  expect(await blob.exists()).toBe(true)
  expect((await blob.delete())._response.status).toBe(202)
  expect(await blob.exists()).toBe(false)
  expect((await blob.deleteIfExists()).succeeded).toBe(false)
  await expect(blob.download()).rejects.toMatchObject({ statusCode: 404, code: 'BlobNotFound' })
  expect((await container.getProperties())._response.status).toBe(200)
})

test('an upload aborted in the middle leaves nothing visible', async () => {
  const { container } = shared
  const controller = new AbortController()
  const blob = container.getBlockBlobClient('x')
  const upload = blob.uploadData(Buffer.alloc(64 * mebibyte), {
    blockSize: mebibyte,
    maxSingleShotSize: mebibyte,
    concurrency: 2,
    abortSignal: controller.signal,
    onProgress: ({ loadedBytes }) => loadedBytes > 8 * mebibyte && controller.abort(),
  })
  await expect(upload).rejects.toMatchObject({ name: 'AbortError' })
  expect(await names(container)).toEqual([])
  expect(await blob.exists()).toBe(false)
})

test('a server killed in the middle of uploads keeps what it acknowledged and shows nothing half', async () => {
  const root = await newRoot()
  const containerId = randomUUID()
  const { child, container } = await startProcess(root, containerId)
  onTestFinished(() => kill(child))
  const acknowledged: string[] = []
  const content = (name: string) => Buffer.alloc(300_000, name)
  const uploadMany = async (worker: number) => {
    for (let i = 0; ; i++) {
      const name = `${worker}/${i}`
      const blob = container.getBlockBlobClient(name)
      if (i % 2 === 0) await blob.upload(content(name), 300_000)
      else await blob.uploadData(content(name), { blockSize: 100_000, maxSingleShotSize: 1, concurrency: 3 })
      acknowledged.push(name)
      if (acknowledged.length === 24) child.kill('SIGKILL')
    }
  }
  const huge = container.getBlockBlobClient('huge').upload(() => endless(), 2 ** 32)
  const outcomes = await Promise.allSettled([huge, ...[1, 2, 3, 4].map(uploadMany)])
  expect(outcomes.map((outcome) => outcome.status)).toEqual(Array(5).fill('rejected'))
  expect(acknowledged.length).toBeGreaterThanOrEqual(24)

  const restarted = await startProcess(root, containerId)
  onTestFinished(() => kill(restarted.child))
  const visible = await names(restarted.container)
  expect(visible).toEqual(expect.arrayContaining(acknowledged))
  expect(visible).not.toContain('huge')
  for (const name of visible) {
    const read = await restarted.container.getBlobClient(name).downloadToBuffer()
    expect(read.equals(content(name)), name).toBe(true)
  }
  const files = await readdir(root, { recursive: true })
  expect(files.some((file) => file.endsWith('.part'))).toBe(true)
})

function* chunks(data: Buffer, sizeBytes: number): Generator<Buffer> {
  for (let at = 0; at < data.length; at += sizeBytes) yield data.subarray(at, at + sizeBytes)
}

function endless(): Readable {
  return new Readable({
    read() {
      this.push(Buffer.alloc(65_536))
    },
  })
}
