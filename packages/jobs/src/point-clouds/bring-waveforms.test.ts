import { readFile } from 'node:fs/promises'
import { decodeAttribute, openFile, readLasHeader, readPointBatches } from '@alidade/formats'
import { expect, test } from 'vitest'
import { changeDetection } from '../change-detection/change-detection.ts'
import { bare, writeSurvey } from '../change-detection/two-surveys.fixture.ts'
import { extractGround } from '../extract-ground/extract-ground.ts'
import { writeTerrain } from '../extract-ground/terrain.fixture.ts'
import type { JobType } from '../job-type.ts'
import { divided } from '../run-divided.fixture.ts'
import { runJobType, temporaryFolder } from '../run-job.fixture.ts'
import { withWaveforms } from './waveforms.fixture.ts'

const hill = async () => withWaveforms(await writeTerrain(await temporaryFolder(), 'hill.las'))

/** Where the points say that their waveforms are. */
async function waveformOffsets(path: string): Promise<number[]> {
  const source = await openFile(path)
  try {
    const header = await readLasHeader(source)
    const offsets: number[] = []
    for await (const batch of readPointBatches(source, header))
      for (const offset of decodeAttribute(batch, header, 'waveformOffsetBytes')) offsets.push(Number(offset))
    return offsets
  } finally {
    await source.close()
  }
}

test('the waveforms of a cloud come along with each LAS file of its points, and with no other', async () => {
  const { las, wdp, file } = await hill()
  const outputs = ['segmentedPointCloud', 'exportedSegmentation3DLAS', 'exportedSegmentation3DPLY']
  const run = await runJobType(extractGround, { inputs: { pointClouds: [file] }, outputs })
  expect(run.warnings).toEqual([])
  const written = await run.files()
  expect([...written.keys()]).toEqual([
    'segmentedPointCloud/segmentedPointCloud.las',
    'segmentedPointCloud/segmentedPointCloud.wdp',
    'exportedSegmentation3DLAS/exportedSegmentation3DLAS.las',
    'exportedSegmentation3DLAS/exportedSegmentation3DLAS.wdp',
    'exportedSegmentation3DPLY/exportedSegmentation3DPLY.ply',
  ])
  expect(written.get('segmentedPointCloud/segmentedPointCloud.wdp')).toEqual(await readFile(wdp))
  const result = run.path('segmentedPointCloud', 'segmentedPointCloud.las')
  expect(await waveformOffsets(result)).toEqual(await waveformOffsets(las))
})

test('a divided run has them beside the whole cloud too', async () => {
  const { wdp, file } = await hill()
  const run = await runJobType(divided(extractGround, { fromPoints: 4000 }), {
    inputs: { pointClouds: [file] },
    outputs: ['segmentedPointCloud'],
  })
  expect(run.warnings).toEqual([])
  expect(await run.read('segmentedPointCloud', 'segmentedPointCloud.wdp')).toEqual(await readFile(wdp))
})

test('the survey of a change detection that has waveforms has them in its result', async () => {
  const folder = await temporaryFolder()
  const { wdp, file } = await withWaveforms(
    await writeSurvey(folder, 'march.las', bare, { seed: 1, side: 15 }),
  )
  const april = await writeSurvey(folder, 'april.las', bare, { seed: 2, side: 15 })
  const { read, files } = await runJobType(changeDetection as JobType, {
    inputs: { modelA: [file], modelB: april },
    outputs: ['segmentedModel3DA', 'segmentedModel3DB'],
  })
  expect(await read('segmentedModel3DA', 'segmentedModel3DA.wdp')).toEqual(await readFile(wdp))
  expect((await files()).size).toBe(3)
})

test('waveforms that nobody gave are missed by name', async () => {
  const { file } = await hill()
  const { waveforms: _, ...alone } = file
  const { files, warnings } = await runJobType(extractGround, {
    inputs: { pointClouds: [alone] },
    outputs: ['segmentedPointCloud'],
  })
  expect(warnings.map(({ code, params }) => [code, ...params])).toEqual([
    ['Waveforms_Missing', 'hill.wave.las', 'pointClouds', 'hill.wave.wdp'],
  ])
  expect([...(await files()).keys()]).toEqual(['segmentedPointCloud/segmentedPointCloud.las'])
})
