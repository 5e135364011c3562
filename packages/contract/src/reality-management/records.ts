// Create, get, list, update and delete reality data.
import { Type } from 'typebox'
import { commonHeaders, tooManyResponse, unauthorizedResponse } from '../common.ts'
import { defineOperation } from '../operation.ts'
import {
  acceptHeader,
  exampleITwinId,
  exampleRealityData,
  invalidRealityData,
  iTwinQuery,
  modify,
  notAGuid,
  read,
  realityDataIdParams,
  realityDataNotFound,
} from './declared-parts.ts'
import {
  RealityDataCreate,
  RealityDataListResponse,
  RealityDataResponse,
  RealityDataUpdate,
} from './reality-data.ts'

export const createRealityData = defineOperation({
  id: 'create-reality-data',
  method: 'POST',
  path: '/reality-management/reality-data',
  tag: 'Reality data',
  summary: 'Create reality data',
  remarks:
    'Makes an empty container for files; ask for write access to fill it. The iTwin id, if given, belongs from then on to ' +
    "the caller's tenant, unless it is another tenant's, and then it does not exist.",
  scopes: modify,
  headers: acceptHeader,
  body: RealityDataCreate,
  bodyExamples: {
    'point cloud': {
      displayName: 'Quarry, March',
      type: 'LAZ',
      iTwinId: exampleITwinId,
      description: 'Flight over the northern quarry.',
      tags: ['Quarry', '2026'],
      rootDocument: 'quarry-march.laz',
    },
    shortest: { displayName: 'Quarry, March', type: 'LAZ' },
  },
  responses: {
    201: {
      description: 'The reality data, still without files.',
      schema: RealityDataResponse,
      headers: commonHeaders,
      examples: {
        created: {
          realityData: { ...exampleRealityData, size: 0, lastAccessedDateTime: '2026-04-02T08:00:00Z' },
        },
      },
    },
    401: unauthorizedResponse,
    422: invalidRealityData('A property is missing or malformed.', {
      'no displayName': {
        code: 'MissingRequiredProperty',
        message: "Property 'displayName' is required.",
        target: 'displayName',
      },
      'markup in a text': {
        code: 'InvalidProperty',
        message: "Property 'description' must not hold URLs or code ('<', '>', 'http://', 'https://').",
        target: 'description',
      },
      'unknown iTwin': {
        code: 'InvalidValue',
        message: "iTwin '0c3a8f5e-0a53-4f0f-8f5a-6f5f2b2d9a11' does not exist.",
        target: 'iTwinId',
      },
    }),
    429: tooManyResponse('RateLimitExceeded'),
  },
})

export const getRealityData = defineOperation({
  id: 'get-reality-data',
  method: 'GET',
  path: '/reality-management/reality-data/:realityDataId',
  tag: 'Reality data',
  summary: 'Get reality data',
  remarks:
    'The size is that of the files that can be read now; an output of a job that has not succeeded is empty.',
  scopes: read,
  headers: acceptHeader,
  params: realityDataIdParams,
  query: iTwinQuery,
  responses: {
    200: {
      description: 'The reality data.',
      schema: RealityDataResponse,
      headers: commonHeaders,
      examples: { 'point cloud': { realityData: exampleRealityData } },
    },
    401: unauthorizedResponse,
    404: realityDataNotFound,
    422: invalidRealityData('The id is not a GUID.', notAGuid),
    429: tooManyResponse('RateLimitExceeded'),
  },
})

const interval = (meaning: string) =>
  Type.Optional(
    Type.String({
      description: `${meaning} within \`start/end\`, both included, a day without time as a whole; \`..\` in place of either leaves that side open.`,
      examples: ['2026-03-01T00:00:00Z/2026-04-01T00:00:00Z'],
    }),
  )

export const listRealityData = defineOperation({
  id: 'get-all-reality-data',
  method: 'GET',
  path: '/reality-management/reality-data',
  tag: 'Reality data',
  summary: 'List reality data',
  remarks:
    'Newest first, unless `$orderBy` says otherwise. `Prefer: return=minimal`, the default, sends id, displayName and type ' +
    'only; `return=representation` sends all properties. The next page is at `_links.next.href`; its continuation token ' +
    'carries the filters, the order and the page size, so that only `$top` may differ and all of them may be left out. ' +
    'Reality data created meanwhile is not skipped over nor listed twice.',
  scopes: read,
  headers: Type.Object({
    ...acceptHeader.properties,
    prefer: Type.Optional(
      Type.String({ description: '`return=minimal` (default) or `return=representation`.' }),
    ),
  }),
  query: Type.Object({
    iTwinId: Type.Optional(Type.String({ description: "Of this iTwin only; another tenant's has none." })),
    continuationToken: Type.Optional(
      Type.String({ description: 'From `_links.next.href`; empty counts as absent.' }),
    ),
    $top: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1000, description: 'Page size; 100, or that of the page before.' }),
    ),
    $orderBy: Type.Optional(
      Type.String({
        description:
          'displayName, type, createdDateTime, modifiedDateTime or lastAccessedDateTime, then `asc` or `desc`.',
        examples: ['displayName desc'],
      }),
    ),
    $search: Type.Optional(
      Type.String({
        description: 'Text in displayName, description, dataset, group or a tag; letter case is free.',
      }),
    ),
    types: Type.Optional(
      Type.String({
        description: 'Types joined by commas, or the parameter repeated; letter case is free.',
        examples: ['LAS,LAZ'],
      }),
    ),
    ownerId: Type.Optional(Type.String({ description: 'Created by this user.' })),
    tag: Type.Optional(Type.String({ description: 'Having this tag; letter case is free.' })),
    dataCenter: Type.Optional(Type.String({ description: '`Local`; no other data centre has anything.' })),
    extent: Type.Optional(
      Type.String({
        description: 'Whose extent meets `swLongitude,swLatitude,neLongitude,neLatitude`, in degrees.',
        examples: ['8.5,47.3,8.6,47.4'],
      }),
    ),
    acquisitionDateTime: interval('Acquired, at least in part,'),
    createdDateTime: interval('Created'),
    modifiedDateTime: interval('Modified'),
    lastAccessedDateTime: interval('Last accessed'),
  }),
  responses: {
    200: {
      description: 'A page of reality data. `_links` is absent on the last page.',
      schema: RealityDataListResponse,
      headers: commonHeaders,
      examples: {
        minimal: {
          realityData: [
            {
              id: exampleRealityData.id,
              displayName: exampleRealityData.displayName,
              type: exampleRealityData.type,
            },
          ],
          _links: {
            next: {
              href: 'http://localhost:8787/reality-management/reality-data?$top=1&continuationToken=eyJ0b3AiOjF9.c2lnbmVk',
            },
          },
        },
        'representation, last page': { realityData: [exampleRealityData] },
      },
    },
    401: unauthorizedResponse,
    422: invalidRealityData('A parameter cannot be understood.', {
      'page size': {
        code: 'InvalidParameter',
        message: "Parameter '$top' must be at most 1000, got 5000.",
        target: '$top',
      },
      'continuation token': {
        code: 'InvalidParameter',
        message:
          "Parameter 'continuationToken' was not issued by this service for this caller; take it from _links.next.href as it is.",
        target: 'continuationToken',
      },
    }),
    429: tooManyResponse('RateLimitExceeded'),
  },
})

export const updateRealityData = defineOperation({
  id: 'update-reality-data',
  method: 'PATCH',
  path: '/reality-management/reality-data/:realityDataId',
  tag: 'Reality data',
  summary: 'Update reality data',
  remarks:
    'Sets the properties given and keeps the others; a nested object (acquisition, extent, crs) is replaced as a whole. ' +
    'A property sent as null counts as not given; texts and tags are cleared by an empty value.',
  scopes: modify,
  headers: acceptHeader,
  params: realityDataIdParams,
  body: RealityDataUpdate,
  bodyExamples: { rename: { displayName: 'Quarry, late March' }, 'upload begins': { authoring: true } },
  responses: {
    200: {
      description: 'The reality data after the change.',
      schema: RealityDataResponse,
      headers: commonHeaders,
      examples: {
        renamed: { realityData: { ...exampleRealityData, displayName: 'Quarry, late March' } },
      },
    },
    401: unauthorizedResponse,
    404: realityDataNotFound,
    422: invalidRealityData('The id is not a GUID, or a property is malformed.', {
      classification: {
        code: 'InvalidValue',
        message:
          "Property 'classification' must be one of 'Terrain', 'Imagery', 'Pinned', 'Model', 'Undefined', got 'Map'.",
        target: 'classification',
      },
      ...notAGuid,
    }),
    429: tooManyResponse('RateLimitExceeded'),
  },
})

export const deleteRealityData = defineOperation({
  id: 'delete-reality-data',
  method: 'DELETE',
  path: '/reality-management/reality-data/:realityDataId',
  tag: 'Reality data',
  summary: 'Delete reality data',
  remarks:
    'Its files go with it, at once and for good; those of linked data stay where they are. Refused while an active job reads ' +
    'it, itself or by a ContextScene as it was when the job was submitted, while the job that writes it has not ended, and ' +
    'while it belongs to more than one iTwin.',
  scopes: modify,
  headers: acceptHeader,
  params: realityDataIdParams,
  responses: {
    204: { description: 'The reality data is gone.', headers: commonHeaders },
    401: unauthorizedResponse,
    404: realityDataNotFound,
    422: invalidRealityData('The id is not a GUID, a job needs the reality data, or several iTwins do.', {
      'in use': {
        code: 'InvalidChange',
        message:
          'The reality data is used by the job cc3d35cc-416a-4262-9714-b359da70b419 and cannot be deleted.',
      },
      'in several iTwins': {
        code: 'InvalidChange',
        message: 'The reality data belongs to 2 iTwins; dissociate it from all but one before it is deleted.',
      },
      ...notAGuid,
    }),
    429: tooManyResponse('RateLimitExceeded'),
  },
})
