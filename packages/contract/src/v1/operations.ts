// The other job operations of v1, each with its remarks, scopes, statuses and examples.
import { Type } from 'typebox'
import {
  acceptHeader,
  commonHeaders,
  errorResponse,
  publishedError,
  ownOptionHeaders,
  timeLimitHeader,
  tooManyResponse,
  unauthorizedResponse,
} from '../common.ts'
import { defineOperation } from '../operation.ts'
import { JobCreate, JobPatch, JobResponse, JobsResponse } from './job.ts'

const read = ['itwin-platform', 'realitydataanalysis:read'] as const
const modify = ['itwin-platform', 'realitydataanalysis:modify'] as const
const jobIdParams = Type.Object({ jobId: Type.String({ description: 'The job id.' }) })
const headers = acceptHeader('v1')
const settingsHeaders = Type.Object({ ...headers.properties, ...timeLimitHeader, ...ownOptionHeaders })

const created = {
  id: 'cc3d35cc-416a-4262-9714-b359da70b419',
  name: 'Quarry, March to April',
  type: 'changeDetection',
  iTwinId: 'fb06eb47-4f3d-4a7d-9a1c-3f4f9e2d8a01',
  state: 'unsubmitted',
  email: 'ada@example.org',
  dataCenter: 'Local',
  createdDateTime: '2026-04-02T08:00:00Z',
  lastModifiedDateTime: '2026-04-02T08:00:00Z',
  inputs: [
    { type: 'pointClouds1', id: '3f0a8f3e-7f66-4a3e-a2f1-0a4d9fb6a1b1' },
    { type: 'pointClouds2', id: '5b1c9c1d-0d43-4a55-8f3a-9b8a7a4e2c02' },
  ],
  outputs: [
    { type: 'objects3D', id: '9d0f2b44-31a5-4ad0-8e0d-2f6d4f1f7b03' },
    { type: 'exportedLocations3DGeoJSON', id: 'e4a5d2a6-6f0b-4f5c-b6a7-5f7f3c8d9e04' },
  ],
  options: { distThresholdLow: '0.2', distThresholdHigh: '0.5', minPoints: '50' },
}
const submitted = {
  ...created,
  state: 'active',
  lastModifiedDateTime: '2026-04-02T08:05:00Z',
  executionInformation: { submissionDateTime: '2026-04-02T08:05:00Z', errors: [], warnings: [] },
}
const done = {
  ...submitted,
  state: 'success',
  lastModifiedDateTime: '2026-04-02T08:06:10Z',
  executionInformation: {
    submissionDateTime: '2026-04-02T08:05:00Z',
    startedDateTime: '2026-04-02T08:05:01Z',
    endedDateTime: '2026-04-02T08:06:10Z',
    exitCode: 0,
    estimatedUnits: 0.02,
    errors: [],
    warnings: [],
  },
}
const createBody = {
  type: 'changeDetection',
  name: 'Quarry, March to April',
  iTwinId: created.iTwinId,
  inputs: created.inputs,
  outputs: ['objects3D', 'exportedLocations3DGeoJSON'],
  options: created.options,
}

const jobNotFound = errorResponse('No such job for this caller.', {
  'no such job': publishedError('JobNotFound'),
})

export const createJob = defineOperation({
  id: 'jobs-create',
  method: 'POST',
  path: '/realitydataanalysis/jobs',
  tag: 'Jobs',
  summary: 'Create a job',
  remarks:
    'Creates the job without starting it. Output reality data exist, empty, from now on. Option values may be typed or ' +
    'strings; they are echoed as sent. Members sent as null count as absent.',
  scopes: modify,
  headers: settingsHeaders,
  body: JobCreate,
  bodyExamples: { 'change detection': createBody },
  responses: {
    201: {
      description: 'The job, not yet submitted.',
      schema: JobResponse,
      headers: commonHeaders,
      examples: { created: { job: created } },
    },
    401: unauthorizedResponse,
    422: errorResponse(
      'The body names something that is missing, malformed or not delivered by this service.',
      {
        'type not delivered': {
          code: 'InvalidRealityDataAnalysisRequest',
          message: 'Cannot create job.',
          target: 'type',
          details: [
            {
              code: 'InvalidValue',
              message: "Job type 'objects2D' is not delivered by this service.",
              target: 'type',
            },
          ],
        },
      },
    ),
    429: tooManyResponse('TooManyRequests'),
  },
})

export const getJob = defineOperation({
  id: 'jobs-get',
  method: 'GET',
  path: '/realitydataanalysis/jobs/:jobId',
  tag: 'Jobs',
  summary: 'Get a job',
  remarks: 'The record of a job stays for good, its errors, warnings and outputs with it.',
  scopes: read,
  headers,
  params: jobIdParams,
  responses: {
    200: {
      description: 'The job.',
      schema: JobResponse,
      headers: commonHeaders,
      examples: { done: { job: done }, created: { job: created } },
    },
    401: unauthorizedResponse,
    404: jobNotFound,
    429: tooManyResponse('TooManyRequests'),
  },
})

export const listJobs = defineOperation({
  id: 'jobs-get-all',
  method: 'GET',
  path: '/realitydataanalysis/jobs',
  tag: 'Jobs',
  summary: 'List jobs',
  remarks:
    'Newest first. `$filter` compares id, iTwinId, name, email, type, state, createdDateTime, inputId and outputId with ' +
    "eq, ne, lt, le, gt, ge and `in ('..','..')`, joined by and, or and parentheses. Without an iTwinId in the filter only " +
    "the caller's own jobs are listed.",
  scopes: read,
  headers,
  query: Type.Object({
    $filter: Type.Optional(
      Type.String({ description: "E.g. `state eq active and type in ('changeDetection')`." }),
    ),
    $top: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Page size.' })),
    continuationToken: Type.Optional(
      Type.String({ description: 'From `_links.next.href`; empty counts as absent.' }),
    ),
  }),
  responses: {
    200: {
      description: 'A page of jobs. `_links` is absent on the last page.',
      schema: JobsResponse,
      headers: commonHeaders,
      examples: {
        'last page': { jobs: [done] },
        'first page': {
          jobs: [done],
          _links: {
            next: {
              href: 'http://localhost:8787/realitydataanalysis/jobs?$filter=state%20eq%20success&$top=1&continuationToken=eyJ0Ijoi',
            },
          },
        },
      },
    },
    401: unauthorizedResponse,
    422: errorResponse('The filter, the page size or the continuation token cannot be understood.', {
      'unknown property': {
        code: 'InvalidRealityDataAnalysisRequest',
        message: 'Cannot list jobs.',
        target: '$filter',
        details: [
          {
            code: 'InvalidParameter',
            message:
              "Unknown property 'colour' at position 1; expected one of id, iTwinId, name, email, type, state, createdDateTime, inputId, outputId.",
            target: '$filter',
          },
        ],
      },
    }),
    429: tooManyResponse('TooManyRequests'),
  },
})

export const patchJob = defineOperation({
  id: 'jobs-patch',
  method: 'PATCH',
  path: '/realitydataanalysis/jobs/:jobId',
  tag: 'Jobs',
  summary: 'Modify a job: submit, cancel, change settings',
  remarks:
    '`{"state":"active"}` submits, `{"state":"cancelled"}` cancels; doing either twice answers 200 with the job. Settings ' +
    '(type, name, inputs, outputs, options, costEstimationParameters) can be changed until submission. What the headers of ' +
    'the input files tell is checked at submission.',
  scopes: modify,
  headers: settingsHeaders,
  params: jobIdParams,
  body: JobPatch,
  bodyExamples: {
    submit: { state: 'active' },
    cancel: { state: 'cancelled' },
    settings: { options: { minPoints: 100 } },
  },
  responses: {
    200: {
      description: 'The job after the change.',
      schema: JobResponse,
      headers: commonHeaders,
      examples: { submitted: { job: submitted } },
    },
    401: unauthorizedResponse,
    404: jobNotFound,
    422: errorResponse('The change is malformed, comes too late, or the inputs cannot be analysed.', {
      'too late': {
        code: 'InvalidRealityDataAnalysisRequest',
        message: 'Cannot modify job.',
        target: 'state',
        details: [
          {
            code: 'InvalidChange',
            message: "A job in state 'success' cannot be submitted.",
            target: 'state',
          },
        ],
      },
    }),
    429: tooManyResponse('TooManyRequests'),
  },
})

export const deleteJob = defineOperation({
  id: 'jobs-delete',
  method: 'DELETE',
  path: '/realitydataanalysis/jobs/:jobId',
  tag: 'Jobs',
  summary: 'Delete a job that was not submitted',
  remarks: 'Its empty output reality data go with it. A submitted job stays on record.',
  scopes: modify,
  headers,
  params: jobIdParams,
  responses: {
    204: { description: 'The job is gone.', headers: commonHeaders },
    401: unauthorizedResponse,
    404: jobNotFound,
    422: errorResponse('The job was submitted.', {
      'submitted job': {
        code: 'InvalidRealityDataAnalysisRequest',
        message: 'Cannot delete job.',
        details: [{ code: 'InvalidChange', message: 'Submitted job cannot be deleted.' }],
      },
    }),
    429: tooManyResponse('TooManyRequests'),
  },
})
