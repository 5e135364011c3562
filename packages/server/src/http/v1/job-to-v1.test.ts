import { getJob, type JobResponse, jobErrorMessage, jobWarningMessage } from '@alidade/contract'
import { expect, test } from 'vitest'
import type { JobRecord } from '../../store/job-record.ts'
import { toV1Job } from './job-to-v1.ts'

// The documented examples of GET /jobs/{jobId}, and the rows they would come from.
const { created, done } = getJob.responses[200].examples as Record<string, JobResponse>
const row: JobRecord = {
  id: 'cc3d35cc-416a-4262-9714-b359da70b419',
  org: 'acme',
  userId: 'ada',
  email: 'ada@example.org',
  clientId: 'sdk',
  iTwinId: 'fb06eb47-4f3d-4a7d-9a1c-3f4f9e2d8a01',
  versions: ['v1', 'v2'],
  terminatingUntil: undefined,
  type: 'changeDetection',
  name: 'Quarry, March to April',
  inputs: [
    { name: 'modelA', realityDataId: '3f0a8f3e-7f66-4a3e-a2f1-0a4d9fb6a1b1' },
    { name: 'modelB', realityDataId: '5b1c9c1d-0d43-4a55-8f3a-9b8a7a4e2c02' },
  ],
  outputs: [
    { name: 'objects3D', realityDataId: '9d0f2b44-31a5-4ad0-8e0d-2f6d4f1f7b03' },
    { name: 'exportedLocations3DGeoJSON', realityDataId: 'e4a5d2a6-6f0b-4f5c-b6a7-5f7f3c8d9e04' },
  ],
  options: { distThresholdLow: 0.2, distThresholdHigh: 0.5, minPoints: 50 },
  optionsSent: { distThresholdLow: '0.2', distThresholdHigh: '0.5', minPoints: '50' },
  costParameters: undefined,
  state: 'unsubmitted',
  percentage: 0,
  step: '',
  attempt: 0,
  createdAt: new Date('2026-04-02T08:00:00.000Z'),
  modifiedAt: new Date('2026-04-02T08:00:00.999Z'),
  submittedAt: undefined,
  startedAt: undefined,
  endedAt: undefined,
  exitCode: undefined,
  processingUnits: undefined,
  errors: [],
  warnings: [],
}
const submitted: JobRecord = { ...row, state: 'active', submittedAt: new Date('2026-04-02T08:05:00Z') }

test('an unsubmitted job is shown as documented, without executionInformation', () => {
  expect(toV1Job(row)).toStrictEqual(created?.job)
})

test('a finished job is shown as documented', () => {
  const finished: JobRecord = {
    ...submitted,
    state: 'success',
    percentage: 100,
    modifiedAt: new Date('2026-04-02T08:06:10.5Z'),
    startedAt: new Date('2026-04-02T08:05:01.5Z'),
    endedAt: new Date('2026-04-02T08:06:10.5Z'),
    exitCode: 0,
    processingUnits: 0.02,
  }
  expect(toV1Job(finished)).toStrictEqual(done?.job)
})

test('from submission on there are lists of errors and warnings, and nothing that is not known yet', () => {
  expect(toV1Job(submitted).executionInformation).toStrictEqual({
    submissionDateTime: '2026-04-02T08:05:00Z',
    errors: [],
    warnings: [],
  })
})

test('errors and warnings are shown with their parameters', () => {
  const errors = [jobErrorMessage('InputData_Empty', 'pointClouds1')]
  const warnings = [jobWarningMessage('Option_Ignored', 'resolution')]
  expect(toV1Job({ ...submitted, errors, warnings }).executionInformation).toMatchObject({ errors, warnings })
})

test('no options are shown when none were sent, and an empty object when one was', () => {
  expect(toV1Job({ ...row, options: {}, optionsSent: undefined })).not.toHaveProperty('options')
  expect(toV1Job({ ...row, optionsSent: {} }).options).toEqual({})
})

test('options of a job that v2 created are shown as v1 clients send theirs: in strings, by the names of v1', () => {
  const options = { distThresholdHigh: 0.5, minPoints: 50 }
  expect(toV1Job({ ...row, options, optionsSent: undefined }).options).toEqual({
    distThresholdHigh: '0.5',
    minPoints: '50',
  })
})

test('a cost estimation repeats its parameters and adds a cost that grows with each of them', () => {
  const estimation = (costParameters: JobRecord['costParameters']) =>
    toV1Job({ ...row, costParameters }).costEstimation
  const parameters = { sceneWidth: 400, sceneLength: 300 }
  const estimated = estimation({ ...parameters, gigaPixels: undefined })
  expect(estimated).toStrictEqual({ ...parameters, estimatedCost: expect.any(Number) })
  expect(estimated!.estimatedCost).toBeGreaterThan(0)
  for (const name of ['sceneHeight', 'numberOfPhotos', 'gigaPixels', 'detectorScale', 'detectorCost']) {
    expect(estimation({ ...parameters, [name]: 5 })!.estimatedCost).toBeGreaterThan(estimated!.estimatedCost)
  }
  expect(estimation({ sceneWidth: 800, sceneLength: 300 })!.estimatedCost).toBeGreaterThan(
    estimated!.estimatedCost,
  )
})
