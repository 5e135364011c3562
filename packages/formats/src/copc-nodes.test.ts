import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { memorySource, openFile } from './byte-source.ts'
import type { ByteSource } from './byte-source.ts'
import { readCopcInfo } from './copc-info.ts'
import { readCopcNodes } from './copc-nodes.ts'
import type { ReadCopcOptions } from './copc-nodes.ts'
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

  describe('refuses', () => {
    const entry = (n: number) => 31_604 + 32 * n
    const cases: [name: string, damage: (bytes: Buffer) => void, place: string, message: string][] = [
      ['an info VLR without a size', (b) => b.writeDoubleLE(0, 429 + 24), 'COPC info VLR', 'a size above 0, got 0'],
      ['a center that is no number', (b) => b.writeDoubleLE(Number.NaN, 429), 'COPC info VLR', 'a finite center, got NaN'],
      ['a cube beside the points', (b) => b.writeDoubleLE(0, 429), 'COPC info VLR', 'a cube that holds the bounds'],
      ['a root page behind the file', (b) => b.writeBigUInt64LE(10n ** 12n, 429 + 40), 'COPC info VLR', 'a page inside 33684 bytes'],
      ['a root page of 2^63 bytes', (b) => b.writeBigUInt64LE(2n ** 63n, 429 + 48), 'COPC info VLR', 'a number below 2^53'],
      ['a root page of a part of an entry', (b) => b.writeBigUInt64LE(2079n, 429 + 48), 'COPC info VLR', 'some entries of 32 bytes, got 2079'],
      ['a page that leads to itself', (b) => asPage(b, entry(0), 31_604, 2080), 'byte 31604', 'a page that no other entry leads to'],
      ['a page of 2 GB', (b) => asPage(b, entry(2), 31_604, 0x7fffffe0), 'byte 31668', 'a page inside 33684 bytes'],
      ['a page of no bytes', (b) => asPage(b, entry(2), 32_000, 0), 'byte 31668', 'a page of some entries'],
      ['a page of nodes from elsewhere', (b) => asPage(b, entry(1), 31_636, 2048), 'byte 32308', 'a node inside 1-0-0-0, got 1-1-0-0'],
      ['a node on level 32', (b) => b.writeInt32LE(32, entry(5)), 'byte 31764', 'a level from 0 to 31, got 32'],
      ['a node on level -1', (b) => b.writeInt32LE(-1, entry(5)), 'byte 31764', 'a level from 0 to 31, got -1'],
      ['a node outside of the cube', (b) => b.writeInt32LE(8, entry(5) + 4), 'byte 31764', 'a node inside 0-0-0-0, got 3-8-1-0'],
      ['a node of -2 points', (b) => b.writeInt32LE(-2, entry(5) + 28), 'byte 31764', 'a point count from -1 on'],
      ['a node of -1 bytes', (b) => b.writeInt32LE(-1, entry(5) + 24), 'byte 31764', 'a size from 0 on'],
      ['a node that is no chunk', (b) => b.writeBigUInt64LE(1718n, entry(5) + 16), 'byte 31764', 'a chunk of its own, got byte 1718'],
      ['two nodes of the same chunk', (b) => b.copyWithin(entry(6) + 16, entry(5) + 16, entry(6)), 'byte 31796', 'a chunk of its own'],
      ['a node of more points than its chunk', (b) => b.writeInt32LE(15, entry(4) + 28), 'byte 31732', 'the 14 points in 398 bytes of its chunk, got 15'],
      ['a node that is left out', (b) => b.writeInt32LE(0, entry(4) + 28), 'COPC hierarchy', '1065 points in all, got 1051'],
    ] // biome-ignore format: one line each
    test.each(cases)('%s', async (_, damage, place, message) => {
      const bytes = await readFile(manyNodes)
      damage(bytes)
      const source = memorySource(bytes)
      const reading = readLasHeader(source).then((header) => takeAll(readCopcNodes(source, header)))
      await expect(reading).rejects.toMatchObject({
        name: 'FormatError',
        code: 'Corrupt',
        place,
        message: expect.stringContaining(message),
      })
    })
  })
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
