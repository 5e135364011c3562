import { join } from 'node:path'
import {
  decodeAttribute,
  decodeXyz,
  openFile,
  readLasHeader,
  readPointBatches,
  writeLasPoints,
} from '@alidade/formats'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../run-job.fixture.ts'
import { Coordinates } from '../../extract-ground/read-clouds.ts'
import { CloudVoxels, type CloudVoxelsOptions } from './cloud-voxels.ts'

const options: CloudVoxelsOptions = {
  ...{ voxelSizeMetres: 1, metres: [1, 1, 1], min: [0, 0, 0] },
  ...{ features: ['red', 'intensity', 'x'], memoryLimitMegabytes: undefined },
}

/** One point a metre along x. */
async function collect(count: number, red: number, changes: Partial<CloudVoxelsOptions> = {}) {
  const path = join(await temporaryFolder(), 'row.las')
  const row = Float64Array.from({ length: count }, (_, i) => i + 0.5)
  const level = new Float64Array(count).fill(0.5)
  const columns = {
    ...{ x: row, y: level, z: level, intensity: new Uint16Array(count).fill(13_107) },
    rgb: new Uint16Array(3 * count).fill(red),
  }
  await writeLasPoints(path, columns, { pointFormat: 7 })
  const source = await openFile(path)
  const cloud = new CloudVoxels({ ...options, ...changes })
  try {
    const header = await readLasHeader(source)
    const places = new Coordinates()
    for await (const batch of readPointBatches(source, header)) {
      const columns = places.for(batch.count)
      decodeXyz(batch, header, columns.x, columns.y, columns.z, 0)
      cloud.add(columns, batch.count, (name) => decodeAttribute(batch, header, name))
    }
  } finally {
    await source.close()
  }
  cloud.scale()
  return cloud
}

test('colours are told from 0 to 1, whether a file has 16 bits of them or 8', async () => {
  expect((await collect(3, 65_535)).attribute('red')).toEqual(Float32Array.of(1, 1, 1))
  expect((await collect(3, 51)).attribute('red')).toEqual(Float32Array.of(0.2, 0.2, 0.2))
  expect((await collect(3, 51)).attribute('intensity')).toEqual(Float32Array.of(0.2, 0.2, 0.2))
})

test('voxels are metres whatever the unit of the cloud', async () => {
  const feet = 0.3048
  const { voxels } = await collect(100, 0, { metres: [feet, feet, feet] })
  // A hundred feet are 31 metres.
  expect(voxels.count).toBe(31)
})

test('more voxels than memory may hold end the job before they fill it', async () => {
  await expect(collect(50_000, 0, { memoryLimitMegabytes: 401 })).rejects.toMatchObject({
    jobMessage: { code: 'OutOfMemory' },
  })
  expect((await collect(50_000, 0, { memoryLimitMegabytes: 500 })).voxels.count).toBe(50_000)
})
