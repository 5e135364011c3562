// What an agent does with an input and an output, in a process of its own whose memory is measured:
// `node stream-through-store.ts <megabytes> [<connection string>]` writes a file, publishes it, fetches it, and prints one
// line of JSON. Without a connection string it starts Azurite.
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AzureBlobStore } from '../../packages/server/src/blobs/azure-blob-store.ts'
import { startAzurite } from './start-azurite.ts'

const megabytes = Number(process.argv[2])
if (!(megabytes >= 1)) throw new TypeError('expected a number of megabytes')
const azurite = process.argv[3] === undefined ? await startAzurite() : undefined
const connectionString = process.argv[3] ?? azurite!.connectionString
const folder = await mkdtemp(join(tmpdir(), 'alidade-stream-'))
try {
  const store = new AzureBlobStore({ connectionString, owner: randomUUID(), now: () => new Date() })
  const output = { id: randomUUID(), attempt: 1 }
  const [sent, fetched] = [join(folder, 'sent'), join(folder, 'fetched')]
  await pipeline(Readable.from(chunks(megabytes)), createWriteStream(sent))
  const wanted = await hashOf(sent)
  const residentBefore = await peakMegabytes()

  const began = performance.now()
  await store.publishFile(output, 'result.las', sent)
  const published = performance.now()
  const { stream } = await store.read(output, 'result.las')
  await pipeline(stream, createWriteStream(fetched))
  const ended = performance.now()

  console.log(
    JSON.stringify({
      megabytes,
      same: (await hashOf(fetched)) === wanted,
      publishSeconds: Math.round(published - began) / 1000,
      fetchSeconds: Math.round(ended - published) / 1000,
      residentBefore,
      peakMegabytes: await peakMegabytes(),
    }),
  )
} finally {
  await rm(folder, { recursive: true })
  await azurite?.stop()
}

function* chunks(count: number): Generator<Buffer> {
  const chunk = randomBytes(2 ** 20)
  for (let i = 0; i < count; i++) {
    chunk.writeUInt32LE(i)
    yield Buffer.from(chunk)
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer)
  return hash.digest('hex')
}

/** The most that this process ever had resident. */
async function peakMegabytes(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8')
  return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)![1]) / 1024)
}
