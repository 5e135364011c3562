/** Reads the two uncompressed epochs of the site4 change scene from the test data folder, if it is there. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { PointArrays } from './point-arrays.ts'

const root = resolve(import.meta.dirname, '../../..')
const folder = join(resolve(root, process.env.ALIDADE_TEST_DATA ?? '../shared/data'), 'pointcloud/change')

/** Why tests on the real scene are skipped, or undefined if the data are there. */
export const site4Missing = existsSync(join(folder, 'site4_epoch2.las'))
  ? undefined
  : `no test data: ${join(folder, 'site4_epoch2.las')} (set ALIDADE_TEST_DATA)`

/** Coordinates of a LAS 1.4 file; header fields by ASPRS LAS 1.4 R15, table 3. */
export function readSite4(epoch: 1 | 2): PointArrays {
  const file = readFileSync(join(folder, `site4_epoch${epoch}.las`))
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const count = Number(view.getBigUint64(247, true))
  const recordBytes = view.getUint16(105, true)
  const read = (axis: number) => {
    const [scale, offset] = [view.getFloat64(131 + 8 * axis, true), view.getFloat64(155 + 8 * axis, true)]
    const start = view.getUint32(96, true) + 4 * axis
    return Float64Array.from(
      { length: count },
      (_, i) => view.getInt32(start + i * recordBytes, true) * scale + offset,
    )
  }
  return { x: read(0), y: read(1), z: read(2) }
}
