import { declaredJobTypes, type ErrorDetail, isDelivered } from '@alidade/contract'
import { describe, expect, test } from 'vitest'
import type { JobRecord } from '../../store/job-record.ts'
import { readJobCreate, readJobPatch } from './job-from-v1.ts'

const iTwinId = 'fb06eb47-4f3d-4a7d-9a1c-3f4f9e2d8a01'
const march = '3f0a8f3e-7f66-4a3e-a2f1-0a4d9fb6a1b1'
const april = '5b1c9c1d-0d43-4a55-8f3a-9b8a7a4e2c02'
const body = {
  type: 'changeDetection',
  name: 'Quarry',
  iTwinId,
  inputs: [
    { type: 'pointClouds1', id: march },
    { type: 'pointClouds2', id: april },
  ],
  outputs: ['objects3D'],
}
const settings = {
  type: 'changeDetection',
  name: 'Quarry',
  inputs: [
    { name: 'modelA', realityDataId: march },
    { name: 'modelB', realityDataId: april },
  ],
  outputs: ['objects3D'],
  options: {},
  optionsSent: undefined,
  costParameters: undefined,
}
const faultsOf = (sent: Record<string, unknown>): ErrorDetail[] => {
  const { faults } = readJobCreate(sent)
  if (faults === undefined) throw new Error('accepted')
  return faults
}
const withOptions = (options: Record<string, unknown>) => readJobCreate({ ...body, options }).value?.settings

test('names of v1 become internal names, ids lower case', () => {
  expect(readJobCreate({ ...body, iTwinId: iTwinId.toUpperCase() })).toEqual({ value: { iTwinId, settings } })
})

test('names of inputs, outputs and options are matched without regard to case', () => {
  const inputs = [
    { type: 'POINTCLOUDS1', id: march.toUpperCase() },
    { type: 'pointclouds2', id: april },
  ]
  const read = readJobCreate({
    ...body,
    inputs,
    outputs: ['Objects3d', 'exportedlocations3dgeojson'],
    options: { MinPoints: '7' },
  })
  expect(read.value?.settings).toEqual({
    ...settings,
    outputs: ['objects3D', 'exportedLocations3DGeoJSON'],
    options: { minPoints: 7 },
    optionsSent: { MinPoints: '7' },
  })
})

test('option values come typed or as strings, are stored typed and kept as sent', () => {
  const typed = { distThresholdLow: 0.2, distThresholdHigh: 0.5, minPoints: 50 }
  expect(withOptions(typed)).toMatchObject({ options: typed, optionsSent: typed })
  const strings = { distThresholdLow: '0.2', distThresholdHigh: ' 5e-1 ', minPoints: '50.0' }
  expect(withOptions(strings)).toMatchObject({ options: typed, optionsSent: strings })
  expect(withOptions({})).toMatchObject({ options: {}, optionsSent: {} })
})

test('an option that has no effect yet is taken and kept', () => {
  const sent = { exportSrs: 'EPSG:4326', resolution: '10' }
  expect(withOptions(sent)).toMatchObject({
    options: { exportSrs: 'EPSG:4326', resolution: 10 },
    optionsSent: sent,
  })
})

test.each([
  ['minPoints', 'many', "Expected a whole number for minPoints, got 'many'."],
  ['minPoints', 2.5, "Expected a whole number for minPoints, got '2.5'."],
  ['minPoints', '', "Expected a whole number for minPoints, got ''."],
  ['minPoints', '0x10', "Expected a whole number for minPoints, got '0x10'."],
  ['minPoints', true, "Expected a whole number for minPoints, got 'true'."],
  ['minPoints', 0, "Expected minPoints to be at least 1, got '0'."],
  ['distThresholdLow', '0,5', "Expected a number for distThresholdLow, got '0,5'."],
  ['distThresholdLow', 'Infinity', "Expected a number for distThresholdLow, got 'Infinity'."],
  ['distThresholdLow', '1e999', "Expected a number for distThresholdLow, got '1e999'."],
  ['distThresholdLow', -1, "Expected distThresholdLow to be above 0, got '-1'."],
  ['DISTTHRESHOLDLOW', [1], "Expected a number for DISTTHRESHOLDLOW, got '[1]'."],
  ['exportSrs', 4326, "Expected a text for exportSrs, got '4326'."],
  [
    'EXPORTSRS',
    'EPSG:99999',
    "Option 'EXPORTSRS' cannot be used: EPSG:99999: expected a code with a known definition; give the WKT.",
  ],
])('the option %s cannot be %j', (name, value, message) => {
  expect(faultsOf({ ...body, options: { [name]: value } })).toEqual([
    { code: 'InvalidValue', message, target: `options.${name}` },
  ])
})

test('a low threshold above the high one is refused, an equal one is not', () => {
  expect(faultsOf({ ...body, options: { distThresholdLow: '0.8', distThresholdHigh: 0.5 } })).toEqual([
    {
      code: 'InvalidValue',
      message: 'Expected distThresholdLow not to be above distThresholdHigh, got 0.8 and 0.5.',
      target: 'options.distThresholdLow',
    },
  ])
  expect(withOptions({ distThresholdLow: '0.5', distThresholdHigh: 0.5 })).toBeDefined()
})

test('an unknown option and one that is sent twice are refused', () => {
  expect(faultsOf({ ...body, options: { minPoint: 3, minPoints: 3, MINPOINTS: 4 } })).toEqual([
    {
      code: 'InvalidProperty',
      message:
        "Unknown option 'minPoint' of changeDetection; expected one of distThresholdLow, distThresholdHigh, minPoints, colorThresholdLow, colorThresholdHigh, exportSrs, resolution.",
      target: 'options.minPoint',
    },
    {
      code: 'InvalidProperty',
      message: "Option 'MINPOINTS' repeats 'minPoints'.",
      target: 'options.MINPOINTS',
    },
  ])
})

describe.each(declaredJobTypes.filter((type) => type.v1 !== undefined && !isDelivered(type)))(
  'the published job type $v1, which is not delivered,',
  ({ v1 = '', inputs, outputs }) => {
    const required = Object.values(inputs).flatMap((input) => (input.required && input.v1) || [])
    const settings = {
      inputs: required.map((type) => ({ type, id: march })),
      outputs: Object.values(outputs).flatMap((output) => output.v1 ?? []),
    }
    const refusal = {
      code: 'InvalidValue',
      message: `Job type '${v1}' is not delivered by this service.`,
      target: 'type',
    }

    test('is refused as such where all else is as declared', () => {
      expect(faultsOf({ ...body, type: v1, ...settings })).toEqual([refusal])
    })

    test('is told what else is wrong with it', () => {
      const wrong = { inputs: [{ type: 'smoke', id: march }], outputs: ['fire'], options: { spark: 1 } }
      const faults = faultsOf({ ...body, type: v1, ...wrong })
      expect(faults[0]).toEqual(refusal)
      expect(faults.map(({ target }) => target)).toEqual([
        'type',
        'inputs[0].type',
        ...required.map(() => 'inputs'),
        'outputs[0]',
        'options.spark',
      ])
    })
  },
)

test('an unknown job type, the v2 name included, is told the known ones', () => {
  for (const type of ['ChangeDetection', 'nonsense', 'constructor']) {
    expect(faultsOf({ ...body, type })).toEqual([
      {
        code: 'InvalidValue',
        message: `Unknown job type '${type}'; expected one of segmentation3D, extractGround, changeDetection.`,
        target: 'type',
      },
    ])
  }
})

test('every fault of a body is found, of shape and of meaning', () => {
  const faults = faultsOf({
    type: 'changeDetection',
    name: '',
    iTwinId: 'seven',
    inputs: [
      { type: 'pointClouds1', id: 'quarry.laz' },
      { type: 'pointClouds1', id: april },
      { type: 'meshes1', id: march },
      { type: 'photos', id: march },
    ],
    outputs: ['exportedLocations3DGeoJSON', 'exportedLocations3DSHP', 'EXPORTEDLOCATIONS3DGEOJSON', 'fire'],
    options: { minPoints: 'x' },
    costEstimationParameters: { sceneWidth: -1 },
  })
  expect(faults.map(({ code, target }) => `${code} ${target}`)).toEqual([
    'InvalidProperty name',
    'InvalidProperty iTwinId',
    'InvalidProperty costEstimationParameters.sceneWidth',
    'InvalidValue inputs[0].id',
    'InvalidValue inputs[1].type',
    'InvalidValue inputs[3].type',
    'MissingRequiredProperty inputs',
    'InvalidValue outputs[2]',
    'InvalidValue outputs[3]',
    'InvalidValue outputs[0]',
    'InvalidValue outputs[1]',
    'InvalidValue options.minPoints',
  ])
  expect(faults.map(({ message }) => message)).toEqual(
    expect.arrayContaining([
      "Expected the id of a reality data, which is a GUID, got 'quarry.laz'.",
      "Input 'pointClouds1' is given twice.",
      "Unknown input 'photos' of changeDetection; expected one of pointClouds1, pointClouds2, meshes1, meshes2.",
      "Input 'pointClouds2' is required by changeDetection.",
      "Output 'exportedLocations3DSHP' needs 'objects3D' to be requested too.",
      "Output 'EXPORTEDLOCATIONS3DGEOJSON' is requested twice.",
      "Unknown output 'fire' of changeDetection; expected one of objects3D, exportedLocations3DGeoJSON, exportedLocations3DSHP.",
      "Output 'exportedLocations3DGeoJSON' needs 'objects3D' to be requested too.",
    ]),
  )
})

test('every required property that is missing is named', () => {
  expect(faultsOf({}).map(({ code, target }) => `${code} ${target}`)).toEqual([
    'MissingRequiredProperty type',
    'MissingRequiredProperty name',
    'MissingRequiredProperty iTwinId',
    'MissingRequiredProperty inputs',
    'MissingRequiredProperty outputs',
  ])
})

test('text that no database keeps is refused', () => {
  for (const name of ['a\0b', 'half \ud800']) {
    expect(faultsOf({ ...body, name, options: { exportSrs: name } })).toMatchObject([
      { code: 'InvalidProperty', target: 'name' },
      { code: 'InvalidValue', target: 'options.exportSrs' },
    ])
  }
})

test('a body of the generation before April 2024 is refused for what it lacks today', () => {
  const inputs = [{ name: 'pointClouds1', realityDataId: march }]
  const legacy = {
    type: 'changeDetection',
    name: 'Quarry',
    projectId: iTwinId,
    settings: { inputs, outputs: [] },
  }
  expect(faultsOf(legacy).map(({ code, target }) => `${code} ${target}`)).toEqual([
    'MissingRequiredProperty iTwinId',
    'MissingRequiredProperty inputs',
    'MissingRequiredProperty outputs',
  ])
})

const job: JobRecord = {
  ...{ id: 'cc3d35cc-416a-4262-9714-b359da70b419', org: 'o', userId: 'u', email: '', clientId: 'c', iTwinId },
  ...{ state: 'unsubmitted', percentage: 0, step: '', attempt: 0 },
  ...{ createdAt: new Date(), modifiedAt: new Date(), submittedAt: undefined, startedAt: undefined },
  ...{ versions: ['v1', 'v2'], terminatingUntil: undefined },
  ...{ endedAt: undefined, exitCode: undefined, processingUnits: undefined, errors: [], warnings: [] },
  ...settings,
  type: 'changeDetection',
  outputs: [{ name: 'objects3D', realityDataId: april }],
  options: { minPoints: 50 },
  optionsSent: { minPoints: '50' },
  costParameters: { sceneWidth: 3 },
}
const asRequested = {
  ...settings,
  options: { minPoints: 50 },
  optionsSent: { minPoints: '50' },
  costParameters: { sceneWidth: 3 },
}

test('a patch replaces the members it has and leaves the others', () => {
  const patched = (sent: Record<string, unknown>) => readJobPatch(sent, job).value
  expect(patched({ name: 'Pit' })).toEqual({
    state: undefined,
    settings: { ...asRequested, name: 'Pit' },
    settingsSent: ['name'],
  })
  expect(patched({ options: { distThresholdLow: '1' } })?.settings).toEqual({
    ...asRequested,
    options: { distThresholdLow: 1 },
    optionsSent: { distThresholdLow: '1' },
  })
  expect(patched({ costEstimationParameters: { sceneHeight: 2 } })?.settings).toEqual({
    ...asRequested,
    costParameters: { sceneHeight: 2 },
  })
})

test('the state in a patch is read without regard to case', () => {
  expect(readJobPatch({ state: 'Active' }, job).value).toEqual({
    state: 'active',
    settings: undefined,
    settingsSent: [],
  })
  expect(readJobPatch({ state: 'CANCELLED', name: 'Pit' }, job).value).toMatchObject({
    state: 'cancelled',
    settings: { name: 'Pit' },
  })
})

test.each([
  [
    { state: 'success' },
    'InvalidValue',
    'state',
    "Expected 'active' or 'cancelled' for state, got 'success'.",
  ],
  [{ state: 1 }, 'InvalidProperty', 'state', "Property 'state' must be a string, got 1."],
  [{ iTwinId: march }, 'InvalidChange', 'iTwinId', 'The iTwin of a job cannot be changed.'],
  [
    { outputs: ['exportedLocations3DGeoJSON'] },
    'InvalidValue',
    'outputs[0]',
    "Output 'exportedLocations3DGeoJSON' needs 'objects3D' to be requested too.",
  ],
  [
    {},
    'InvalidRequestBody',
    undefined,
    'Expected state or at least one of type, name, inputs, outputs, options, costEstimationParameters.',
  ],
])('the patch %j is refused', (sent, code, target, message) => {
  expect(readJobPatch(sent, job).faults).toEqual([{ code, message, ...(target !== undefined && { target }) }])
})

test('a type that is not delivered is the first fault of a patch, and then that the other settings do not go with it', () => {
  expect(readJobPatch({ type: 'objects2D' }, job).faults?.map(({ target }) => target)).toEqual([
    'type',
    ...['inputs[0].type', 'inputs[1].type', 'inputs', 'inputs', 'options.minPoints'],
  ])
})

test('a whole job with its own iTwin can be sent back as a patch', () => {
  expect(readJobPatch({ ...body, iTwinId: iTwinId.toUpperCase() }, job).value?.settings).toEqual(asRequested)
})
