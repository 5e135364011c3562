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
import { pull, push } from '../packages/client/src/node.ts'
import { startCountingProxy } from '../packages/client/src/testing/counting-proxy.ts'
import { peakMegabytes } from './peak-megabytes.ts'

const program = fileURLToPath(import.meta.url)
const blobName = 'sparse.bin'

/** In the process that is killed: one push or pull, telling the parent how far it is. */
async function transfer(direction: string, url: string, path: string, journal: string): Promise<void> {
  const onBytes = ({ doneBytes }: { doneBytes: number }) => process.stdout.write(`${doneBytes}\n`)
  if (direction === 'push') await push(() => url, [{ path, name: blobName }], { journal, onBytes })
  else await pull(() => url, path, { onBytes })
  process.stdout.write(`peak ${await peakMegabytes(process.pid)}\n`)
}

/** Runs it to its end, killed whenever another part of the whole is done. */
async function killedTransfer(args: string[], sizeBytes: number, kills: number): Promise<string> {
  let killed = 0
  let peak = '?'
  for (let ended = false; !ended; ) {
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    const exit = once(child, 'exit')
    for await (const line of createInterface(child.stdout)) {
      if (line.startsWith('peak ')) peak = line.slice('peak '.length)
      else if (killed < kills && Number(line) >= (sizeBytes * (killed + 1)) / (kills + 1)) {
        killed++
        child.kill('SIGKILL')
        break
      }
    }
    const [code, signal] = await exit
    if (code !== 0 && signal !== 'SIGKILL') throw new Error(`${args[0]} ended with ${signal ?? code}`)
    ended = code === 0
  }
  if (killed < kills) console.log(`only ${killed} of ${kills} kills came before the end`)
  return peak
}

async function measure(gigabytes: number, kills: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'alidade-bench-transfer-'))
  const sizeBytes = Math.round(gigabytes * 1e9)
  const { bavail, bsize } = await statfs(folder)
  if (bavail * bsize < 2 * sizeBytes + 5e9)
    throw new Error(`not enough space for ${2 * gigabytes} GB in ${folder}`)
  const server = await startBlobServer(join(folder, 'store'))
  await using proxy = await startCountingProxy(new URL(server.containerUrl).origin)
  const { pathname, search } = new URL(server.containerUrl)
  const url = `${proxy.url}${pathname}${search}`
  try {
    const source = join(folder, blobName)
    await makeSparse(source, sizeBytes)
    const expected = await sha1Of(source)
    const results = join(folder, 'pulled')

    const pushed = await timed(() =>
      killedTransfer(['push', url, source, join(folder, 'journal')], sizeBytes, kills),
    )
    const extra = (100 * (proxy.sentBytes - sizeBytes)) / sizeBytes
    console.log(
      `push  ${gigabytes} GB, ${kills} kills: ${pushed.seconds.toFixed(0)} s, ${extra.toFixed(2)} % of the file sent again ` +
        `(headers included), peak ${pushed.value} MB`,
    )
    const pulled = await timed(() => killedTransfer(['pull', url, results, ''], sizeBytes, kills))
    console.log(
      `pull  ${gigabytes} GB, ${kills} kills: ${pulled.seconds.toFixed(0)} s, peak ${pulled.value} MB`,
    )
    const same = (await sha1Of(join(results, blobName))) === expected
    console.log(same ? 'the hashes are equal' : 'THE HASHES DIFFER')
    if (!same) process.exitCode = 1
  } finally {
    server.process.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  }
}

async function startBlobServer(root: string): Promise<{ process: ChildProcess; containerUrl: string }> {
  const path = fileURLToPath(new URL('../packages/server/src/blobs/blob-server-process.ts', import.meta.url))
  const child = spawn(process.execPath, [path, root, randomUUID()], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [containerUrl] = (await once(createInterface(child.stdout), 'line')) as [string]
  return { process: child, containerUrl }
}

/** Holes, and in every 64 MB a few bytes that are found nowhere else. */
async function makeSparse(path: string, sizeBytes: number): Promise<void> {
  const file = await open(path, 'w')
  await file.truncate(sizeBytes)
  for (let offset = 12_345; offset < sizeBytes - 64; offset += 64e6) {
    await file.write(`at ${offset}: ${createHash('md5').update(String(offset)).digest('hex')}`, offset)
  }
  await file.close()
}

async function sha1Of(path: string): Promise<string> {
  const hash = createHash('sha1')
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk)
  return hash.digest('hex')
}

async function timed<T>(task: () => Promise<T>): Promise<{ value: T; seconds: number }> {
  const start = performance.now()
  const value = await task()
  return { value, seconds: (performance.now() - start) / 1000 }
}

const [first = '20', second = '20', ...more] = process.argv.slice(2)
if (first === 'push' || first === 'pull') await transfer(first, second, more[0]!, more[1]!)
else await measure(Number(first), Number(second))
