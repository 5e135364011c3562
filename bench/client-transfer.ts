/**
 * Pushes a sparse file to a blob server of its own from a process that is killed (-9) again and again, pulls it back
 * the same way, and compares the hashes. Says how much went over the line more than once, and what memory it took.
 *
 *     node bench/client-transfer.ts [gigabytes] [kills]      default 20 and 20
 *
 * Needs twice the size in the temporary folder (TMPDIR), as the store and the pulled copy are whole files.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { startCountingProxy } from '../packages/client/src/testing/counting-proxy.ts'
import { killedTransfer } from '../packages/client/src/testing/killed-transfer.ts'

const gigabytes = Number(process.argv[2] ?? 20)
const kills = Number(process.argv[3] ?? 20)
const sizeBytes = Math.round(gigabytes * 1e9)

const folder = await mkdtemp(join(tmpdir(), 'alidade-bench-transfer-'))
const { bavail, bsize } = await statfs(folder)
if (bavail * bsize < 2 * sizeBytes + 5e9) throw new Error(`${folder} has no space for ${2 * gigabytes} GB`)
const server = await startBlobServer(join(folder, 'store'))
const { origin, pathname, search } = new URL(server.containerUrl)
const proxy = await startCountingProxy(origin)
const url = `${proxy.url}${pathname}${search}`
try {
  const source = join(folder, 'sparse.bin')
  await makeSparse(source)
  const results = join(folder, 'pulled')
  await measured('push', url, source, join(folder, 'journal'))
  const again = (100 * (proxy.fromClients.bytes - sizeBytes)) / sizeBytes
  console.log(`      ${again.toFixed(2)} % of the file went over the line again, headers included`)
  await measured('pull', url, results, '')
  if ((await sha1Of(join(results, 'sparse.bin'))) !== (await sha1Of(source)))
    throw new Error('the hashes differ')
  console.log('      the hashes are equal')
} finally {
  server.process.kill('SIGKILL')
  await proxy[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
}

async function measured(...args: string[]): Promise<void> {
  const start = performance.now()
  const { kills: came, peakMegabytes } = await killedTransfer(args, { sizeBytes, kills })
  const seconds = ((performance.now() - start) / 1000).toFixed(0)
  console.log(
    `${args[0]}  ${gigabytes} GB, ${came} kills: ${seconds} s, peak resident memory ${peakMegabytes} MB`,
  )
}

async function startBlobServer(root: string): Promise<{ process: ChildProcess; containerUrl: string }> {
  const path = fileURLToPath(new URL('../packages/server/src/blobs/blob-server-process.ts', import.meta.url))
  const child = spawn(process.execPath, [path, root, randomUUID()], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [containerUrl] = (await once(createInterface(child.stdout), 'line')) as [string]
  return { process: child, containerUrl }
}

/** Holes, and every 64 MB a few bytes that are found nowhere else. */
async function makeSparse(path: string): Promise<void> {
  const file = await open(path, 'w')
  await file.truncate(sizeBytes)
  for (let offset = 12_345; offset < sizeBytes - 64; offset += 64e6) {
    await file.write(createHash('md5').update(String(offset)).digest('hex'), offset)
  }
  await file.close()
}

async function sha1Of(path: string): Promise<string> {
  const hash = createHash('sha1')
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk)
  return hash.digest('hex')
}
