import { once } from 'node:events'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { openFile } from './byte-source.ts'
import { seededRandom, temporaryFolder } from './las.fixture.ts'
import { headerOf } from './random-cloud.fixture.ts'
import { readLasHeader } from './las-header.ts'
import { readPointBatches } from './las-points.ts'
import { createLasWriter } from './las-writer.ts'
import { LazThreads } from './laz-threads.ts'

const count = 160_000
const noise = (() => {
  const random = seededRandom(1)
  return Uint8Array.from({ length: 20 * count }, () => Math.floor(random() * 256))
})()
const like = headerOf({ pointFormat: 0, recordLength: 20, count: 0 })

function threadsForTest(): { lazThreads: LazThreads; started: Worker[] } {
  const started: Worker[] = []
  const watch = (worker: Worker) => started.push(worker)
  process.on('worker', watch)
  const lazThreads = new LazThreads()
  onTestFinished(async () => {
    process.off('worker', watch)
    await lazThreads.end()
  })
  return { lazThreads, started }
}

async function write(lazThreads: LazThreads): Promise<string> {
  const path = join(await temporaryFolder(), 'cloud.laz')
  const writer = await createLasWriter(path, { like, compressed: true, threads: 2, lazThreads })
  await writer.append(noise, count)
  await writer.close()
  return path
}

/** Into one stretch of memory, which it returns. */
async function read(path: string, threads: number, lazThreads?: LazThreads): Promise<Uint8Array> {
  const source = await openFile(path)
  onTestFinished(() => source.close())
  const into = new Uint8Array(new SharedArrayBuffer(20 * count))
  const header = await readLasHeader(source)
  for await (const { records, firstIndex } of readPointBatches(source, header, { threads, lazThreads, into }))
    expect([records.buffer, records.byteOffset]).toEqual([into.buffer, 20 * firstIndex])
  return into
}

test('files one after the other are written and read by the same two threads', async () => {
  const { lazThreads, started } = threadsForTest()
  const path = await write(lazThreads)
  await write(lazThreads)
  const records = await read(path, 2, lazThreads)
  expect(started.length).toBe(2)
  expect(Buffer.compare(records, noise)).toBe(0)
  expect(Buffer.compare(await read(path, 1), noise)).toBe(0)
  await lazThreads.end()
  expect(started.map(({ threadId }) => threadId)).toEqual([-1, -1])
})

test('a thread that is lost while nobody has it is replaced', async () => {
  const { lazThreads, started } = threadsForTest()
  const path = await write(lazThreads)
  const ended = once(started[0]!, 'exit')
  await started[0]!.terminate()
  await ended
  expect(Buffer.compare(await read(path, 2, lazThreads), noise)).toBe(0)
  expect(started.length).toBe(3)
})
