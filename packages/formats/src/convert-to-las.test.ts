import { writeFileSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { memorySource, openFile } from './byte-source.ts'
import { convertToLas, stepsFor } from './convert-to-las.ts'
import type { ForeignFormat } from './convert-to-las.ts'
import { encodeE57 } from './e57.fixture.ts'
import { foreignFuzzReaders } from './fuzz-foreign.fixture.ts'
import { encodeLas, temporaryFolder } from './las.fixture.ts'
import { readLasHeader } from './las-header.ts'
import { formatOfName, pointCloudFormats } from './point-cloud-formats.ts'
import { sampleCentres } from './sample-centres.fixture.ts'

const outPath = async () => join(await temporaryFolder(), 'out.las')

test.each([
  // The finest power of ten whose steps fit 32 bits, and a corner with few digits.
  [
    'a survey of a kilometre',
    [448_000.123, 5_411_000.456, 230.1],
    [449_000.9, 5_411_800.1, 390.7],
    1e-6,
    [448_000, 5_411_000, 230],
  ],
  ['a room', [-3.21, -4, 0.02], [3, 4, 2.5], 1e-8, [-3.21, -4, 0.02]],
  ['a country', [-500_000, 0, 0], [500_000, 900_000, 4000], 1e-3, [-500_000, 0, 0]],
  ['one point', [12.3456789, -7, 5e-10], [12.3456789, -7, 5e-10], 1e-9, [12.345, -7, 0]],
  ['one point far away', [5e9, 5e9, 5e9], [5e9, 5e9, 5e9], 1e-5, [5e9, 5e9, 5e9]],
] as const)('steps for %s', (_, min, max, step, offset) => {
  const { scale, offset: found } = stepsFor(min, max)
  expect(scale).toEqual([step, step, step])
  expect(found).toEqual(offset)
  for (let axis = 0; axis < 3; axis++) {
    expect((min[axis]! - found[axis]!) / step).toBeGreaterThanOrEqual(0)
    expect((max[axis]! - found[axis]!) / step).toBeLessThan(2 ** 31)
  }
})

test.each(Object.keys(foreignFuzzReaders) as ForeignFormat[])(
  'of %s, as much is told to be read as twice the file, in pieces that grow',
  async (format) => {
    for (const sample of await foreignFuzzReaders[format]!.samples()) {
      for (const sampleMesh of [undefined, sampleCentres]) {
        const pieces: number[] = []
        await convertToLas(memorySource(sample), await outPath(), { format, onRead: (bytes) => pieces.push(bytes), ...(sampleMesh && { sampleMesh }) }) // biome-ignore format: one line
        expect(pieces.every((bytes) => bytes > 0)).toBe(true)
        expect(pieces.reduce((sum, bytes) => sum + bytes, 0)).toBe(2 * sample.length)
      }
    }
  },
)

test('a name says the format; a name of another kind is a wrong call', async () => {
  const source = memorySource(Buffer.from('1 2 3\n'))
  expect(await convertToLas(source, await outPath(), { name: 'folder.ply/Scan 1.CSV' })).toMatchObject({
    pointCount: 1,
  })
  for (const name of ['a.las', 'a.laz', 'a.docx', 'ply', undefined]) {
    const options = name === undefined ? {} : { name }
    await expect(convertToLas(source, '/nowhere', options)).rejects.toThrow(RangeError)
  }
})

test('the table of formats names each end of a name once', () => {
  const ends = pointCloudFormats.flatMap(({ extensions }) => extensions)
  expect(new Set(ends).size).toBe(ends.length)
  for (const format of pointCloudFormats)
    for (const end of format.extensions) expect(formatOfName(`a.b.${end.toUpperCase()}`)).toBe(format)
  expect(formatOfName('las')).toBeUndefined()
  expect(formatOfName('a.las/b')).toBeUndefined()
})

test('a file that turns out to be damaged in its second half leaves nothing that reads as LAS', async () => {
  const path = await outPath()
  writeFileSync(path, encodeLas({ minor: 2, pointFormat: 0, points: [[1, 2, 3]] }))
  // Read well the first time: the damage comes between the passes.
  const text = Buffer.from('1 2 3\n'.repeat(400_000))
  let reads = 0
  const good = memorySource(text)
  const bad = memorySource(Buffer.concat([text.subarray(0, -6), Buffer.from('1 2 x\n')]))
  const source = {
    ...good,
    read: (offset: number, length: number) => (++reads > 5 ? bad : good).read(offset, length),
  }
  await expect(convertToLas(source, path, { format: 'xyz' })).rejects.toMatchObject({ place: 'line 400000' })
  const left = await openFile(path)
  await expect(readLasHeader(left)).rejects.toMatchObject({ code: 'NotAPointCloud' })
  await left.close()
})

test.each(['ply', 'obj', 'xyz'] as const)(
  'an abort ends the reading of %s with its reason, soon',
  async (format) => {
    const count = 600_000
    const content = {
      ply: `ply\nformat ascii 1.0\nelement vertex ${count}\nproperty float x\nproperty float y\nproperty float z\nend_header\n${'1 2 3\n'.repeat(count)}`,
      obj: 'v 1 2 3\n'.repeat(count),
      xyz: '1 2 3\n'.repeat(count),
    }[format]
    const controller = new AbortController()
    let abortedAt: NodeJS.CpuUsage | undefined
    const options = {
      format,
      signal: controller.signal,
      onRead: () => {
        abortedAt ??= process.threadCpuUsage()
        controller.abort(new Error('enough'))
      },
    }
    await expect(convertToLas(memorySource(Buffer.from(content)), await outPath(), options)).rejects.toThrow(
      'enough',
    )
    // Of the processor, in microseconds: other tests keep the machine busy.
    const { user, system } = process.threadCpuUsage(abortedAt)
    expect(user + system).toBeLessThan(1_000_000)
  },
)

test('an abort before the start, and while E57 packets are read, is thrown', async () => {
  const field = (name: string) => ({ name, kind: 'Float' as const })
  const fields = ['cartesianX', 'cartesianY', 'cartesianZ'].map(field)
  const rows = Array.from({ length: 20_000 }, (_, i) => [i, i, i])
  const bytes = encodeE57({ scans: [{ fields, rows, recordsPerPacket: 2000 }] })
  const controller = new AbortController()
  const options = {
    format: 'e57' as const,
    signal: controller.signal,
    onRead: () => controller.abort(new Error('enough')),
  }
  await expect(convertToLas(memorySource(bytes), await outPath(), options)).rejects.toThrow('enough')
  const path = await outPath()
  await expect(convertToLas(memorySource(bytes), path, options)).rejects.toThrow('enough')
  await expect(stat(path)).rejects.toThrow('ENOENT')
})

test('what is written has the header of LAS 1.4 that any reader checks', async () => {
  const path = await outPath()
  await convertToLas(memorySource(Buffer.from('x y z r g b q\n1 2 3 4 5 6 0.5\n7 8 9 1 2 3 -1\n')), path, {
    format: 'xyz',
  })
  const bytes = await readFile(path)
  // By table 3 of the specification: version, header size, WKT bit, format, record length, number of points, scale.
  expect([bytes.toString('latin1', 0, 4), bytes[24], bytes[25]]).toEqual(['LASF', 1, 4])
  expect([bytes.readUInt16LE(94), bytes.readUInt16LE(6), bytes[104], bytes.readUInt16LE(105)]).toEqual([
    375, 0x10, 7, 44,
  ])
  expect([bytes.readBigUInt64LE(247), bytes.readUInt32LE(107), bytes.readDoubleLE(131)]).toEqual([
    2n,
    0,
    1e-8,
  ])
  expect([179, 187, 195, 203, 211, 219].map((at) => bytes.readDoubleLE(at))).toEqual([7, 1, 8, 2, 9, 3])
})
