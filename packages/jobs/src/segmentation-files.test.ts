// Which files a scene means that is given as a segmentation.
import { expect, test } from 'vitest'
import type { InputReader } from './input-reader.ts'
import { JobError } from './job-error.ts'
import { findSegmentationFiles } from './segmentation-files.ts'

const ids = {
  clouds: '11111111-0000-4000-8000-000000000001',
  raw: '11111111-0000-4000-8000-000000000002',
  scene: '22222222-0000-4000-8000-000000000001',
}
const references = { '0': { Path: `rds:${ids.clouds}` }, '1': { Path: `rds:${ids.raw}` } }

function find(scene: object, { id = ids.scene, own = {} as Record<string, string> } = {}) {
  const text = JSON.stringify({ version: '6.0', References: references, ...scene })
  const stored: Record<string, { type: string; files: Record<string, string> }> = {
    [ids.clouds]: { type: 'LAZ', files: { 'a.laz': '...', 'b.laz': '....' } },
    [ids.raw]: { type: 'LAS', files: { 'raw.las': '..' } },
    [ids.scene]: { type: 'ContextScene', files: { 'ContextScene.json': text, ...own } },
  }
  const reader: InputReader = {
    describe: async (one) => stored[one] && { type: stored[one].type },
    list: async (one) =>
      Object.entries(stored[one]?.files ?? {}).map(([name, content]) => ({
        name,
        sizeBytes: content.length,
      })),
    read: async (one, name) => new TextEncoder().encode(stored[one]?.files[name]),
  }
  return findSegmentationFiles(reader, 'segmentation3D', id)
}
const namesIn = async (...how: Parameters<typeof find>) => (await find(...how)).map(({ name }) => name)
const problemOf = (...how: Parameters<typeof find>) =>
  find(...how).then(
    () => 'no problem',
    (error: unknown) => {
      if (!(error instanceof JobError)) throw error
      return `${error.jobMessage.code} ${error.jobMessage.params.join(' | ')}`
    },
  )
const clouds = (...paths: string[]) => ({
  PointCloudCollection: { PointClouds: Object.fromEntries(paths.map((Path, i) => [i, { Name: 'a', Path }])) },
})
const segmentation = (Path: string, SRSId?: number) => ({
  Annotations: { Segmentation3D: { Path, ...(SRSId !== undefined && { SRSId }) } },
})

test('the scene comes first, then the cloud that it names, in the system that the scene states', async () => {
  const systems = { SpatialReferenceSystems: { '3': { Definition: 'EPSG:25832' } } }
  const files = await find({ ...systems, ...segmentation('0:a.laz', 3) })
  expect(files.map(({ name, realityDataId, sceneCrs }) => [name, realityDataId, sceneCrs])).toEqual([
    ['ContextScene.json', ids.scene, undefined],
    ['a.laz', ids.clouds, 'EPSG:25832'],
  ])
})

test('a cloud of several files is all that is collected beside the one that is named', async () => {
  const both = { ...clouds('0:a.laz', '0:b.laz'), ...segmentation('0:a.laz') }
  expect(await namesIn(both)).toEqual(['ContextScene.json', 'a.laz', 'b.laz'])
  const beside = { ...clouds('c.las'), ...segmentation('c.las') }
  expect(await namesIn(beside, { own: { 'c.las': '...' } })).toEqual(['ContextScene.json', 'c.las'])
})

test('clouds that the segmentation is not one of play no part', async () => {
  expect(await namesIn({ ...clouds('1:raw.las'), ...segmentation('0:b.laz') })).toEqual([
    'ContextScene.json',
    'b.laz',
  ])
})

test.each([
  ['a cloud in place of a scene', {}, ids.raw, /^InputData_Invalid .*expected a ContextScene, got .* 'LAS'/],
  [
    'a scene of which nothing is segmented',
    clouds('0:a.laz'),
    ids.scene,
    /^InputData_Invalid .*has no Annotations\.Segmentation3D/,
  ],
  [
    'clouds in two places',
    { ...clouds('0:a.laz', '1:raw.las'), ...segmentation('0:a.laz') },
    ids.scene,
    /PointClouds\.1: expected .* got several clouds: 0:a\.laz and 1:raw\.las/,
  ],
  [
    'a folder of clouds',
    segmentation('0:'),
    ids.scene,
    /Segmentation3D\.Path: expected one segmented cloud, got several: a\.laz and b\.laz/,
  ],
  [
    'a reference that is not there',
    segmentation('7:a.laz'),
    ids.scene,
    /expected an entry in References, got none for '7'/,
  ],
  [
    'a file that is not there',
    segmentation('0:c.laz'),
    ids.scene,
    /^InputData_Missing segmentation3D \| c\.laz/,
  ],
  ['a file that is no LAS', segmentation('0:c.opc'), ids.scene, /^InputData_Missing/],
  [
    'a path that leads out',
    segmentation('../a.laz'),
    ids.scene,
    /^InputData_Invalid .*expected <reference id>/,
  ],
])('%s is refused with the place', async (_, scene, id, expected) => {
  expect(await problemOf(scene, { id })).toMatch(expected)
})
