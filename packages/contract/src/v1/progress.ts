// GET /realitydataanalysis/jobs/{jobId}/progress: the operation this project exists for.
import { type Static, Type } from 'typebox'
import {
  commonHeaders,
  errorResponse,
  publishedError,
  tooManyResponse,
  unauthorizedResponse,
} from '../common.ts'
import { jobStates } from '../job-states.ts'
import { defineOperation } from '../operation.ts'

export const Progress = Type.Object(
  {
    percentage: Type.Number({
      minimum: 0,
      maximum: 100,
      description:
        'Share of the work done, in whole percents rounded down. Never decreases; 100 if and only if the job succeeded and its outputs can be read.',
    }),
    state: Type.Enum([...jobStates], { description: 'Current state of the job.' }),
    step: Type.String({
      description: 'Current step; empty before submission, `Wait_In_Queue` until a worker starts.',
    }),
  },
  { additionalProperties: false, title: 'Progress' },
)
export type Progress = Static<typeof Progress>

export const ProgressResponse = Type.Object(
  { progress: Progress },
  { additionalProperties: false, title: 'ProgressResponse' },
)
export type ProgressResponse = Static<typeof ProgressResponse>

export const getJobProgress = defineOperation({
  id: 'jobs-progress',
  method: 'GET',
  path: '/realitydataanalysis/jobs/:jobId/progress',
  tag: 'Jobs',
  summary: 'Get job progress',
  remarks:
    'The progress is meaningful while the job is active; its final state stays available until 30 days after the end. ' +
    'Poll with growing gaps of 15, 30, 60 and 120 seconds, 15 between the first two polls; start the sequence again ' +
    'when the percentage has changed. Send `If-None-Match` with the last `ETag` to get 304 while nothing changed.',
  scopes: ['itwin-platform', 'realitydataanalysis:read'],
  params: Type.Object({ jobId: Type.String({ description: 'The job id.' }) }),
  headers: Type.Object({
    accept: Type.Optional(
      Type.String({ description: 'Recommended: `application/vnd.bentley.itwin-platform.v1+json`.' }),
    ),
    'if-none-match': Type.Optional(Type.String({ description: 'The `ETag` of an earlier answer.' })),
  }),
  responses: {
    200: {
      description: 'The progress of the job.',
      schema: ProgressResponse,
      headers: {
        ...commonHeaders,
        ETag: {
          description: 'Changes whenever the body does.',
          schema: Type.String(),
          example: '"56-active-Read_Clouds"',
        },
      },
      examples: {
        running: { progress: { percentage: 56, state: 'active', step: 'Prepare_Production' } },
        waiting: { progress: { percentage: 0, state: 'active', step: 'Wait_In_Queue' } },
        done: { progress: { percentage: 100, state: 'success', step: 'Write_Results' } },
      },
    },
    304: { description: 'Nothing changed since the `ETag` in `If-None-Match`.', headers: commonHeaders },
    401: unauthorizedResponse,
    404: errorResponse('No such job for this caller, or it ended 30 days ago or earlier.', {
      'no such job': publishedError('ProgressNotFound'),
    }),
    429: tooManyResponse('TooManyRequests'),
  },
})
