// Headers that state less than where points are: all points count, and the job says so. Models: `onnx-analysis.test.ts`.
import { alsBasicDetector } from '@alidade/contract'
import { expect, test } from 'vitest'
import type { JobType } from '../job-type.ts'
import { runJobType, temporaryFolder } from '../run-job.fixture.ts'
import { alsAnalysisOf } from '../segmentation-3d/als-analysis.ts'
import { segmentation3D } from '../segmentation-3d/segmentation-3d.ts'
import { extractGround } from './extract-ground.ts'
import { terrain, withNarrowBounds, writeTerrain } from './terrain.fixture.ts'

const library = { name: alsBasicDetector.name, version: '1.0' }
const detectors = { pointCloudSegmentationDetector: { library } }
const count = 1000
const alsInTiles: JobType = { ...segmentation3D, ...alsAnalysisOf(count / 2) }
const { x, y, z, truth } = terrain()

test.each([
  { name: 'extractGround', type: extractGround },
  { name: 'als-basic in tiles', type: alsInTiles, asked: { detectors } },
])(
  '$name finds under a header of too small bounds what it does under a true one',
  async ({ type, asked = {} }) => {
    const few = { x: x.slice(0, count), y: y.slice(0, count), z: z.slice(0, count), truth }
    const path = await writeTerrain(await temporaryFolder(), 'hill.las', few)
    const found = async (cloud: string, warnings: string[]) => {
      const job = await runJobType(type, {
        inputs: { pointClouds: cloud },
        outputs: ['segmentedPointCloud'],
        ...asked,
      })
      expect(job.warnings.map(({ code }) => code)).toEqual(warnings)
      for (const { done, total, part } of job.steps) expect(done, part).toBe(total)
      return [...(await job.files()).values()][0]!
    }
    const narrow = await found(await withNarrowBounds(path), ['Bounds_Exceeded'])
    expect(narrow.equals(await found(path, []))).toBe(true)
  },
)
