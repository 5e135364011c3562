// Which iTwin a reality data belongs to. The published API allows several; this service keeps one.
import { type Static, Type } from 'typebox'
import { commonHeaders, Guid, tooManyResponse, unauthorizedResponse } from '../common.ts'
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
  remarks: 'One id, or none.',
  scopes: read,
  headers: acceptHeader,
  params: realityDataIdParams,
  responses: {
    200: {
      description: 'The iTwin ids.',
      schema: ITwinsResponse,
      headers: commonHeaders,
      examples: { one: { iTwins: [exampleITwinId] }, none: { iTwins: [] } },
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
    'For reality data that belongs to no iTwin yet; repeating it changes nothing. With another iTwin it is refused: move it.',
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
    422: invalidRealityData(
      'An id is not a GUID, the iTwin is unknown, or there is an association already.',
      {
        'has an iTwin': {
          code: 'InvalidChange',
          message:
            'The reality data belongs to another iTwin, and this service keeps one for each; move it instead.',
          target: 'iTwinId',
        },
        ...unknownITwin,
        ...notAGuid,
      },
    ),
    429: tooManyResponse('RateLimitExceeded'),
  },
})

export const dissociateRealityData = defineOperation({
  id: 'dissociate-from-iTwin',
  method: 'DELETE',
  path: '/reality-management/reality-data/:realityDataId/itwins/:iTwinId',
  tag: 'Associations',
  summary: 'Dissociate reality data from an iTwin',
  remarks: 'The reality data stays, in no iTwin. Not found when it does not belong to this iTwin.',
  scopes: modify,
  headers: acceptHeader,
  params: associationParams,
  responses: {
    204: { description: 'The association is gone.', headers: commonHeaders },
    401: unauthorizedResponse,
    404: realityDataNotFound,
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
  remarks: 'It belongs to the given iTwin from now on, whichever it belonged to before.',
  scopes: modify,
  headers: acceptHeader,
  params: realityDataIdParams,
  body: RealityDataMove,
  bodyExamples: { move: { iTwinId: exampleITwinId } },
  responses: {
    204: { description: 'The reality data is moved.', headers: commonHeaders },
    401: unauthorizedResponse,
    404: realityDataNotFound,
    422: invalidRealityData('An id is not a GUID, or the iTwin is unknown.', {
      ...unknownITwin,
      ...notAGuid,
    }),
    429: tooManyResponse('RateLimitExceeded'),
  },
})
