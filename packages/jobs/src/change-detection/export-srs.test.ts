import { crsFromDefinition } from '@alidade/formats'
import { expect, test } from 'vitest'
import { changeDetection } from './change-detection.ts'
import { inspectExportSrs } from '../point-clouds/export-srs.ts'
import { inspectClouds } from './inspect.ts'
import { inspectedFiles, runJob, temporaryFolder } from './run-job.fixture.ts'
import { bare, type SurveyOptions, writeSurvey } from './two-surveys.fixture.ts'

const shown = { input: 'pointClouds1', output: 'exportedLocations3DSHP' }

const utm = crsFromDefinition('EPSG:32632')
const place = [500_300, 5_400_200] as const
const problemOf = (exportSrs: string) => changeDetection.optionFaults!({ exportSrs })[0]?.problem

const wkt =
  'PROJCS["mine",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],' +
  'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],' +
  'PARAMETER["central_meridian",9],PARAMETER["scale_factor",1],UNIT["metre",1]]'

test.each(['', ' ', 'EPSG:32633', 'epsg:4326', 'EPSG:28992+5709', wkt])('%j is a system', (exportSrs) => {
  expect(problemOf(exportSrs)).toBeUndefined()
})

test.each([
  ['WGS 84', 'coordinate reference system: expected EPSG:<code>, WKT, ENU:<latitude>,<longitude>'],
  ['EPSG:99999', 'EPSG:99999: expected a code with a known definition'],
  [wkt.slice(0, -1), 'WKT: expected , or ] at character'],
  [wkt.replace('Transverse_Mercator', 'Magic'), 'expected a system that proj4 can use, got mine'],
  [
    'Local:unit=meter',
    "expected a projected or a geographic system, got the local system 'Local:unit=meter'",
  ],
  ['EPSG:4978', 'expected a projected or a geographic system, got the geocentric system'],
  [
    'EPSG:3031',
    "expected a system that a shapefile can state, got the projection of 'WGS 84 / Antarctic Polar Stereographic'",
  ],
  [`PROJCS[${'['.repeat(1e5)}`, 'expected a definition of at most 65536 characters, got PROJCS'],
  ['PROJCS['.repeat(100), 'WKT: expected at most 64 levels'],
])('what is no system is told why: %#', (exportSrs, problem) => {
  expect(problemOf(exportSrs)).toContain(problem)
})

test('a place that the system cannot reach is told with both', () => {
  const { fault } = inspectExportSrs('EPSG:27700', utm, [-3e7, 9e7], shown)
  expect(fault).toMatchObject({ code: 'InputData_Invalid', params: ['exportSrs', expect.any(String)] })
  expect(fault!.message).toContain(
    'expected a place that WGS 84 / UTM zone 32N can reach, got -30000000, 90000000',
  )
})

test('surveys without a place on the Earth cannot be put into another system', () => {
  const local = crsFromDefinition('Local:unit=meter')
  const params = (crs: typeof utm | undefined) =>
    inspectExportSrs('EPSG:32632', crs, place, shown).fault?.params
  expect(params(undefined)).toEqual(['exportedLocations3DSHP', 'the input'])
  expect(params(local)).toEqual(['exportedLocations3DSHP', "the system 'Local:unit=meter'"])
  expect(inspectExportSrs('', local, place, shown)).toEqual({ warnings: [] })
})

test('a datum whose shift is not known is warned of, unless the system stays the same', () => {
  const old = crsFromDefinition('EPSG:26717')
  const told = (exportSrs: string) => inspectExportSrs(exportSrs, old, place, shown).warnings
  expect(told('EPSG:26717')).toEqual([])
  expect(told('EPSG:4326').map(({ code, params }) => [code, params[0]])).toEqual([
    ['Crs_Approximate', 'pointClouds1'],
  ])
})

test('heights stay where they are, and a system that wants others is told so', () => {
  const survey = crsFromDefinition('EPSG:25832+7837')
  const told = (exportSrs: string) =>
    inspectExportSrs(exportSrs, survey, place, shown).warnings.map(({ code, params }) => [code, ...params])
  expect(told('EPSG:32632')).toEqual([])
  expect(told('EPSG:32632+7837')).toEqual([])
  expect(told('EPSG:32632+5783')).toEqual([
    [
      'Heights_Unchanged',
      'pointClouds1',
      expect.stringContaining('"DHHN2016 height", where "DHHN92 height"'),
    ],
  ])
})

const survey = async (options: Partial<SurveyOptions> = {}) =>
  writeSurvey(await temporaryFolder(), 'survey.las', bare, { seed: 1, side: 10, ...options })

test('headers tell whether the option can be followed, if the shapefile is asked for', async () => {
  const unknown = await survey({ crs: 'none' })
  const inputs = { modelA: await inspectedFiles(unknown), modelB: await inspectedFiles(unknown) }
  const told = (outputs: string[]) =>
    inspectClouds(inputs, outputs, new AbortController().signal, { exportSrs: 'EPSG:4326' })
  const asked = await told(['exportedLocations3DSHP'])
  expect(asked.faults.map(({ option, error }) => [option, error.code])).toEqual([
    ['exportSrs', 'Crs_Missing'],
  ])
  expect(asked.warnings.map(({ code }) => code)).not.toContain('Option_Ignored')
  const notAsked = await told(['objects3D'])
  expect(notAsked.faults).toEqual([])
  expect(notAsked.warnings.filter(({ params }) => params[0] === 'exportSrs')).toMatchObject([
    { code: 'Option_Ignored' },
  ])
})

test('a run that was started all the same ends with what the headers tell', async () => {
  const run = runJob(await survey(), await survey(), {
    outputs: ['exportedLocations3DSHP'],
    options: { exportSrs: 'EPSG:99999' },
  })
  await expect(run).rejects.toMatchObject({ jobMessage: { code: 'InputData_Invalid', params: ['exportSrs', expect.stringContaining('99999')] } }) // biome-ignore format: one line
})
