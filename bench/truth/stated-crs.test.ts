// Surveys of the bench that are told their system. Skipped, with the reason in the name, where the data is absent.
import { existsSync } from 'node:fs'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { openFile, readLasHeader, readXyz } from '@alidade/formats'
import { expect, test } from 'vitest'
import { stateCrs } from './stated-crs.ts'

const root = resolve(import.meta.dirname, '../..')
const clouds = join(resolve(root, process.env.ALIDADE_TEST_DATA ?? '../shared/data'), 'pointcloud')
const without = !existsSync(join(clouds, 'formats'))
const note = without ? ' [skipped: no data at ALIDADE_TEST_DATA]' : ''

async function pointsOf(path: string) {
  const source = await openFile(path)
  const header = await readLasHeader(source)
  const points = await readXyz(source, header)
  await source.close()
  return { header, points }
}

test.skipIf(without)(
  `a LAZ file that is told its system has it, and its points as before${note}`,
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'alidade-stated-crs-'))
    try {
      const [original, told] = [join(clouds, 'buildings/ahn_2386_9702.laz'), join(folder, 'told.laz')]
      await copyFile(original, told)
      await stateCrs([told], join(clouds, 'formats/autzen_trim.laz'))
      const [before, after] = [await pointsOf(original), await pointsOf(told)]
      expect(before.header.crs).toBeUndefined()
      expect(after.header.crs?.linearUnit.metres).toBe(0.3048)
      expect(after.points).toEqual(before.points)
    } finally {
      await rm(folder, { recursive: true })
    }
  },
)
