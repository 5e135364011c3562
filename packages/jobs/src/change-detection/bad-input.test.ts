// What a job says of files that are no clouds, are damaged, cut off or empty: the same from headers and from a run.
import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { existsSync } from 'node:fs'
import { openFile, readLasHeader } from '@alidade/formats'
import { describe, expect, test } from 'vitest'
import { changeDetection } from './change-detection.ts'
import { inspectedFiles, runJob, temporaryFolder } from './run-job.fixture.ts'
import { bare, writeSurvey } from './two-surveys.fixture.ts'

const survey = async (without?: () => boolean) =>
  writeSurvey(await temporaryFolder(), 'good.las', bare, { seed: 1, side: 10, ...(without && { without }) })

async function fileOf(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(), name)
  await writeFile(path, bytes)
  return path
}

const wholeSurvey = async () => readFile(await survey())

/** A picture of one pixel, as a camera writes it. */
const jpeg = Buffer.from(
  'ffd8ffe000104a46494600010100000100010000ffdb004300' +
    '08'.repeat(64) +
    'ffc0000b080001000101011100ffda0008010100003f00d2ffd9',
  'hex',
)

const bad: [what: string, path: () => Promise<string>, code: string, params: unknown[]][] = [
  [
    'a photo called .las',
    () => fileOf('photo.las', jpeg),
    'InputData_NotAPointCloud',
    ['photo.las', 'pointClouds2', 'byte 0: expected a LAS or LAZ file (LASF), got bytes ffd8ffe0.'],
  ],
  [
    'a file of no bytes',
    () => fileOf('nothing.las', new Uint8Array(0)),
    'InputData_NotAPointCloud',
    ['nothing.las', 'pointClouds2', 'byte 0: expected a LAS or LAZ file (LASF), got an empty file.'],
  ],
  ['a survey of no points', () => survey(() => true), 'InputData_Empty', ['pointClouds2']],
  [
    'a file that was cut off in its points',
    async () => fileOf('cut.las', (await wholeSurvey()).subarray(0, 5000)),
    'InputData_Corrupt',
    [
      'cut.las',
      'pointClouds2',
      expect.stringMatching(/^byte 247: expected at most \d+ points of 30 bytes in this file, got 600\.$/),
    ],
  ],
  [
    'a file that was cut off in its header',
    async () => fileOf('cut.las', (await wholeSurvey()).subarray(0, 100)),
    'InputData_Corrupt',
    ['cut.las', 'pointClouds2', 'byte 0: expected a header of at least 227 bytes, got 100 bytes.'],
  ],
  [
    'a LAS file of a version to come',
    async () => {
      const bytes = await wholeSurvey()
      bytes[25] = 5
      return fileOf('new.las', bytes)
    },
    'InputData_Invalid',
    ['pointClouds2', expect.stringMatching(/^new\.las, byte 24: expected LAS 1\.0 to 1\.4, got /)],
  ],
]

test.each(bad)('%s is told at submission', async (_, path, code, params) => {
  const inputs = { modelA: await inspectedFiles(await survey()), modelB: await inspectedFiles(await path()) }
  const { faults } = await changeDetection.inspect(inputs, ['objects3D'], new AbortController().signal, {})
  expect(faults.map(({ input, error }) => [input, error.code, error.params])).toEqual([
    ['modelB', code, params],
  ])
})

test.each(bad)('%s ends a run that was started all the same', async (_, path, code, params) => {
  await expect(runJob(await survey(), await path())).rejects.toMatchObject({ jobMessage: { code, params } })
})

test('a file that is gone by the time of the run is missing', async () => {
  const gone = { name: 'gone.las', segments: [{ path: '/nowhere/gone.las', sizeBytes: 1000 }] }
  await expect(runJob(await survey(), [gone])).rejects.toMatchObject({
    jobMessage: { code: 'InputData_Missing', params: ['pointClouds2', 'gone.las'] },
  })
})

test('a file of another size than it had at submission is damaged', async () => {
  const path = await survey()
  const changed = { name: 'changed.las', segments: [{ path, sizeBytes: 1000 }] }
  await expect(runJob(path, [changed])).rejects.toMatchObject({
    jobMessage: {
      code: 'InputData_Corrupt',
      params: ['changed.las', 'pointClouds2', expect.stringContaining('expected a file of 1000 bytes, got ')],
    },
  })
})

// LAZ is not written here: damage needs a file of others.
const data = resolve(import.meta.dirname, '../../../../', process.env.ALIDADE_TEST_DATA ?? '../shared/data')
const layered = join(data, 'pointcloud/epochs-real/TTP_15.laz')
const without = existsSync(layered) ? '' : ' [skipped: no data at ALIDADE_TEST_DATA]'

describe.skipIf(without !== '')(`a LAZ file${without}`, () => {
  test.each([1, 2])(
    'with a damaged chunk is told with the chunk and its byte, by %i threads',
    async (threads) => {
      const bytes = await readFile(layered)
      const source = await openFile(layered)
      const { pointDataOffset, pointRecordLength } = await readLasHeader(source)
      await source.close()
      // The first chunk: behind the offset of the table, one whole point, a count, then the sizes of the layers.
      const chunk = pointDataOffset + 8
      bytes.fill(0xff, chunk + pointRecordLength, chunk + 200)
      const damaged = await fileOf('damaged.laz', bytes)
      await expect(runJob(layered, damaged, { threads })).rejects.toMatchObject({
        jobMessage: {
          code: 'InputData_Corrupt',
          params: [
            'damaged.laz',
            'pointClouds2',
            expect.stringMatching(`^chunk 0 at byte ${chunk}: expected layers that fill `),
          ],
        },
      })
    },
  )

  test('that was cut off has lost its chunk table', async () => {
    const cut = await fileOf('cut.laz', (await readFile(layered)).subarray(0, 100_000))
    await expect(runJob(layered, cut)).rejects.toMatchObject({
      jobMessage: {
        code: 'InputData_Corrupt',
        params: [
          'cut.laz',
          'pointClouds2',
          expect.stringMatching(/expected a chunk table inside 100000 bytes, got /),
        ],
      },
    })
  })
})
