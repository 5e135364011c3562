/**
 * Uploads 4 GB by blocks of 8 MB, 16 in parallel, with the Azure storage SDK to a server process of its own,
 * downloads them again and compares the hashes. Needs 4 GB in the temporary folder.
 *
 *     node bench/blobs-4gb.ts [gigabytes]
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { ContainerClient } from '@azure/storage-blob'

const gigabytes = Number(process.argv[2] ?? 4)
const mebibyte = 2 ** 20
const blockBytes = 8 * mebibyte
const blocks = Math.ceil((gigabytes * 1024) / 8)
const parallel = 16

const root = await mkdtemp(join(tmpdir(), 'alidade-bench-blobs-'))
const program = fileURLToPath(new URL('../packages/server/src/blobs/blob-server-process.ts', import.meta.url))
const server = spawn(process.execPath, [program, root, randomUUID()], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
try {
  const [url] = (await once(createInterface(server.stdout), 'line')) as [string]
  console.log(`server at rest: ${await peakMegabytes(server)} MB`)
  const blob = new ContainerClient(url).getBlockBlobClient('bench.bin')
  await measured('upload', () =>
    blob.uploadStream(Readable.from(content(), { objectMode: false }), blockBytes, parallel),
  )
  const received = createHash('sha1')
  await measured('download', async () => {
    const { readableStreamBody } = await blob.download()
    for await (const chunk of readableStreamBody!) received.update(chunk)
  })
  const sent = createHash('sha1')
  for (const block of content()) sent.update(block)
  if (received.digest('hex') !== sent.digest('hex')) throw new Error('the download differs from the upload')
  console.log('byte-equal')
} finally {
  server.kill('SIGKILL')
  await rm(root, { recursive: true })
}

async function measured(what: string, task: () => Promise<unknown>): Promise<void> {
  const start = performance.now()
  await task()
  const seconds = (performance.now() - start) / 1000
  const megabytes = (blocks * blockBytes) / 1e6
  const rate = `${what} ${seconds.toFixed(1)} s, ${(megabytes / seconds).toFixed(0)} MB/s`
  console.log(`${rate}, peak resident memory of the server ${await peakMegabytes(server)} MB`)
}

/** Blocks that differ from each other, made again and not kept: 4 GB do not fit into the memory of every machine. */
function* content(): Generator<Buffer> {
  const noise = Buffer.allocUnsafe(blockBytes)
  for (let i = 0; i < blockBytes; i += 4) noise.writeUInt32LE(Math.imul(i ^ 0x9e3779b9, 2654435761) >>> 0, i)
  for (let index = 0; index < blocks; index++) {
    const block = Buffer.from(noise)
    block.writeUInt32LE(index, 0)
    yield block
  }
}

async function peakMegabytes({ pid }: ChildProcess): Promise<string> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const kibibytes = /VmHWM:\s+(\d+) kB/.exec(status)?.[1]
  return kibibytes === undefined ? 'unknown' : ((Number(kibibytes) * 1024) / 1e6).toFixed(0)
}
