import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Change } from '@alidade/analysis'
import { expect, onTestFinished, test } from 'vitest'
import { closeClouds, openCloud } from '../point-clouds/cloud.ts'
import { inputFiles, temporaryFolder } from './run-job.fixture.ts'
import { bare, corner, writeSurvey } from './two-surveys.fixture.ts'
import { writeLocations } from './write-locations.ts'

/** The properties of one change, as the locations of a survey in EPSG:32632 tell it. */
async function told(facts: Partial<Change>): Promise<Record<string, unknown>> {
  const folder = await temporaryFolder()
  const path = await writeSurvey(folder, 'survey.las', bare, { seed: 1, side: 5 })
  const cloud = await openCloud('modelA', await inputFiles(path), new AbortController().signal)
  onTestFinished(() => closeClouds([cloud]))
  const change: Change = {
    id: 1,
    kind: 'appeared',
    indicesA: Uint32Array.of(),
    indicesB: Uint32Array.of(0, 1),
    box: {
      center: [corner.east, corner.north, 100],
      size: [4, 2, 1],
      rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1],
      yawRadians: 0,
    },
    pointCount: 2,
    footprintArea: 8,
    volume: 8,
    volumeUncertainty95: 0.5,
    coverage: 1,
    ...facts,
  }
  const distances = Float32Array.of(2, 2)
  const found = { changes: [change], low: 1, a: cloud, b: cloud, evidenceA: distances, evidenceB: distances }
  const output = { path: (name: string) => join(folder, name), name: 'changes', reference: '../changes' }
  await writeLocations(output, found)
  const { features } = JSON.parse(await readFile(join(folder, 'changes.geojson'), 'utf8'))
  return features[0].properties
}

test('a change is told with all that is known of it', async () => {
  expect(await told({})).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    label: 'appeared',
    // Twice the low threshold away.
    confidence: 0.5,
    change: 1,
    volumeCubicMetres: 8,
    volumeUncertainty95: 0.5,
    pointCount: 2,
    areaSquareMetres: 8,
    lengthMetres: 4,
    widthMetres: 2,
    heightMetres: 1,
    yawDegrees: 0,
  })
})

test('an unknown volume, and an unknown uncertainty, are left out rather than null', async () => {
  const unknown = await told({ volume: Number.NaN, volumeUncertainty95: Number.NaN })
  expect(unknown).not.toHaveProperty('volumeCubicMetres')
  expect(unknown).not.toHaveProperty('volumeUncertainty95')
  const certain = await told({ volumeUncertainty95: Number.NaN })
  expect(certain).toHaveProperty('volumeCubicMetres', 8)
  expect(certain).not.toHaveProperty('volumeUncertainty95')
})
