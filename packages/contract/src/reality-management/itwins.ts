// Which iTwins a reality data belongs to.
import { type Static, Type } from 'typebox'
import { commonHeaders, errorResponse, Guid, tooManyResponse, unauthorizedResponse } from '../common.ts'
import { publishedMessage } from '../errors.ts'
import { defineOperation } from '../operation.ts'
import {
  acceptHeader,
  exampleITwinId,
  exampleRealityData,
  invalidRealityData,
  modify,
  notAGuid,
  read,
  realityDataIdParams,
  realityDataNotFound,
  realityDataNotFoundMessage,
} from './declared-parts.ts'

const closed = { additionalProperties: false } as const

export const ITwinsResponse = Type.Object(
  { iTwins: Type.Array(Guid) },
  { ...closed, title: 'ITwinsResponse' },
)
export type ITwinsResponse = Static<typeof ITwinsResponse>

export const ITwinAssociationResponse = Type.Object(
  { iTwinAssociation: Type.Object({ id: Guid, iTwinId: Guid }, closed) },
  { ...closed, title: 'ITwinAssociationResponse' },
)
export type ITwinAssociationResponse = Static<typeof ITwinAssociationResponse>

export const RealityDataMove = Type.Object(
  { iTwinId: Type.String({ ...Guid, description: 'The iTwin it belongs to from now on.' }) },
  { title: 'RealityDataMove' },
)
export type RealityDataMove = Static<typeof RealityDataMove>

const associationParams = Type.Object({
  ...realityDataIdParams.properties,
  iTwinId: Type.String({ ...Guid, description: 'The iTwin id; what is no GUID is answered by 422.' }),
})
const unknownITwin = {
  'unknown iTwin': {
    code: 'InvalidValue',
    message: "iTwin '0c3a8f5e-0a53-4f0f-8f5a-6f5f2b2d9a11' does not exist.",
    target: 'iTwinId',
  },
}

export const getRealityDataITwins = defineOperation({
  id: 'get-reality-data-iTwins',
  method: 'GET',
  path: '/reality-management/reality-data/:realityDataId/itwins',
  tag: 'Associations',
  summary: 'Get the iTwins of reality data',
  remarks: 'In the order in which it came to them; none where it belongs to no iTwin.',
  scopes: read,
  headers: acceptHeader,
  params: realityDataIdParams,
  responses: {
    200: {
      description: 'The iTwin ids.',
      schema: ITwinsResponse,
      headers: commonHeaders,
      examples: {
        one: { iTwins: [exampleITwinId] },
        several: { iTwins: [exampleITwinId, '0c3a8f5e-0a53-4f0f-8f5a-6f5f2b2d9a11'] },
        none: { iTwins: [] },
      },
    },
    401: unauthorizedResponse,
    404: realityDataNotFound,
    422: invalidRealityData('The id is not a GUID.', notAGuid),
    429: tooManyResponse('RateLimitExceeded'),
  },
})

export const associateRealityData = defineOperation({
  id: 'associate-to-iTwin',
  method: 'POST',
  path: '/reality-management/reality-data/:realityDataId/itwins/:iTwinId',
  tag: 'Associations',
  summary: 'Associate reality data with an iTwin',
  remarks:
    'It belongs to this iTwin too from now on; repeating it changes nothing. What belongs to more than one iTwin can be ' +
    'neither moved nor deleted.',
  scopes: modify,
  headers: acceptHeader,
  params: associationParams,
  responses: {
    200: {
      description: 'The association.',
      schema: ITwinAssociationResponse,
      headers: commonHeaders,
      examples: {
        associated: { iTwinAssociation: { id: exampleRealityData.id, iTwinId: exampleITwinId } },
      },
    },
    401: unauthorizedResponse,
    404: realityDataNotFound,
    422: invalidRealityData('An id is not a GUID, or the iTwin is unknown.', {
      ...unknownITwin,
      ...notAGuid,
    }),
    429: tooManyResponse('RateLimitExceeded'),
  },
})

export const dissociateRealityData = defineOperation({
  id: 'dissociate-from-iTwin',
  method: 'DELETE',
  path: '/reality-management/reality-data/:realityDataId/itwins/:iTwinId',
  tag: 'Associations',
  summary: 'Dissociate reality data from an iTwin',
  remarks: 'The reality data stays, also where this was its last iTwin.',
  scopes: modify,
  headers: acceptHeader,
  params: associationParams,
  responses: {
    204: { description: 'The association is gone.', headers: commonHeaders },
    401: unauthorizedResponse,
    404: errorResponse('No such reality data for this caller, or it does not belong to this iTwin.', {
      'no such association': {
        code: 'AssociationNotFound',
        message: publishedMessage.AssociationNotFound,
      },
      'no such reality data': { code: 'RealityDataNotFound', message: realityDataNotFoundMessage },
    }),
    422: invalidRealityData('An id is not a GUID.', notAGuid),
    429: tooManyResponse('RateLimitExceeded'),
  },
})

export const moveRealityData = defineOperation({
  id: 'move-reality-data',
  method: 'PATCH',
  path: '/reality-management/reality-data/:realityDataId/move',
  tag: 'Associations',
  summary: 'Move reality data to an iTwin',
  remarks:
    'It belongs to the given iTwin from now on, and to none of before. Refused for what belongs to more than one iTwin.',
  scopes: modify,
  headers: acceptHeader,
  params: realityDataIdParams,
  body: RealityDataMove,
  bodyExamples: { move: { iTwinId: exampleITwinId } },
  responses: {
    204: { description: 'The reality data is moved.', headers: commonHeaders },
    401: unauthorizedResponse,
    404: realityDataNotFound,
    422: invalidRealityData('An id is not a GUID, the iTwin is unknown, or it belongs to several iTwins.', {
      'in several iTwins': {
        code: 'InvalidChange',
        message: 'The reality data belongs to 2 iTwins; dissociate it from all but one before it is moved.',
      },
      ...unknownITwin,
      ...notAGuid,
    }),
    429: tooManyResponse('RateLimitExceeded'),
  },
})
