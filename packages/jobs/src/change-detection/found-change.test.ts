import { expect, test } from 'vitest'
import { openCloud } from '../point-clouds/cloud.ts'
import { sceneSystems } from './found-change.ts'
import { inputFiles, temporaryFolder } from './run-job.fixture.ts'
import { bare, writeSurvey } from './two-surveys.fixture.ts'

test('scenes state the system of heights with that of the plan', async () => {
  const path = await writeSurvey(await temporaryFolder(), 'survey.las', bare, { seed: 1, crs: 'none' })
  const files = (await inputFiles(path)).map((file) => ({ ...file, sceneCrs: 'EPSG:7415' }))
  const cloud = await openCloud('pointClouds1', files, new AbortController().signal)
  await Promise.all(cloud.files.map(({ source }) => source.close()))
  const { collection } = sceneSystems({ a: cloud, b: cloud })
  expect(collection.SpatialReferenceSystems?.get('0')?.Definition).toBe('EPSG:28992+5709')
})
