// The job on surveys of real places, through real files. Skipped, with the reason in the name, where they are absent.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { classifyGround, GroundRaster, groundOptions, groundSurface } from '@alidade/analysis'
import { expect, test } from 'vitest'
import { keptInMemory } from '../kept-in-memory.fixture.ts'
import { runJobType } from '../run-job.fixture.ts'
import { extractGround } from './extract-ground.ts'
import { readPlaces, readSegmented, withoutClasses } from './read-segmented.fixture.ts'

const root = resolve(import.meta.dirname, '../../../..')
const isprs = join(resolve(root, process.env.ALIDADE_TEST_DATA ?? '../shared/data'), 'pointcloud/isprs')
const without = !existsSync(isprs)
const note = without ? ' [skipped: no data at ALIDADE_TEST_DATA]' : ''

/** A busy machine takes its time. */
const minutes = 180_000

const sample = join(isprs, 'samp22-utm.laz')
const outputs = ['segmentedPointCloud', 'segmentation3D']
const run = (pointClouds: string, more: object = {}) =>
  runJobType(extractGround, { inputs: { pointClouds }, outputs, ...more })

test.skipIf(without)(
  `the job gives the points of an ISPRS sample the classes of the kernel${note}`,
  async () => {
    const job = await run(sample, { threads: 2 })
    const [name] = [...(await job.files()).keys()].filter((name) => name.startsWith('segmentedPointCloud/'))
    const [before, after] = [await readSegmented(sample), await readSegmented(join(job.folder, name!))]
    const { x, y, z } = await readPlaces(sample)
    const { header } = before
    const options = groundOptions()
    const raster = new GroundRaster({
      min: [header.bounds.min[0], header.bounds.min[1]],
      max: [header.bounds.max[0], header.bounds.max[1]],
      cellSize: options.cellSize,
      heightOrigin: header.offset[2],
    })
    raster.add(x, y, z)
    const classes = new Uint8Array(x.length)
    classifyGround(await groundSurface(raster, options), x, y, z, classes)
    expect(after.classes).toEqual(classes)
    expect(withoutClasses(after).equals(withoutClasses(before))).toBe(true)
  },
)

test.skipIf(without)(
  `the bytes are the same with any number of threads, and where nothing fits into memory${note}`,
  async () => {
    const large = join(isprs, 'CSite3_orig-utm.laz')
    const digests = async (more: object) => {
      const files = await (await run(large, more)).files()
      return [...files].map(([name, bytes]) => [name, createHash('sha256').update(bytes).digest('hex')])
    }
    const one = await digests({ threads: 3 })
    expect(await digests({ threads: 2, memoryLimitMegabytes: 100 })).toEqual(one)
  },
  minutes,
)

test.skipIf(without)(
  `a run that finds what an earlier one has kept writes the same bytes${note}`,
  async () => {
    const undisturbed = await run(sample)
    const { kept, taken, columnsOf } = keptInMemory()
    const first = await run(sample, { kept })
    expect(taken).toEqual([])
    expect([...columnsOf.keys()]).toEqual(['lowest'])
    const second = await run(sample, { kept })
    expect(taken).toEqual(['lowest'])
    for (const job of [first, second]) {
      expect(await job.files()).toEqual(await undisturbed.files())
      expect(job.steps).toEqual(undisturbed.steps)
    }
  },
)
