// What whole jobs write, by the command that people start, read by programs of others: what a writer makes by itself is
// not all that it makes for a job.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../packages/formats/src/las.fixture.ts'
import { compressed, writeTerrain } from '../../packages/jobs/src/extract-ground/terrain.fixture.ts'
import { writeTown } from '../../packages/jobs/src/segmentation-3d/town.fixture.ts'
import { alidadeBin } from '../e2e/service-process.ts'
import { writeTwoEpochs } from '../e2e/two-epochs.ts'
import { classesOf, plyColumns, recordsByLazRs, recordsOfLas } from './clouds-by-others.ts'
import { readByGdal } from './gdal.ts'
import { missing } from './installed.ts'
import { rowsOfSoundTileset } from './sound-tilesets.ts'

const gdal = missing('gdal-bin')

/** Where the results of `alidade run` are, each output in a folder of its name. */
async function run(type: string, inputs: Record<string, string>, outputs: string[]): Promise<string> {
  const out = join(await temporaryFolder(), 'out')
  const given = Object.entries(inputs).flatMap(([name, value]) => ['--input', `${name}=${value}`])
  const asked = [...given, '--output', outputs.join(','), '--out', out]
  await promisify(execFile)(process.execPath, [alidadeBin, 'run', type, ...asked])
  return out
}

async function sceneOf(out: string, output: string) {
  return JSON.parse(await readFile(join(out, output, 'ContextScene.json'), 'utf8')).Annotations
}

/** The layer, which GDAL has nothing to complain about. */
async function layerOf(out: string, output: string, end: 'geojson' | 'shp') {
  const { complaints, summary, features } = await readByGdal(join(out, output, `${output}.${end}`))
  expect(complaints).toBe('')
  return { summary, features, types: new Set(features.map(({ geometry }) => geometry.type)) }
}

async function surveys(): Promise<[string, string]> {
  const { paths } = await writeTwoEpochs(await temporaryFolder(), 20_000, 60)
  return [await compressed(paths[0]), await compressed(paths[1])]
}

test.skipIf(gdal.missing)(`changes, as GeoJSON and as a shapefile${gdal.note}`, async () => {
  const [a, b] = await surveys()
  const outputs = ['objects3D', 'locations3DAsGeoJSON', 'locations3DAsSHP']
  const out = await run('ChangeDetection', { model3DA: a, model3DB: b }, outputs)
  const count = Object.keys((await sceneOf(out, 'objects3D')).Objects3D.Objects).length
  expect(count).toBe(2)
  const geoJson = await layerOf(out, 'locations3DAsGeoJSON', 'geojson')
  expect(geoJson.features).toHaveLength(count)
  expect(geoJson.types).toEqual(new Set(['Point']))
  const shapefile = await layerOf(out, 'locations3DAsSHP', 'shp')
  expect(shapefile.features).toHaveLength(count)
  expect(shapefile.summary).toContain('Geometry: 3D Point')
  expect(shapefile.summary).toContain('WGS 84 / UTM zone 32N')
})

test('both surveys with their changes, as LAZ: laz-rs decodes every record that went in, and two columns more', async () => {
  const [a, b] = await surveys()
  const out = await run('ChangeDetection', { model3DA: a, model3DB: b }, [
    'segmentedModel3DA',
    'segmentedModel3DB',
  ])
  for (const [name, survey] of [
    ['segmentedModel3DA', a],
    ['segmentedModel3DB', b],
  ] as const) {
    const [before, after] = [
      await recordsByLazRs(survey),
      await recordsByLazRs(join(out, name, `${name}.laz`)),
    ]
    expect(after.recordLength).toBe(before.recordLength + 6)
    const kept = Array.from({ length: 20_000 }, (_, i) =>
      after.records.subarray(i * after.recordLength, (i + 1) * after.recordLength - 6),
    )
    expect(Buffer.concat(kept).equals(before.records)).toBe(true)
    const changed = Array.from({ length: 20_000 }, (_, i) =>
      after.records.readUInt16LE((i + 1) * after.recordLength - 6),
    )
    expect(new Set(changed)).toEqual(new Set([0, 1, 2]))
  }
})

test('ground as LAS, LAZ and PLY: the same points and classes, by laz-rs and by loaders.gl', async () => {
  const pointClouds = await writeTerrain(await temporaryFolder(), 'hill.las')
  const formats = ['LAS', 'LAZ', 'PLY'] as const
  const outputs = formats.map((format) => `exportedSegmentation3D${format}`)
  const out = await run(
    'extractGround',
    { pointClouds, pointCloudSegmentationDetector: '@alidade/ground' },
    // Exports are of this scene, and are refused without it.
    ['segmentation3D', ...outputs],
  )
  const [las, laz, ply] = outputs.map((output, i) =>
    join(out, output, `${output}.${formats[i]!.toLowerCase()}`),
  )
  const plain = await recordsOfLas(las!)
  expect((await recordsByLazRs(laz!)).records.equals(plain.records)).toBe(true)
  const classes = classesOf(plain)
  expect(new Set(classes)).toEqual(new Set([1, 2]))
  const { classification, POSITION } = await plyColumns(ply!)
  expect(classification).toEqual(classes)
  expect(POSITION).toHaveLength(3 * classes.length)
})

test.skipIf(gdal.missing)(
  `objects, outlines and lines of a town, as GeoJSON, shapefile and 3D Tiles${gdal.note}`,
  async () => {
    const model3D = await writeTown(await temporaryFolder(), 'town.las')
    const kinds = ['objects3D', 'polygons3D', 'lines3D']
    const outputs = [
      ...kinds.flatMap((kind) => [kind, `${kind}AsGeoJSON`, `${kind}As3DTiles`]),
      'locations3DAsSHP',
    ]
    const out = await run(
      'Segmentation3D',
      { model3D, pointCloudSegmentationDetector: '@alidade/als-basic' },
      outputs,
    )
    const collections = { objects3D: 'Objects', polygons3D: 'Polygons', lines3D: 'Lines' } as const
    for (const [kind, collection] of Object.entries(collections)) {
      const place = kind.replace(/^./, (letter) => letter.toUpperCase())
      const count = Object.keys((await sceneOf(out, kind))[place][collection]).length
      expect(count).toBeGreaterThan(1)
      expect((await layerOf(out, `${kind}AsGeoJSON`, 'geojson')).features).toHaveLength(count)
      expect((await rowsOfSoundTileset(join(out, `${kind}As3DTiles`))).rows).toHaveLength(count)
    }
    const { features, summary } = await layerOf(out, 'locations3DAsSHP', 'shp')
    expect(features).toHaveLength(Object.keys((await sceneOf(out, 'objects3D')).Objects3D.Objects).length)
    expect(summary).toContain('Geometry: 3D Point')
  },
)
