// The other job operations of v2, each with its remarks, scopes, statuses and examples.
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
import { JobCreateV2, JobMessagesResponse, JobsV2Response, JobV2Response } from './job.ts'

const read = ['itwin-platform', 'realitydataanalysis:read'] as const
const modify = ['itwin-platform', 'realitydataanalysis:modify'] as const
const params = Type.Object({ jobId: Type.String({ description: 'The job id.' }) })
const headers = acceptHeader('v2')

const inputs = {
  model3DA: '3f0a8f3e-7f66-4a3e-a2f1-0a4d9fb6a1b1',
  model3DB: '5b1c9c1d-0d43-4a55-8f3a-9b8a7a4e2c02',
}
const options = { growThreshold: 0.2, filterThreshold: 0.5, minPointsPerChange: 50 }
const created = {
  id: 'b7e4c1d2-5a3f-4b6c-8d9e-0f1a2b3c4d5e',
  state: 'Queued',
  userId: 'ada',
  name: 'Quarry, March to April',
  type: 'ChangeDetection',
  iTwinId: 'fb06eb47-4f3d-4a7d-9a1c-3f4f9e2d8a01',
  itwinId: 'fb06eb47-4f3d-4a7d-9a1c-3f4f9e2d8a01',
  executionInfo: { createdDateTime: '2026-04-02T08:00:00Z' },
  specifications: {
    inputs,
    outputs: {
      segmentedModel3DA: '9d0f2b44-31a5-4ad0-8e0d-2f6d4f1f7b03',
      segmentedModel3DB: 'e4a5d2a6-6f0b-4f5c-b6a7-5f7f3c8d9e04',
    },
    options,
  },
}
const started = { ...created.executionInfo, startedDateTime: '2026-04-02T08:00:01Z' }
const done = {
  ...created,
  state: 'Success',
  executionInfo: { ...started, endedDateTime: '2026-04-02T08:01:10Z', processingUnits: 0.02 },
}
const message = {
  code: 'Crs_Missing',
  title: 'Coordinate reference system unknown',
  message:
    'The input model3DA carries no coordinate reference system; thresholds and volumes are in the unit of the file. Give ' +
    'files that carry their CRS, or a ContextScene that states it.',
  params: ['model3DA'],
}

const jobNotFound = errorResponse('No such job for this caller, or none that v2 can show.', {
  'no such job': publishedError('JobNotFound'),
})

export const createJobV2 = defineOperation({
  id: 'jobs-create',
  method: 'POST',
  path: '/reality-analysis/jobs',
  tag: 'Jobs',
  summary: 'Create and submit a job',
  remarks:
    'The job is submitted as it is created; output reality data exist, empty, from now on. What the headers of the input ' +
    'files tell is checked before. Members sent as null count as absent.',
  scopes: modify,
  headers: Type.Object({ ...headers.properties, ...timeLimitHeader, ...ownOptionHeaders }),
  body: JobCreateV2,
  bodyExamples: {
    'change detection': {
      type: 'ChangeDetection',
      name: created.name,
      iTwinId: created.iTwinId,
      specifications: { inputs, outputs: ['segmentedModel3DA', 'segmentedModel3DB'], options },
    },
  },
  responses: {
    201: {
      description: 'The job, submitted.',
      schema: JobV2Response,
      headers: commonHeaders,
      examples: { created: { job: created } },
    },
    400: errorResponse(
      'The body names something that is missing, malformed or not delivered by this service.',
      {
        'type not delivered': {
          code: 'InvalidRealityAnalysisRequest',
          message: 'Invalid request to Reality Analysis.',
          target: 'type',
          details: [
            {
              code: 'InvalidValue',
              message: "Job type 'Objects2D' is not delivered by this service.",
              target: 'type',
            },
          ],
        },
        'no specifications': {
          code: 'InvalidRealityAnalysisRequest',
          message: 'Invalid request to Reality Analysis.',
          target: 'specifications',
          details: [
            {
              code: 'MissingRequiredProperty',
              message: "Property 'specifications' is required.",
              target: 'specifications',
            },
          ],
        },
      },
    ),
    401: unauthorizedResponse,
    422: errorResponse('The inputs do not exist or cannot be analysed, as their headers tell.', {
      'unknown input': {
        code: 'InvalidRealityAnalysisRequest',
        message: 'Invalid request to Reality Analysis.',
        target: 'specifications.inputs.model3DB',
        details: [
          {
            code: 'InvalidValue',
            message: "Input 'model3DB' refers to 5b1c9c1d-0d43-4a55-8f3a-9b8a7a4e2c02, which does not exist.",
            target: 'specifications.inputs.model3DB',
          },
        ],
      },
    }),
    429: tooManyResponse('RateLimitExceeded'),
  },
})

export const getJobV2 = defineOperation({
  id: 'jobs-get',
  method: 'GET',
  path: '/reality-analysis/jobs/:jobId',
  tag: 'Jobs',
  summary: 'Get a job',
  remarks:
    'The record of a job stays for good. Jobs of v1 are shown too, once submitted, unless v2 has no name for something ' +
    'they were given.',
  scopes: read,
  headers,
  params,
  responses: {
    200: {
      description: 'The job.',
      schema: JobV2Response,
      headers: commonHeaders,
      examples: { done: { job: done }, created: { job: created } },
    },
    401: unauthorizedResponse,
    404: jobNotFound,
    429: tooManyResponse('RateLimitExceeded'),
  },
})

export const listJobsV2 = defineOperation({
  id: 'jobs-get-all',
  method: 'GET',
  path: '/reality-analysis/jobs',
  tag: 'Jobs',
  summary: 'List jobs',
  remarks:
    'Newest first. `$filter` compares id, iTwinId, name, email, type, state, createdDateTime, inputId and outputId with ' +
    "eq, ne, lt, le, gt, ge and `in ('..','..')`, joined by and, or and parentheses. Without an iTwinId in the filter only " +
    "the caller's own jobs are listed.",
  scopes: read,
  headers,
  query: Type.Object({
    $filter: Type.String({ description: "E.g. `state eq Active and type in ('ChangeDetection')`." }),
    $top: Type.Optional(Type.Integer({ minimum: 2, maximum: 1000, default: 100, description: 'Page size.' })),
    continuationToken: Type.Optional(
      Type.String({ description: 'From `_links.next.href`; empty counts as absent.' }),
    ),
  }),
  responses: {
    200: {
      description: 'A page of jobs. `_links` is absent on the last page.',
      schema: JobsV2Response,
      headers: commonHeaders,
      examples: {
        'last page': { jobs: [done] },
        'first page': {
          jobs: [done, created],
          _links: {
            next: {
              href: 'http://localhost:8787/reality-analysis/jobs?$filter=type%20eq%20ChangeDetection&$top=2&continuationToken=eyJ0Ijoi',
            },
          },
        },
      },
    },
    401: unauthorizedResponse,
    422: errorResponse('The filter is missing or cannot be understood, or another parameter is wrong.', {
      'no filter': {
        code: 'InvalidRealityAnalysisRequest',
        message: 'Cannot list jobs.',
        target: '$filter',
        details: [
          { code: 'InvalidParameter', message: "Parameter '$filter' is required.", target: '$filter' },
        ],
      },
      'unknown property': {
        code: 'InvalidRealityAnalysisRequest',
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
    429: tooManyResponse('RateLimitExceeded'),
  },
})

export const cancelJobV2 = defineOperation({
  id: 'jobs-cancel',
  method: 'DELETE',
  path: '/reality-analysis/jobs/:jobId',
  tag: 'Jobs',
  summary: 'Cancel a job',
  remarks:
    'The decision is final at once. The state is `TerminatingOnCancel` until computing has stopped, then `Cancelled`; a job ' +
    'that no worker had begun is `Cancelled` immediately. Cancelling twice answers 200 with the job.',
  scopes: modify,
  headers,
  params,
  responses: {
    200: {
      description: 'The job, being cancelled or cancelled.',
      schema: JobV2Response,
      headers: commonHeaders,
      examples: { cancelled: { job: { ...created, state: 'TerminatingOnCancel', executionInfo: started } } },
    },
    401: unauthorizedResponse,
    404: jobNotFound,
    422: errorResponse('The job has ended.', {
      'ended job': {
        code: 'InvalidRealityAnalysisRequest',
        message: 'Cannot cancel job.',
        details: [{ code: 'InvalidChange', message: "A job in state 'Success' cannot be cancelled." }],
      },
    }),
    429: tooManyResponse('RateLimitExceeded'),
  },
})

export const getJobMessages = defineOperation({
  id: 'jobs-messages',
  method: 'GET',
  path: '/reality-analysis/jobs/:jobId/messages',
  tag: 'Jobs',
  summary: 'Get the messages of a job',
  remarks: 'Why it failed, and what it warns of. Both lists are always there.',
  scopes: read,
  headers,
  params,
  responses: {
    200: {
      description: 'Errors and warnings.',
      schema: JobMessagesResponse,
      headers: commonHeaders,
      examples: {
        warned: { messages: { errors: [], warnings: [message] } },
        none: { messages: { errors: [], warnings: [] } },
      },
    },
    401: unauthorizedResponse,
    404: jobNotFound,
    429: tooManyResponse('RateLimitExceeded'),
  },
})
