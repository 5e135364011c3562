import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readLasHeader, writeLasPoints } from '@alidade/formats'
import { expect, test } from 'vitest'
import { inspectedFiles, temporaryFolder } from '../run-job.fixture.ts'
import { headerDoubts } from './header-doubts.ts'

async function fileOf(change: (bytes: Buffer) => void = () => {}, more = 0) {
  const path = join(await temporaryFolder(), 'site.las')
  const x = Array.from({ length: 5 }, (_, i) => 500_000 + i)
  await writeLasPoints(path, { x, y: x.map(() => 5_400_000), z: x }, { scale: 0.1, crs: { epsg: 32632 } })
  const bytes = Buffer.concat([await readFile(path), Buffer.alloc(more)])
  change(bytes)
  await writeFile(path, bytes)
  return (await inspectedFiles(path))[0]!
}

async function doubtsOf(file: Awaited<ReturnType<typeof fileOf>>, sceneCrs?: string) {
  const doubts = headerDoubts(
    'cloud',
    { ...file, ...(sceneCrs && { sceneCrs }) },
    await readLasHeader(file.source),
  )
  return doubts.map(({ code, params }) => [code, ...params])
}

test('a count of points that is smaller than the file is told with how many are left', async () => {
  // The count of LAS 1.4 is at byte 247, that of older readers at 107, those by return behind both.
  const counting = (count: number) => (bytes: Buffer) => {
    for (const at of [247, 255]) bytes.writeBigUInt64LE(BigInt(count), at)
    bytes.fill(0, 107, 131)
  }
  expect(await doubtsOf(await fileOf(counting(3)))).toEqual([
    ['Points_Uncounted', 'site.las', 'cloud', '3', '2'],
  ])
})

test('a file that ends with its points, or within a record of them, leaves no doubt', async () => {
  expect(await doubtsOf(await fileOf())).toEqual([])
  expect(await doubtsOf(await fileOf(undefined, 20))).toEqual([])
})

test('a scene that states another system than the file is told, and one that states the same is not', async () => {
  const file = await fileOf()
  expect(await doubtsOf(file, 'EPSG:32633')).toEqual([
    ['Crs_Contradicted', 'WGS 84 / UTM zone 33N', 'site.las', 'cloud', 'WGS 84 / UTM zone 32N'],
  ])
  expect(await doubtsOf(file, 'nonsense')).toEqual([
    ['Crs_Contradicted', 'nonsense', 'site.las', 'cloud', 'WGS 84 / UTM zone 32N'],
  ])
  expect(await doubtsOf(file, 'EPSG:32632')).toEqual([])
})
