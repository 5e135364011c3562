import { readFile } from 'node:fs/promises'
import { parseContextScene } from '@alidade/formats'
import { expect, test } from 'vitest'
import { readShapefile } from './read-shapefile.fixture.ts'
import { type Feature, inspectedFiles, runJob, temporaryFolder } from './run-job.fixture.ts'
import { inspectClouds } from './inspect.ts'
import { bare, withCrate, withHeap, writeSurvey } from './two-surveys.fixture.ts'

const outputs = ['A', 'B'].flatMap((epoch) =>
  ['', 'AsGeoJSON', 'AsSHP'].map((suffix) => `locations3D${epoch}${suffix}`),
)

test('each survey gets the locations of what it alone holds, as a scene, as GeoJSON and as a shapefile', async () => {
  const folder = await temporaryFolder()
  const a = await writeSurvey(folder, 'a.las', withHeap, { seed: 1 })
  const b = await writeSurvey(folder, 'b.las', withCrate, { seed: 2 })
  const run = await runJob(a, b, { outputs: [...outputs, 'objects3D', 'exportedLocations3DGeoJSON'] })
  const all = await run.features()
  expect(all.map(({ properties }) => properties.label).sort()).toEqual(['appeared', 'disappeared'])
  for (const [epoch, label] of [
    ['A', 'disappeared'],
    ['B', 'appeared'],
  ]) {
    const name = `locations3D${epoch}`
    const of = all.filter(({ properties }) => properties.label === label)
    const geoJson = await readFile(run.path(`${name}AsGeoJSON`, `${name}AsGeoJSON.geojson`), 'utf8')
    expect((JSON.parse(geoJson) as { features: Feature[] }).features).toEqual(of)
    const scene = parseContextScene(await readFile(run.path(name, 'ContextScene.json')))
    expect([...scene.Annotations!.Objects3D!.Objects.keys()]).toEqual(of.map(({ id }) => id))
    const { points } = await readShapefile(run.path(`${name}AsSHP`, `${name}AsSHP`))
    expect(points.map(({ values }) => values.id)).toEqual(of.map(({ id }) => id))
  }
})

test('GeoJSON of either survey needs a known system, each told by its own name', async () => {
  const folder = await temporaryFolder()
  const path = await writeSurvey(folder, 'a.las', bare, { seed: 1, crs: 'none' })
  const inputs = { modelA: await inspectedFiles(path), modelB: await inspectedFiles(path) }
  const { faults } = await inspectClouds(inputs, outputs, new AbortController().signal)
  expect(faults.map(({ output, error }) => [output, error.code, error.params[0]])).toEqual(
    ['A', 'B'].map((epoch) => {
      const name = `locations3D${epoch}AsGeoJSON`
      return [name, 'Crs_Missing', name]
    }),
  )
})
