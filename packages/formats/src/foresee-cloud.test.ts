import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { memorySource, openFile } from './byte-source.ts'
import { convertToLas } from './convert-to-las.ts'
import { FormatError } from './format-error.ts'
import { foreseeCloud } from './foresee-cloud.ts'
import { foreignFuzzReaders } from './fuzz-foreign.fixture.ts'
import { readLasHeader } from './las-header.ts'
import { seededRandom } from './las.fixture.ts'

const source = (text: string) => memorySource(new Uint8Array(Buffer.from(text)))
const lines = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n')

test('a PLY file says how many vertices it has, whether they make a surface and whether they have colours', async () => {
  const head = (faces: number) =>
    'ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\nproperty float z\n' +
    'property uchar red\nproperty uchar green\nproperty uchar blue\n' +
    `element face ${faces}\nproperty list uchar int vertex_indices\nend_header\n`
  const body = '0 0 0 1 2 3\n1 0 0 1 2 3\n0 1 0 1 2 3\n'
  expect(await foreseeCloud(source(`${head(1)}${body}3 0 1 2\n`), 'ply')).toEqual({
    ...{ count: 3, isCounted: true, isSurface: true, columns: 3, hasColours: true },
  })
  expect(await foreseeCloud(source(head(0) + body), 'ply')).toMatchObject({ isSurface: false })
})

test('text and OBJ are told to a few percent by their size, without being read', async () => {
  const text = lines(20_000, (i) => `${(500_000 + i / 7).toFixed(3)} ${5_400_000 + i} ${i % 9}.5 ${i % 255}`)
  const foreseen = await foreseeCloud(source(text), 'xyz')
  expect(foreseen).toMatchObject({ isCounted: false, isSurface: false, columns: 1 })
  expect(Math.abs(foreseen.count / 20_000 - 1)).toBeLessThan(0.05)
  const obj = `${lines(20_000, (i) => `v ${i} ${2 * i} ${i % 7}`)}\n${lines(30_000, (i) => `f ${i + 1} ${i + 2} ${i + 3}`)}\n`
  const surface = await foreseeCloud(source(obj), 'obj')
  expect(surface).toMatchObject({ isSurface: true, hasColours: false })
  // Its lines are in two kinds of stretches, of which it looks at three places.
  expect(surface.count / 20_000).toBeGreaterThan(0.5)
  expect(surface.count / 20_000).toBeLessThan(2)
})

test.each(['ply', 'obj', 'xyz', 'e57', 'glb'] as const)(
  'bytes that are no %s are told so',
  async (format) => {
    const wrong = memorySource(new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70, 73, 70, 0, 1]))
    const foreseeing = foreseeCloud(wrong, format)
    if (format === 'obj') expect(await foreseeing).toMatchObject({ count: 0 })
    else await expect(foreseeing).rejects.toMatchObject({ code: 'NotAPointCloud' })
  },
)

test.each(['ply', 'obj', 'xyz', 'e57', 'glb'] as const)(
  'of 500 mutants of %s something is foreseen, or they are told to be none',
  async (format) => {
    const reader = foreignFuzzReaders[format]!
    const samples = await reader.samples()
    const random = seededRandom(7)
    for (let k = 0; k < 500; k++) {
      const mutant = reader.mutate(samples[k % samples.length]!, random)
      const found = await foreseeCloud(memorySource(mutant), format).catch((error: unknown) => error)
      if (found instanceof FormatError) continue
      expect(found).toMatchObject({ count: expect.any(Number), columns: expect.any(Number) })
      const { count } = found as { count: number }
      expect(count >= 0 && count <= Number.MAX_SAFE_INTEGER).toBe(true)
    }
  },
)

const root = resolve(import.meta.dirname, '../../..')
const formats = join(resolve(root, process.env.ALIDADE_TEST_DATA ?? '../shared/data'), 'pointcloud/formats')
const without = !existsSync(formats)

test.skipIf(without).each([
  ['A4.e57', 'e57'],
  ['A_B.e57', 'e57'],
  ['text_extradim.ply', 'ply'],
  ['1.2-with-color.obj', 'obj'],
] as const)(
  `what is foreseen of %s is what comes of it${without ? ' [skipped: no data at ALIDADE_TEST_DATA]' : ''}`,
  async (name, format) => {
    const folder = await mkdtemp(join(tmpdir(), 'alidade-foresee-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = await openFile(join(formats, name))
    onTestFinished(() => file.close())
    const foreseen = await foreseeCloud(file, format)
    await convertToLas(file, join(folder, 'brought.las'), { format })
    const las = await openFile(join(folder, 'brought.las'))
    onTestFinished(() => las.close())
    const header = await readLasHeader(las)
    const off = Math.abs(foreseen.count / header.pointCount - 1)
    expect(off).toBeLessThan(foreseen.isCounted ? 0.2 : 0.1)
    expect(foreseen.hasColours).toBe(header.pointFormat === 7)
    expect((foreseen.hasColours ? 36 : 30) + 8 * foreseen.columns).toBeGreaterThanOrEqual(
      header.pointRecordLength,
    )
  },
)
