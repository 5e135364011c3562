// GET /reality-analysis/jobs/{jobId}/progress: as in v1, without the step and with the states of v2.
import { Type } from 'typebox'
import {
  acceptHeader,
  commonHeaders,
  errorResponse,
  publishedError,
  tooManyResponse,
  unauthorizedResponse,
} from '../common.ts'
import { defineOperation } from '../operation.ts'
import { JobProgressV2Response } from './job.ts'

export const getJobProgressV2 = defineOperation({
  id: 'jobs-progress',
  method: 'GET',
  path: '/reality-analysis/jobs/:jobId/progress',
  tag: 'Jobs',
  summary: 'Get job progress',
  remarks:
    'The final state stays available until 30 days after the end. Poll with growing gaps of 15, 30, 60 and 120 seconds; ' +
    'start the sequence again when the percentage has changed. Send `If-None-Match` with the last `ETag` to get 304 while ' +
    'nothing changed.',
  scopes: ['itwin-platform', 'realitydataanalysis:read'],
  params: Type.Object({ jobId: Type.String({ description: 'The job id.' }) }),
  headers: Type.Object({
    ...acceptHeader('v2').properties,
    'if-none-match': Type.Optional(Type.String({ description: 'The `ETag` of an earlier answer.' })),
  }),
  responses: {
    200: {
      description: 'The progress of the job.',
      schema: JobProgressV2Response,
      headers: {
        ...commonHeaders,
        ETag: {
          description: 'Changes whenever the body does.',
          schema: Type.String(),
          example: '"5-Active"',
        },
      },
      examples: {
        running: { progress: { percentage: 5, state: 'Active' } },
        waiting: { progress: { percentage: 0, state: 'Queued' } },
        'being cancelled': { progress: { percentage: 56, state: 'TerminatingOnCancel' } },
        done: { progress: { percentage: 100, state: 'Success' } },
      },
    },
    304: { description: 'Nothing changed since the `ETag` in `If-None-Match`.', headers: commonHeaders },
    401: unauthorizedResponse,
    404: errorResponse('No such job for this caller, or it ended 30 days ago or earlier.', {
      'no such job': publishedError('JobProgressNotFound'),
    }),
    429: tooManyResponse('RateLimitExceeded'),
  },
})
