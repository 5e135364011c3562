// What the operations of Reality Management share: scopes, parameters, errors and the reality data of their examples.
import { Type } from 'typebox'
import { errorResponse, Guid } from '../common.ts'
import type { ErrorDetail } from '../errors.ts'
import type { RealityData } from './reality-data.ts'

export const read = ['itwin-platform', 'realitydata:read'] as const
export const modify = ['itwin-platform', 'realitydata:modify'] as const

export const realityDataIdParams = Type.Object({
  realityDataId: Type.String({
    ...Guid,
    description: 'The reality data id; what is no GUID is answered by 422.',
  }),
})
export const acceptHeader = Type.Object({
  accept: Type.Optional(
    Type.String({ description: 'Recommended: `application/vnd.bentley.itwin-platform.v1+json`.' }),
  ),
})
export const iTwinQuery = Type.Object({
  iTwinId: Type.Optional(
    Type.String({ description: 'Only if the reality data belongs to this iTwin; else it is not found.' }),
  ),
})

/** Message of every 404 that names a reality data. */
export const realityDataNotFoundMessage = 'Requested reality data is not available.'
/** Message of every 422; what exactly is wrong stands in the details. */
export const invalidRealityDataMessage = 'Invalid RealityData request.'

export const realityDataNotFound = errorResponse('No such reality data for this caller.', {
  'no such reality data': { code: 'RealityDataNotFound', message: realityDataNotFoundMessage },
})

export function invalidRealityData(description: string, examples: Record<string, ErrorDetail>) {
  return errorResponse(
    description,
    Object.fromEntries(
      Object.entries(examples).map(([name, detail]) => [
        name,
        {
          code: 'InvalidRealityDataRequest' as const,
          message: invalidRealityDataMessage,
          ...(detail.target === undefined ? {} : { target: detail.target }),
          details: [detail],
        },
      ]),
    ),
  )
}

export const notAGuid = {
  'not a GUID': {
    code: 'InvalidParameter',
    message: "Parameter 'realityDataId' must be a GUID, got 'quarry'.",
    target: 'realityDataId',
  },
}

export const exampleITwinId = 'fb06eb47-4f3d-4a7d-9a1c-3f4f9e2d8a01'
export const exampleRealityData: RealityData = {
  id: '3f0a8f3e-7f66-4a3e-a2f1-0a4d9fb6a1b1',
  displayName: 'Quarry, March',
  type: 'LAZ',
  classification: 'Undefined',
  description: 'Flight over the northern quarry.',
  tags: ['quarry', '2026'],
  rootDocument: 'quarry-march.laz',
  acquisition: {
    startDateTime: '2026-03-30T09:00:00Z',
    endDateTime: '2026-03-30T09:40:00Z',
    acquirer: 'Ada',
  },
  extent: {
    southWest: { latitude: 47.376, longitude: 8.541 },
    northEast: { latitude: 47.379, longitude: 8.547 },
  },
  authoring: false,
  dataCenterLocation: 'Local',
  size: 81920,
  ownerId: '1d9a2d57-62a1-4a0c-8d7e-1f1b7e7f5a66',
  createdDateTime: '2026-04-02T08:00:00Z',
  modifiedDateTime: '2026-04-02T08:00:00Z',
  lastAccessedDateTime: '2026-04-02T08:05:00Z',
  crs: { id: 'EPSG:32632' },
}
