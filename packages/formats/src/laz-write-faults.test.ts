// What a LAZ file and its threads are worth when the writing does not end well.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { openFile } from './byte-source.ts'
import { readLasHeader } from './las-header.ts'
import { createLasWriter } from './las-writer.ts'
import { recordBytes, seededRandom, temporaryFolder } from './las.fixture.ts'
import { headerOf, randomCloud } from './random-cloud.fixture.ts'

/** Threads that start from now on; one that has ended has the number -1. */
function startedThreads(): Worker[] {
  const workers: Worker[] = []
  const remember = (worker: Worker) => workers.push(worker)
  process.on('worker', remember)
  onTestFinished(() => void process.off('worker', remember))
  return workers
}

async function refusal(path: string): Promise<unknown> {
  const file = await openFile(path)
  try {
    return await readLasHeader(file).catch((error: unknown) => error)
  } finally {
    await file.close()
  }
}

/** Noise, which hardly gets smaller. */
const noise = (() => {
  const random = seededRandom(1)
  return Uint8Array.from({ length: 20 * 60_000 }, () => Math.floor(random() * 256))
})()
const like = headerOf({ pointFormat: 0, recordLength: 20, count: 0 })

test('an abandoned file does not read as LAS, and its threads are gone', async () => {
  const threads = startedThreads()
  const path = join(await temporaryFolder(), 'cloud.laz')
  const writer = await createLasWriter(path, { like, compressed: true, threads: 2 })
  for (let i = 0; i < 4; i++) await writer.append(noise, 60_000)
  expect(threads.map(({ threadId }) => threadId > 0)).toEqual([true, true])
  await writer.abandon()
  expect(threads.map(({ threadId }) => threadId)).toEqual([-1, -1])
  expect(await refusal(path)).toMatchObject({ code: 'NotAPointCloud' })
})

test('a closed file leaves no thread behind', async () => {
  const threads = startedThreads()
  const path = join(await temporaryFolder(), 'cloud.laz')
  const writer = await createLasWriter(path, { like, compressed: true, threads: 2 })
  for (let i = 0; i < 4; i++) await writer.append(noise, 60_000)
  expect(await writer.close()).toMatchObject({ pointCount: 240_000 })
  await writer.abandon()
  expect(threads.map(({ threadId }) => threadId)).toEqual([-1, -1])
})

test('a cloud of one chunk starts no thread before it is full', async () => {
  const threads = startedThreads()
  const path = join(await temporaryFolder(), 'cloud.laz')
  const writer = await createLasWriter(path, { like, compressed: true, threads: 8 })
  await writer.append(noise, 49_999)
  expect(threads).toEqual([])
  await writer.abandon()
})

test.for([1, 2])(
  'a full disk is what stops the writer with %i threads, and it stays stopped',
  async (threads, { skip }) => {
    const workers = startedThreads()
    const disk = smallDisk(3)
    if (disk === undefined) return skip('mounting a tmpfs is not permitted here')
    const path = join(disk, 'cloud.laz')
    const other = join(disk, 'other')
    await writeFile(other, new Uint8Array(2 ** 20))
    const writer = await createLasWriter(path, { like, compressed: true, threads })
    const full = { code: 'ENOSPC' }
    const fill = async () => {
      for (let i = 0; i < 12; i++) await writer.append(noise, 60_000)
    }
    await expect(fill()).rejects.toMatchObject(full)
    // Part of a batch may be written: room that comes later does not help.
    await rm(other)
    await expect(writer.append(noise, 1)).rejects.toMatchObject(full)
    await expect(writer.close()).rejects.toMatchObject(full)
    expect(workers.map(({ threadId }) => threadId)).toEqual(threads > 1 ? [-1, -1] : [])
    expect(await refusal(path)).toMatchObject({ code: 'NotAPointCloud' })
  },
)

test('a file whose writer was killed does not read as LAS, however much of it is there', async () => {
  const path = join(await temporaryFolder(), 'cloud.laz')
  const script = join(import.meta.dirname, 'write-laz-forever.fixture.ts')
  const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  let appended = 0
  for await (const dots of child.stdout) {
    appended += dots.length
    if (appended > 10) break
  }
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  expect((await stat(path)).size).toBeGreaterThan(100_000)
  expect(await refusal(path)).toMatchObject({ code: 'NotAPointCloud' })
})

test('records of another size, or too few of them, are refused before anything is written', async () => {
  const path = join(await temporaryFolder(), 'cloud.laz')
  const writer = await createLasWriter(path, { like, compressed: true })
  await expect(writer.append(new Uint8Array(59), 3)).rejects.toThrow(RangeError)
  await expect(writer.append(new Uint8Array(0), 1)).rejects.toThrow('got 0 bytes for 1 records')
  for (const count of [-1, 1.5, NaN]) {
    await expect(writer.append(new Uint8Array(60), count)).rejects.toThrow(RangeError)
  }
  expect(await writer.close()).toMatchObject({ pointCount: 0 })
})

test.each([4, 5, 9, 10])(
  'point format %i, with waveforms, is refused and leaves no file',
  async (pointFormat) => {
    const path = join(await temporaryFolder(), 'cloud.laz')
    const waveforms = headerOf({ pointFormat, recordLength: recordBytes[pointFormat]!, count: 0 })
    await expect(createLasWriter(path, { like: waveforms, compressed: true })).rejects.toMatchObject({
      name: 'FormatError',
      code: 'Unsupported',
      message: `point format: expected a point format 0-3 or 6-8 for LAZ, got ${pointFormat} (waveforms)`,
    })
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' })
  },
)

test('a number of threads that is none is refused', async () => {
  const path = join(await temporaryFolder(), 'cloud.laz')
  for (const threads of [0, 1.5, NaN]) {
    await expect(createLasWriter(path, { like, compressed: true, threads })).rejects.toThrow(RangeError)
  }
})

test('more extra bytes than readers take are refused', async () => {
  const path = join(await temporaryFolder(), 'cloud.laz')
  const { records, ...cloud } = randomCloud(seededRandom(1), { pointFormat: 6, extra: 1025, count: 1 })
  expect(records.length).toBe(1055)
  const writing = createLasWriter(path, { like: headerOf(cloud), compressed: true })
  await expect(writing).rejects.toMatchObject({ code: 'Unsupported' })
})

/** A folder on a disk of so many megabytes, where this user may mount one. */
function smallDisk(megabytes: number): string | undefined {
  const path = mkdtempSync(join(tmpdir(), 'alidade-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path], { stdio: 'pipe' })
  } catch {
    rmSync(path, { recursive: true })
    return undefined
  }
  onTestFinished(() => {
    execFileSync('umount', ['--lazy', path])
    rmSync(path, { recursive: true })
  })
  return path
}
