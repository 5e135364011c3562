// The bucket of an iTwin, and the files that the service itself offers.
import { Type } from 'typebox'
import {
  acceptHeader,
  commonHeaders,
  errorResponse,
  Guid,
  Link,
  publishedError,
  tooManyResponse,
  unauthorizedResponse,
} from '../common.ts'
import { defineOperation } from '../operation.ts'

const closed = { additionalProperties: false } as const
const scopes = ['itwin-platform', 'realitydataanalysis:read'] as const
const iTwinId = 'fb06eb47-4f3d-4a7d-9a1c-3f4f9e2d8a01'

const BucketResponse = Type.Object(
  {
    bucket: Type.Object({ iTwinId: Guid }, { ...closed, title: 'Bucket' }),
    _links: Type.Object({ containerUrl: Link }, closed),
  },
  { ...closed, title: 'BucketResponse' },
)

const FilesResponse = Type.Object(
  {
    files: Type.Array(
      Type.Object(
        {
          id: Type.String(),
          name: Type.String({ minLength: 3, maxLength: 256 }),
          type: Type.Enum(['Preset']),
          description: Type.Optional(Type.String()),
          deprecated: Type.Optional(Type.Boolean()),
        },
        { ...closed, title: 'File' },
      ),
    ),
  },
  { ...closed, title: 'FilesResponse' },
)

export const getBucket = defineOperation({
  id: 'buckets-get',
  method: 'GET',
  path: '/reality-analysis/itwins/:iTwinId/bucket',
  aliases: ['/reality-modeling/itwins/:iTwinId/bucket'],
  tag: 'Bucket',
  summary: 'Get the bucket of an iTwin',
  remarks:
    'A container for files that are no reality data; inputs of jobs name them as `bkt:<path>`. The URL lives for an hour and ' +
    'speaks the Azure Blob dialect; it allows to write and delete where the token may modify, and else to read and list. An ' +
    'iTwin exists from the first reality data or job in it.',
  scopes,
  headers: acceptHeader('v2'),
  params: Type.Object({ iTwinId: Type.String({ description: 'The iTwin id.' }) }),
  responses: {
    200: {
      description: 'The bucket, with the URL of its container.',
      schema: BucketResponse,
      headers: commonHeaders,
      examples: {
        bucket: {
          bucket: { iTwinId },
          _links: {
            containerUrl: {
              href: `http://localhost:8787/alidade-blobs/bucket-${iTwinId}?sv=2024-11-04&sr=c&sp=racwdl&se=2026-04-02T09%3A00%3A00Z&sig=Zm9yZ2Vk`,
            },
          },
        },
      },
    },
    401: unauthorizedResponse,
    404: errorResponse('No such iTwin for this caller.', {
      'no such iTwin': publishedError('iTwinNotFound'),
    }),
    429: tooManyResponse('RateLimitExceeded'),
  },
})

export const listServiceFiles = defineOperation({
  id: 'files-get',
  method: 'GET',
  path: '/reality-analysis/files',
  aliases: ['/reality-modeling/files'],
  tag: 'Bucket',
  summary: 'Get files',
  remarks: 'Presets that the service brings for its jobs. This one brings none, so the list is empty.',
  scopes,
  headers: acceptHeader('v2'),
  responses: {
    200: {
      description: 'The files.',
      schema: FilesResponse,
      headers: commonHeaders,
      examples: { none: { files: [] } },
    },
    401: unauthorizedResponse,
    429: tooManyResponse('RateLimitExceeded'),
  },
})
