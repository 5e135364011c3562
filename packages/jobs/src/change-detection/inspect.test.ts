// Every fault that headers can tell, by a real file.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JobMessage } from '@alidade/contract'
import { expect, test } from 'vitest'
import type { Inspection } from '../job-type.ts'
import { inspectClouds } from './inspect.ts'
import { inspectedFiles, runJob, temporaryFolder } from './run-job.fixture.ts'
import { bare, side, type SurveyOptions, writeSurvey } from './two-surveys.fixture.ts'

async function survey(options: Partial<SurveyOptions> & { shift?: number } = {}): Promise<string> {
  const { shift = 0, ...rest } = options
  const path = await writeSurvey(await temporaryFolder(), 'survey.las', bare, { seed: 1, side: 10, ...rest })
  if (shift !== 0) await editHeader(path, (header) => moveEast(header, shift))
  return path
}

/** A LAS file whose first bytes `edit` has changed. */
async function editHeader(path: string, edit: (bytes: Buffer) => void): Promise<string> {
  const bytes = await readFile(path)
  edit(bytes)
  await writeFile(path, bytes)
  return path
}

/** The offset of x and the bounds in x (LAS 1.4 R15, table 3). */
function moveEast(header: Buffer, metres: number): void {
  for (const at of [155, 179, 187]) header.writeDoubleLE(header.readDoubleLE(at) + metres, at)
}

async function inspect(
  a: string | string[],
  b: string | string[],
  outputs = ['objects3D'],
): Promise<Inspection> {
  const inputs = { modelA: await inspectedFiles(...[a].flat()), modelB: await inspectedFiles(...[b].flat()) }
  return inspectClouds(inputs, outputs, new AbortController().signal)
}

const said = ({ code, params }: JobMessage) => [code, ...params]

test('two surveys of one place in one system have no faults and no warnings', async () => {
  const outputs = ['objects3D', 'exportedLocations3DGeoJSON']
  expect(await inspect(await survey(), await survey({ seed: 2 }), outputs)).toMatchObject({
    faults: [],
    warnings: [],
  })
})

test('a file of another kind is no point cloud, and the fault says what its first bytes are', async () => {
  const path = join(await temporaryFolder(), 'notes.las')
  await writeFile(path, 'Dear surveyor, the truck was here in March.')
  const { faults } = await inspect(path, await survey())
  expect(faults.map(({ input, error }) => [input, ...said(error)])).toEqual([
    ['modelA', 'InputData_NotAPointCloud', 'notes.las', 'pointClouds1', expect.stringContaining('LASF')],
  ])
})

test('faults of both inputs are told at once', async () => {
  const path = join(await temporaryFolder(), 'empty.las')
  await writeFile(path, '')
  const { faults } = await inspect(path, path)
  expect(faults.map(({ input }) => input)).toEqual(['modelA', 'modelB'])
})

test('a file that is cut off is damaged', async () => {
  const whole = await survey()
  const path = join(await temporaryFolder(), 'cut.las')
  await writeFile(path, (await readFile(whole)).subarray(0, 2000))
  const { faults } = await inspect(whole, path)
  expect(faults.map(({ input, error }) => [input, ...said(error)])).toEqual([
    ['modelB', 'InputData_Corrupt', 'cut.las', 'pointClouds2', expect.stringMatching(/expected .*, got /)],
  ])
})

test.each([
  ['a scale of zero', 131, 0],
  ['a scale that is not a number', 131, Number.NaN],
  ['an offset that is infinite', 155, Infinity],
])('%s is damage', async (_, at, value) => {
  const path = await editHeader(await survey(), (header) => header.writeDoubleLE(value, at))
  const { faults } = await inspect(path, await survey())
  expect(faults.map(({ error }) => error.code)).toEqual(['InputData_Corrupt'])
})

test('a version that is not known is named', async () => {
  const path = await editHeader(await survey(), (header) => header.writeUInt8(9, 25))
  const { faults } = await inspect(path, await survey())
  expect(faults.map(({ error }) => said(error))).toEqual([
    ['InputData_Invalid', 'pointClouds1', expect.stringContaining('survey.las')],
  ])
})

test('a survey without points is empty', async () => {
  const { faults } = await inspect(await survey(), await survey({ without: () => true }))
  expect(faults.map(({ input, error }) => [input, ...said(error)])).toEqual([
    ['modelB', 'InputData_Empty', 'pointClouds2'],
  ])
})

test('one empty file among others is no fault', async () => {
  const { faults } = await inspect([await survey(), await survey({ without: () => true })], await survey())
  expect(faults).toEqual([])
})

test('surveys in different systems cannot be compared', async () => {
  const { faults } = await inspect(await survey(), await survey({ crs: { epsg: 32633 } }))
  expect(faults.map(({ input, error }) => [input, ...said(error)])).toEqual([
    ['modelB', 'Crs_Differs', 'WGS 84 / UTM zone 32N', 'WGS 84 / UTM zone 33N'],
  ])
})

test('files of one survey in different systems cannot be joined', async () => {
  const { faults } = await inspect([await survey(), await survey({ crs: { epsg: 32633 } })], await survey())
  expect(faults.map(({ input, error }) => [input, error.code])).toEqual([['modelA', 'Crs_Differs']])
})

test('degrees are refused: a distance in them means nothing', async () => {
  const wkt =
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],' +
    'UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]'
  const { faults } = await inspect(await survey({ crs: { wkt } }), await survey({ crs: { wkt } }))
  expect(faults.map(({ input, error }) => [input, error.code])).toEqual([
    ['modelA', 'InputData_Invalid'],
    ['modelB', 'InputData_Invalid'],
  ])
  expect(faults[0]!.error.message).toContain('geographic')
})

test('without a system the surveys are compared in the unit of the file, with a warning for each', async () => {
  const { faults, warnings } = await inspect(await survey({ crs: 'none' }), await survey({ crs: 'none' }))
  expect(faults).toEqual([])
  expect(warnings.map(said)).toEqual([
    ['Crs_Missing', 'pointClouds1'],
    ['Crs_Missing', 'pointClouds2'],
  ])
})

test('locations on WGS 84 need a known system', async () => {
  const outputs = ['objects3D', 'exportedLocations3DGeoJSON']
  const { faults } = await inspect(await survey({ crs: 'none' }), await survey({ crs: 'none' }), outputs)
  expect(faults.map(({ output, error }) => [output, ...said(error)])).toEqual([
    ['exportedLocations3DGeoJSON', 'Crs_Missing', 'exportedLocations3DGeoJSON', 'the input'],
  ])
})

test('the system of one survey stands for both', async () => {
  const outputs = ['objects3D', 'exportedLocations3DGeoJSON']
  const { faults, warnings } = await inspect(await survey(), await survey({ crs: 'none' }), outputs)
  expect(faults).toEqual([])
  expect(warnings.map(said)).toEqual([['Crs_Missing', 'pointClouds2']])
})

test('surveys far apart are not of one place, and the fault says how far', async () => {
  const { faults } = await inspect(await survey(), await survey({ shift: 2010 }))
  expect(faults.map(({ input, error }) => [input, ...said(error)])).toEqual([
    ['modelB', 'InputData_NoOverlap', '2.00e+3 metre'],
  ])
})

test('neighbouring tiles are let through', async () => {
  expect((await inspect(await survey(), await survey({ shift: 10 }))).faults).toEqual([])
})

test('what the headers tell also ends a run that was started all the same', async () => {
  const run = runJob(await survey({ side }), await survey({ crs: { epsg: 32633 } }), {
    outputs: ['objects3D'],
  })
  await expect(run).rejects.toMatchObject({ jobMessage: { code: 'Crs_Differs' } })
})

test('an input without a file is missing', async () => {
  const { faults } = await inspect([], await survey())
  expect(faults.map(({ input, error }) => [input, ...said(error)])).toEqual([
    ['modelA', 'InputData_Missing', 'pointClouds1', 'any LAS or LAZ file'],
  ])
})

/** Faults and warnings of two surveys whose system a scene states. */
async function inspectInScene(sceneCrs: string): Promise<Inspection> {
  const inScene = async (path: string) => (await inspectedFiles(path)).map((file) => ({ ...file, sceneCrs }))
  const inputs = {
    modelA: await inScene(await survey({ crs: 'none' })),
    modelB: await inScene(await survey({ crs: 'none' })),
  }
  return inspectClouds(inputs, ['objects3D', 'exportedLocations3DGeoJSON'], new AbortController().signal)
}

test('a local system is enough to compare in, but not to place locations on WGS 84', async () => {
  const { faults, warnings } = await inspectInScene('Local:unit=meter')
  expect(warnings).toEqual([])
  expect(faults.map(({ output, error }) => [output, ...said(error)])).toEqual([
    [
      'exportedLocations3DGeoJSON',
      'Crs_Missing',
      'exportedLocations3DGeoJSON',
      "the system 'Local:unit=meter'",
    ],
  ])
})

test('a scene that states another system than its files do is warned of, and the files count', async () => {
  const stated = async (sceneCrs: string) => {
    const files = (await inspectedFiles(await survey(), await survey())).map((file) => ({
      ...file,
      sceneCrs,
    }))
    const inputs = { modelA: files, modelB: await inspectedFiles(await survey()) }
    return (await inspectClouds(inputs, ['objects3D'], new AbortController().signal)).warnings.map(said)
  }
  const [own, name] = ['WGS 84 / UTM zone 32N', expect.any(String)]
  const other = ['Crs_Contradicted', 'WGS 84 / UTM zone 33N', name, 'pointClouds1', own]
  expect(await stated('EPSG:32633')).toEqual([other])
  expect(await stated('EPSG:999999')).toEqual([['Crs_Contradicted', 'EPSG:999999', ...other.slice(2)]])
  expect(await stated('EPSG:32632')).toEqual([])
})

test('a system of a scene that nobody knows is a fault of every input that is in it', async () => {
  const { faults } = await inspectInScene('EPSG:999999')
  expect(faults.map(({ input, error }) => [input, error.code, error.params[0]])).toEqual([
    ['modelA', 'InputData_Invalid', 'pointClouds1'],
    ['modelB', 'InputData_Invalid', 'pointClouds2'],
  ])
  expect(faults[0]!.error.message).toContain('EPSG:999999')
})

test('a datum without a known way to WGS 84 makes locations approximate, and the warning names it', async () => {
  const wkt =
    'PROJCS["old grid",GEOGCS["old",DATUM["Old_Datum",SPHEROID["Bessel 1841",6377397.155,299.1528128]],' +
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],' +
    'PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",9],PARAMETER["scale_factor",1],' +
    'PARAMETER["false_easting",500000],PARAMETER["false_northing",0],UNIT["metre",1]]'
  const { faults, warnings } = await inspectInScene(wkt)
  expect(faults).toEqual([])
  expect(warnings.map(said)).toEqual([
    ['Crs_Approximate', 'pointClouds1', expect.stringContaining('Old_Datum')],
  ])
})

test('heights above a stated level of the sea are written to GeoJSON as they are, and a warning says so', async () => {
  const { faults, warnings } = await inspectInScene('EPSG:25832+7837')
  expect(faults).toEqual([])
  expect(warnings.map(said)).toEqual([
    ['Heights_Unchanged', 'pointClouds1', expect.stringContaining('DHHN2016 height')],
  ])
  expect((await inspectInScene('EPSG:32632')).warnings).toEqual([])
})
