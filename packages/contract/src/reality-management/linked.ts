// Folders of the host shown as reality data. No part of the published API: for those who run the service.
import { type Static, Type } from 'typebox'
import { commonHeaders, errorResponse, tooManyResponse, unauthorizedResponse } from '../common.ts'
import { publishedMessage } from '../errors.ts'
import { defineOperation } from '../operation.ts'
import {
  acceptHeader,
  exampleITwinId,
  exampleRealityData,
  invalidRealityData,
  modify,
  read,
} from './declared-parts.ts'
import { RealityData, RealityDataCreate } from './reality-data.ts'

const closed = { additionalProperties: false } as const

const folder = Type.String({
  minLength: 1,
  maxLength: 4096,
  description: 'Absolute path of a folder of the host, below one of the roots that `--link-roots` names.',
})

export const LinkedRealityData = Type.Object(
  {
    folder,
    reachable: Type.Boolean({
      description:
        'Whether the folder is there now and may be shown. While it is not, the reality data holds no files.',
    }),
    realityData: RealityData,
  },
  { ...closed, title: 'LinkedRealityData' },
)
export type LinkedRealityData = Static<typeof LinkedRealityData>

export const LinkedRealityDataCreate = Type.Object(
  { folder, ...RealityDataCreate.properties },
  { title: 'LinkedRealityDataCreate' },
)
export type LinkedRealityDataCreate = Static<typeof LinkedRealityDataCreate>

const example: LinkedRealityData = {
  folder: '/srv/scans/2026-03',
  reachable: true,
  realityData: exampleRealityData,
}

const notAnAdministrator = errorResponse('The token does not carry the role `admin`.', {
  'not an administrator': {
    code: 'InsufficientPermissions',
    message: publishedMessage.InsufficientPermissions,
  },
})

export const linkRealityData = defineOperation({
  id: 'link-reality-data',
  method: 'POST',
  path: '/alidade/linked-reality-data',
  tag: 'Linked data',
  summary: 'Show a folder of the host as reality data',
  remarks:
    'For administrators (role `admin`). The files are read where they lie, by jobs and through read access, and are never ' +
    'written to; deleting the reality data leaves them as they are. Not shown: links that leave the folder, and whatever is ' +
    'no plain file. A file that is written to while a job reads it fails the job as `InputData_Changed`. From here on it is ' +
    "reality data of the administrator's tenant like any other.",
  scopes: modify,
  headers: acceptHeader,
  body: LinkedRealityDataCreate,
  bodyExamples: {
    scans: {
      folder: '/srv/scans/2026-03',
      displayName: 'Quarry, March',
      type: 'LAZ',
      iTwinId: exampleITwinId,
    },
  },
  responses: {
    201: {
      description: 'The reality data. Its size may still be being counted.',
      schema: Type.Object(
        { linkedRealityData: LinkedRealityData },
        { ...closed, title: 'LinkedRealityDataResponse' },
      ),
      headers: commonHeaders,
      examples: { linked: { linkedRealityData: example } },
    },
    401: unauthorizedResponse,
    403: notAnAdministrator,
    422: invalidRealityData('The folder may not be shown, or a property is missing or malformed.', {
      'outside of the roots': {
        code: 'InvalidValue',
        message: "Property 'folder' must be a folder below one of the roots that --link-roots names.",
        target: 'folder',
      },
      'no displayName': {
        code: 'MissingRequiredProperty',
        message: "Property 'displayName' is required.",
        target: 'displayName',
      },
    }),
    429: tooManyResponse('RateLimitExceeded'),
  },
})

export const listLinkedRealityData = defineOperation({
  id: 'get-linked-reality-data',
  method: 'GET',
  path: '/alidade/linked-reality-data',
  tag: 'Linked data',
  summary: 'List the linked folders',
  remarks:
    "For administrators (role `admin`): those of the administrator's tenant, newest first, at most 1000.",
  scopes: read,
  headers: acceptHeader,
  responses: {
    200: {
      description: 'The linked folders, and whether each can be reached now.',
      schema: Type.Object(
        { linkedRealityData: Type.Array(LinkedRealityData) },
        { ...closed, title: 'LinkedRealityDataListResponse' },
      ),
      headers: commonHeaders,
      examples: { one: { linkedRealityData: [example] }, none: { linkedRealityData: [] } },
    },
    401: unauthorizedResponse,
    403: notAnAdministrator,
    429: tooManyResponse('RateLimitExceeded'),
  },
})
