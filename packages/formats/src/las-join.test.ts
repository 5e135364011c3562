import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openFile } from './byte-source.ts'
import { readLasHeader } from './las-header.ts'
import { joinLasFiles } from './las-join.ts'
import { readPointBatches } from './las-points.ts'
import { createLasWriter } from './las-writer.ts'
import { seededRandom, temporaryFolder } from './las.fixture.ts'
import { headerOf, randomCloud } from './random-cloud.fixture.ts'

const chunk = 50_000
const createdAt = new Date(0)

/** A cloud written in one go, and in parts that end at these points. */
async function writtenTwice(
  { pointFormat, compressed, count }: { pointFormat: number; compressed: boolean; count: number },
  ends: number[],
) {
  const folder = await temporaryFolder()
  const cloud = randomCloud(seededRandom(7), { pointFormat, extra: 3, count })
  const like = headerOf(cloud)
  const write = async (name: string, from: number, to: number) => {
    const path = join(folder, name)
    const writer = await createLasWriter(path, { like, compressed, createdAt })
    const length = like.pointRecordLength
    await writer.append(cloud.records.subarray(from * length, to * length), to - from)
    await writer.close()
    return path
  }
  const whole = await write('whole', 0, count)
  const parts: string[] = []
  let from = 0
  for (const to of [...ends, count]) {
    parts.push(await write(`part-${parts.length}`, from, to))
    from = to
  }
  return { folder, whole, parts }
}

async function joined(path: string, parts: string[], onJoined?: (points: number) => void) {
  const sources = await Promise.all(parts.map((part) => openFile(part)))
  try {
    return await joinLasFiles(path, sources, onJoined && { onJoined })
  } finally {
    await Promise.all(sources.map((source) => source.close()))
  }
}

test.for([
  { pointFormat: 1, compressed: false, ends: [10, 11, 70_000], count: 90_000 },
  { pointFormat: 3, compressed: true, ends: [chunk, 2 * chunk], count: 2 * chunk + 7 },
  { pointFormat: 7, compressed: true, ends: [chunk], count: chunk + 1 },
  { pointFormat: 6, compressed: true, ends: [0, chunk], count: 2 * chunk },
])('parts of a cloud are joined to the bytes of one writer: %o', async ({ ends, ...cloud }) => {
  const { folder, whole, parts } = await writtenTwice(cloud, ends)
  const path = join(folder, 'joined')
  let counted = 0
  const { pointCount } = await joined(path, parts, (points) => {
    counted += points
  })
  expect([pointCount, counted]).toEqual([cloud.count, cloud.count])
  expect((await readFile(path)).equals(await readFile(whole))).toBe(true)
})

test('parts of LAZ that end within a chunk are refused, and what was begun does not read as a cloud', async () => {
  const { folder, parts } = await writtenTwice({ pointFormat: 6, compressed: true, count: 90 }, [40])
  const path = join(folder, 'joined')
  await expect(joined(path, parts)).rejects.toThrow('expected a multiple of 50000 points in part 0, got 40')
  const source = await openFile(path)
  await expect(readLasHeader(source)).rejects.toMatchObject({ code: 'NotAPointCloud' })
  await source.close()
})

test('clouds of different formats are not joined', async () => {
  const one = await writtenTwice({ pointFormat: 6, compressed: false, count: 9 }, [])
  const other = await writtenTwice({ pointFormat: 1, compressed: false, count: 9 }, [])
  await expect(joined(join(one.folder, 'joined'), [one.whole, other.whole])).rejects.toThrow('pointFormat 6')
})

test.for([false, true])(
  'a range of points is read as it is in the file, compressed: %o',
  async (compressed) => {
    const count = 2 * chunk + 5
    const { whole } = await writtenTwice({ pointFormat: 6, compressed, count }, [])
    const source = await openFile(whole)
    const header = await readLasHeader(source)
    const length = header.pointRecordLength
    const read = async (range?: readonly [number, number]) => {
      const pieces: Uint8Array[] = []
      let next = range?.[0] ?? 0
      for await (const batch of readPointBatches(source, header, { threads: 2, ...(range && { range }) })) {
        expect(batch.firstIndex).toBe(next)
        next += batch.count
        pieces.push(batch.records.slice())
      }
      return Buffer.concat(pieces)
    }
    const all = await read()
    for (const [from, to] of [
      [0, 0],
      [1, 2],
      [chunk - 1, chunk + 1],
      [chunk, 2 * chunk],
      [60_000, count],
    ] as const)
      expect((await read([from, to])).equals(all.subarray(from * length, to * length))).toBe(true)
    await expect(read([1, count + 1])).rejects.toThrow(RangeError)
    await source.close()
  },
)
