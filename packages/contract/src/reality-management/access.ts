// Read and write access to the files: a container URL with a shared access signature.
import { type Static, Type } from 'typebox'
import { commonHeaders, Link, tooManyResponse, unauthorizedResponse } from '../common.ts'
import { defineOperation } from '../operation.ts'
import {
  acceptHeader,
  invalidRealityData,
  iTwinQuery,
  modify,
  notAGuid,
  read,
  realityDataIdParams,
  realityDataNotFound,
} from './declared-parts.ts'

const closed = { additionalProperties: false } as const

export const ContainerAccess = Type.Object(
  {
    type: Type.Enum(['AzureBlobSasUrl']),
    access: Type.Enum(['Read', 'Write']),
    _links: Type.Object({ containerUrl: Link }, closed),
  },
  { ...closed, title: 'ContainerAccess' },
)
export type ContainerAccess = Static<typeof ContainerAccess>

const example = (access: 'Read' | 'Write', permissions: string) => ({
  type: 'AzureBlobSasUrl',
  access,
  _links: {
    containerUrl: {
      href: `http://localhost:8787/alidade-blobs/3f0a8f3e-7f66-4a3e-a2f1-0a4d9fb6a1b1?sv=2024-11-04&sr=c&sp=${permissions}&se=2026-04-02T09%3A00%3A00Z&sig=c2lnbmF0dXJl`,
    },
  },
})

export const getReadAccess = defineOperation({
  id: 'get-read-access-to-reality-data-container',
  method: 'GET',
  path: '/reality-management/reality-data/:realityDataId/readaccess',
  tag: 'Containers',
  summary: 'Get read access to the container',
  remarks:
    'The container URL lets list and read the files for an hour, with any Azure Blob Storage client. Counts as an access ' +
    'to the reality data.',
  scopes: read,
  headers: acceptHeader,
  params: realityDataIdParams,
  query: iTwinQuery,
  responses: {
    200: {
      description: 'The container URL.',
      schema: ContainerAccess,
      headers: commonHeaders,
      examples: { 'read access': example('Read', 'rl') },
    },
    401: unauthorizedResponse,
    404: realityDataNotFound,
    422: invalidRealityData('The id is not a GUID.', notAGuid),
    429: tooManyResponse('RateLimitExceeded'),
  },
})

export const getWriteAccess = defineOperation({
  id: 'get-write-access-to-reality-data-container',
  method: 'GET',
  path: '/reality-management/reality-data/:realityDataId/writeaccess',
  tag: 'Containers',
  summary: 'Get write access to the container',
  remarks:
    'The container URL lets list, read, write and delete the files for an hour, with any Azure Blob Storage client. A scope ' +
    'that may only read is not enough. Refused for the output of a job: what a job has written stays as it was written.',
  scopes: modify,
  headers: acceptHeader,
  params: realityDataIdParams,
  query: iTwinQuery,
  responses: {
    200: {
      description: 'The container URL.',
      schema: ContainerAccess,
      headers: commonHeaders,
      examples: { 'write access': example('Write', 'racwdl') },
    },
    401: unauthorizedResponse,
    404: realityDataNotFound,
    422: invalidRealityData('The id is not a GUID, or a job writes this reality data.', {
      'output of a job': {
        code: 'InvalidChange',
        message:
          'The reality data is an output of the job cc3d35cc-416a-4262-9714-b359da70b419 and cannot be written to.',
      },
      ...notAGuid,
    }),
    429: tooManyResponse('RateLimitExceeded'),
  },
})
