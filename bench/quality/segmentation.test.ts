// @alidade/als-basic on a real place. Skipped, with the reason in the name, where the data is absent.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { buildingOutlines } from '@alidade/analysis'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  type BuildingTruth,
  outlineOverlap,
  readBuildingTruth,
  scoreBuildings,
  thinned,
  turned,
} from './building-truth.ts'
import { segmented } from './segment-cloud.ts'

const root = resolve(import.meta.dirname, '../..')
const data = resolve(root, process.env.ALIDADE_TEST_DATA ?? '../shared/data')
const without = !existsSync(join(data, 'pointcloud/buildings'))
const note = without ? ' [skipped: no data at ALIDADE_TEST_DATA]' : ''

/** Measured: F1 0.985, 0.979 turned, 0.932 with a quarter of the points; outlines 0.809 and 0.819. */
describe.skipIf(without)(`buildings of an AHN tile${note}`, () => {
  let truth: BuildingTruth
  beforeAll(async () => {
    truth = await readBuildingTruth(data)
  })
  const f1 = async ({ points, isBuilding }: Pick<BuildingTruth, 'points' | 'isBuilding'>) =>
    scoreBuildings(isBuilding, (await segmented(points)).classes).f1

  test('points and outlines are those of the official registers', async () => {
    const { classes, footprints } = await segmented(truth.points)
    expect(scoreBuildings(truth.isBuilding, classes).f1).toBeGreaterThan(0.97)
    const outlines = buildingOutlines(footprints)
    expect(outlineOverlap(truth.points, truth.outlines.BAG, outlines)).toBeGreaterThan(0.79)
    expect(outlineOverlap(truth.points, truth.outlines.BGT, outlines)).toBeGreaterThan(0.8)
  }, 60_000)

  test('they are found as well when the place is turned, and in a quarter of the points', async () => {
    expect(await f1({ ...truth, points: turned(truth.points, 33) })).toBeGreaterThan(0.96)
    expect(await f1(thinned(truth, 0.25))).toBeGreaterThan(0.9)
  }, 60_000)
})
