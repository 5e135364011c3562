import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { memorySource, openFile } from './byte-source.ts'
import type { ByteSource } from './byte-source.ts'
import { readCopcInfo } from './copc-info.ts'
import { readCopcNodes } from './copc-nodes.ts'
import type { ReadCopcOptions } from './copc-nodes.ts'
import { encodeCopc, pageEntry } from './hostile-copc.fixture.ts'
import { decodeXyz } from './las-columns.ts'
import type { Vector3 } from './las-coordinates.ts'
import { readLasHeader } from './las-header.ts'
import { readPointBatches } from './las-points.ts'
import type { PointBatch } from './las-points.ts'
import { encodeLas } from './las.fixture.ts'
import { pointCloudFile, realDataNote, withoutRealData } from './real-data.fixture.ts'

const manyNodes = pointCloudFile('formats/1.2-with-color.copc.laz')
const fewNodes = pointCloudFile('formats/ellipsoid.copc.laz')

async function takeAll(batches: AsyncIterable<PointBatch>): Promise<PointBatch[]> {
  const taken: PointBatch[] = []
  for await (const batch of batches) taken.push(batch)
  return taken
}

/** Places of the points by their index in the file. */
async function placesOf(
  source: ByteSource,
  read: (source: ByteSource) => Promise<PointBatch[]>,
): Promise<Map<number, Vector3>> {
  const header = await readLasHeader(source)
  const places = new Map<number, Vector3>()
  for (const batch of await read(source)) {
    const [x, y, z] = [0, 1, 2].map(() => new Float64Array(batch.count)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ]
    decodeXyz(batch, header, x, y, z, 0)
    for (let i = 0; i < batch.count; i++) places.set(batch.firstIndex + i, [x[i]!, y[i]!, z[i]!])
  }
  return places
}

const inFile = (source: ByteSource) =>
  placesOf(source, async () => takeAll(readPointBatches(source, await readLasHeader(source))))
const inNodes = (source: ByteSource, options: ReadCopcOptions) =>
  placesOf(source, async () => takeAll(readCopcNodes(source, await readLasHeader(source), options)))

describe.skipIf(withoutRealData)(`COPC${realDataNote}`, () => {
  test.each([manyNodes, fewNodes])('all nodes are all records of the file, in file order', async (path) => {
    const source = memorySource(await readFile(path))
    const header = await readLasHeader(source)
    const [nodes, whole] = await Promise.all([
      takeAll(readCopcNodes(source, header)),
      takeAll(readPointBatches(source, header)),
    ])
    const records = (batches: PointBatch[]) => Buffer.concat(batches.map((batch) => batch.records))
    expect(records(nodes).equals(records(whole))).toBe(true)
    expect(nodes.map(({ firstIndex }) => firstIndex)).toEqual(whole.map(({ firstIndex }) => firstIndex))
  })

  test('the info VLR tells cube and spacing', async () => {
    const header = await readLasHeader(memorySource(await readFile(fewNodes)))
    expect(readCopcInfo(header)).toEqual({
      center: [-8242596, 4966656, 100],
      halfSize: 150,
      spacing: 2.34375,
      rootPage: { offset: 630_580, sizeBytes: 160 },
    })
  })

  test('a box brings every point that lies in it, and not the whole file', async () => {
    const source = memorySource(await readFile(manyNodes))
    const all = await inFile(source)
    const { bounds } = await readLasHeader(source)
    for (const part of [0.05, 0.3, 0.5, 0.9]) {
      const at = (axis: 0 | 1 | 2, share: number) =>
        bounds.min[axis] + share * (bounds.max[axis] - bounds.min[axis])
      const box = {
        min: [at(0, part), at(1, part), bounds.min[2]] as const,
        max: [at(0, part + 0.1), at(1, part + 0.1), bounds.max[2]] as const,
      }
      const got = await inNodes(source, { box })
      const within = [...all].filter(([, place]) =>
        place.every((value, axis) => value >= box.min[axis]! && value <= box.max[axis]!),
      )
      expect(within.filter(([index]) => !got.has(index))).toEqual([])
      expect(got.size).toBeLessThan(all.size / 2)
      for (const [index, place] of got) expect(place).toEqual(all.get(index))
    }
  })

  test('a box that touches nothing brings nothing', async () => {
    const source = memorySource(await readFile(manyNodes))
    expect((await inNodes(source, { box: { min: [0, 0, 0], max: [1, 1, 1] } })).size).toBe(0)
  })

  // The root has 66,272 of the 100,000 points; the spacing of the root is 2.34 m.
  test.each([
    [5, 66_272],
    [2.34375, 66_272],
    [2.3, 100_000],
    [0.01, 100_000],
  ])('a resolution of %f m takes %i points', async (resolution, count) => {
    const source = await openFile(fewNodes)
    const places = await inNodes(source, { resolution, threads: 2 })
    await source.close()
    expect(places.size).toBe(count)
  })

  test('a resolution that is none is a wrong call', async () => {
    const source = memorySource(await readFile(fewNodes))
    const header = await readLasHeader(source)
    await expect(readCopcNodes(source, header, { resolution: 0 }).next()).rejects.toThrow(RangeError)
  })

  describe('a hierarchy of several pages', () => {
    test('reads like one of a single page, and pages away from the box are not read', async () => {
      const whole = await readFile(manyNodes)
      const paged = await inPages(whole)
      expect(await inNodes(memorySource(paged.bytes), {})).toEqual(await inNodes(memorySource(whole), {}))
      const source = memorySource(paged.bytes)
      const reads: number[] = []
      const watched: ByteSource = {
        ...source,
        read: (offset, length) => {
          reads.push(offset)
          return source.read(offset, length)
        },
      }
      // The low corner of the cube in x and y: of the pages of level 1 only the first one is there.
      const { center, halfSize } = readCopcInfo(await readLasHeader(source))!
      const low = center.map((middle) => middle - halfSize) as [number, number, number]
      const box = { min: low, max: [low[0] + 1, low[1] + 1, center[2] + halfSize] as const }
      const got = await inNodes(watched, { box })
      expect(got).toEqual(await inNodes(memorySource(whole), { box }))
      expect(paged.pageOffsets.map((offset) => reads.includes(offset))).toEqual([true, false, false, false])
    })
  })
})

test('a COPC of one node that was made by hand reads', async () => {
  const source = memorySource(encodeCopc({})())
  const batches = await takeAll(readCopcNodes(source, await readLasHeader(source)))
  expect(batches.map(({ firstIndex, count }) => [firstIndex, count])).toEqual([[0, 100]])
})

test('a page that leads back to one that was read is told as that', async () => {
  const source = memorySource(encodeCopc({ pages: [[pageEntry([0, 0, 0, 0], 0, 1)]] })())
  await expect(readCopcNodes(source, await readLasHeader(source)).next()).rejects.toThrow(
    'a page that no other entry leads to',
  )
})

test('a file that is no COPC is not read as one', async () => {
  const source = memorySource(encodeLas({ minor: 4, pointFormat: 6, points: [[1, 2, 3]] }))
  const reading = readCopcNodes(source, await readLasHeader(source)).next()
  await expect(reading).rejects.toMatchObject({ code: 'Unsupported', place: 'COPC info VLR' })
})

/** Makes an entry one that leads to a page. */
function asPage(bytes: Buffer, at: number, offset: number, sizeBytes: number): void {
  bytes.writeBigUInt64LE(BigInt(offset), at + 16)
  bytes.writeInt32LE(sizeBytes, at + 24)
  bytes.writeInt32LE(-1, at + 28)
}

/** The same file with a page for the root and one for each node of level 1 with everything below it, behind the old one. */
async function inPages(whole: Buffer): Promise<{ bytes: Buffer; pageOffsets: number[] }> {
  const { rootPage } = readCopcInfo(await readLasHeader(memorySource(whole)))!
  const entries = Array.from({ length: rootPage.sizeBytes / 32 }, (_, i) =>
    Buffer.from(whole.subarray(rootPage.offset + 32 * i, rootPage.offset + 32 * (i + 1))),
  )
  const parentOf = (entry: Buffer) => {
    const [level, x, y] = [0, 4, 8].map((at) => entry.readInt32LE(at)) as [number, number, number]
    return level === 0 ? 'root' : `${x >> (level - 1)} ${y >> (level - 1)}`
  }
  const parts: Buffer[] = [whole]
  const pageOffsets: number[] = []
  let end = whole.length
  const rootEntries = entries.filter((entry) => parentOf(entry) === 'root')
  for (const [x, y] of [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ] as const) {
    // biome-ignore format: one line
    const page = Buffer.concat(entries.filter((entry) => parentOf(entry) === `${x} ${y}`))
    const link = Buffer.alloc(32)
    for (const [i, value] of [1, x, y, 0].entries()) link.writeInt32LE(value, 4 * i)
    asPage(link, 0, end, page.length)
    rootEntries.push(link)
    parts.push(page)
    pageOffsets.push(end)
    end += page.length
  }
  const bytes = Buffer.concat([...parts, ...rootEntries])
  bytes.writeBigUInt64LE(BigInt(end), 429 + 40)
  bytes.writeBigUInt64LE(BigInt(32 * rootEntries.length), 429 + 48)
  return { bytes, pageOffsets }
}
