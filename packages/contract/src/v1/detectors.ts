// The v1 operations on detectors. A detector and its first version are created in one step, and so is every further one.
import { type Static, Type } from 'typebox'
import { commonHeaders, DateTime, errorResponse } from '../common.ts'
import {
  detectorParts,
  detectorVersionOperations,
  modifyDetectors,
  namedWrongly,
  numberedWrongly,
  readDetectors,
  specialCharacters,
} from '../detector-operations.ts'
import {
  DetectorCapabilities,
  DetectorExports,
  DetectorLabels,
  DetectorTypeName,
  DetectorUploadLinks,
  detectorParams,
  detectorStatuses,
  detectorTexts,
  detectorTypes,
} from '../detectors.ts'
import { defineOperation } from '../operation.ts'

const api = {
  basePath: '/realitydataanalysis',
  versions: 'version',
  invalid: 'InvalidRealityDataAnalysisRequest',
  tooMany: 'TooManyRequests',
  accept: 'application/vnd.bentley.itwin-platform.v1+json',
} as const
const parts = detectorParts(api)
const closed = { additionalProperties: false } as const
const { displayName, description, documentationUrl } = detectorTexts

export const DetectorV1Version = Type.Object(
  {
    creationDate: DateTime,
    version: Type.String(),
    status: Type.Enum([...detectorStatuses]),
    creatorId: Type.String(),
    capabilities: DetectorCapabilities,
  },
  { ...closed, title: 'DetectorVersion' },
)
export const DetectorV1 = Type.Object(
  {
    name: Type.String(),
    displayName: Type.Optional(displayName),
    description,
    type: Type.Enum([...detectorTypes]),
    documentationUrl,
    versions: Type.Array(DetectorV1Version),
  },
  { ...closed, title: 'Detector' },
)
export type DetectorV1 = Static<typeof DetectorV1>

const DetectorResponse = Type.Object({ detector: DetectorV1 }, { ...closed, title: 'DetectorResponse' })

const example = {
  name: '@acme/cracks',
  description: 'Cracks in concrete.',
  type: 'PhotoSegmentationDetector',
  documentationUrl: 'https://example.org/cracks',
  versions: [
    {
      creationDate: '2026-04-02T08:00:00Z',
      version: '1.0',
      status: 'AwaitingData',
      creatorId: '1d9a2d57-62a1-4a0c-8d7e-1f1b7e7f5a66',
      capabilities: { labels: ['crack'], exports: ['Lines'] },
    },
  ],
}
const ready = { ...example, versions: [{ ...example.versions[0]!, status: 'Ready' }] }
const responses = { 401: parts.unauthorized, 429: parts.tooMany } as const

export const listDetectorsV1 = defineOperation({
  id: 'detectors-get-all',
  method: 'GET',
  path: '/realitydataanalysis/detectors',
  tag: 'Detectors',
  summary: 'List detectors',
  remarks: 'Those of the tenant, and the published versions of others, by name.',
  scopes: readDetectors,
  headers: parts.headers,
  responses: {
    200: {
      description: 'The detectors with all their versions.',
      schema: Type.Object({ detectors: Type.Array(DetectorV1) }, { ...closed, title: 'DetectorsResponse' }),
      headers: commonHeaders,
      examples: { one: { detectors: [ready] } },
    },
    ...responses,
  },
})

export const getDetectorV1 = defineOperation({
  id: 'detectors-get',
  method: 'GET',
  path: '/realitydataanalysis/detectors/:detectorName',
  tag: 'Detectors',
  summary: 'Get a detector',
  remarks: 'One of the tenant, or else a published one of others.',
  scopes: readDetectors,
  headers: parts.headers,
  params: detectorParams,
  responses: {
    200: {
      description: 'The detector with the versions that the caller can see.',
      schema: DetectorResponse,
      headers: commonHeaders,
      examples: { ready: { detector: ready } },
    },
    404: parts.notFound,
    ...responses,
  },
})

export const createDetectorV1 = defineOperation({
  id: 'detectors-create',
  method: 'POST',
  path: '/realitydataanalysis/detectors',
  tag: 'Detectors',
  summary: 'Create a detector, or a further version of it',
  remarks:
    'PUT the file to `uploadUrl` within an hour, with the header `x-ms-blob-type: BlockBlob`, then complete the version. ' +
    'Where the tenant has a detector of that name and type the version is added to it. `completeUrl` is relative to ' +
    '`/realitydataanalysis/`.',
  scopes: modifyDetectors,
  headers: parts.headers,
  body: Type.Object(
    {
      detector: Type.Object({
        name: Type.String(),
        displayName: Type.Optional(displayName),
        description: Type.Optional(description),
        type: DetectorTypeName,
        documentationUrl: Type.Optional(documentationUrl),
        version: Type.String(),
        labels: DetectorLabels,
        exports: Type.Optional(DetectorExports),
      }),
    },
    { title: 'DetectorCreate' },
  ),
  bodyExamples: {
    cracks: {
      detector: {
        name: '@acme/cracks',
        description: 'Cracks in concrete.',
        type: 'PhotoSegmentationDetector',
        documentationUrl: 'https://example.org/cracks',
        version: '1.0',
        labels: ['crack'],
        exports: ['Lines'],
      },
    },
  },
  responses: {
    201: {
      description: 'The detector; the new version awaits its file.',
      schema: Type.Object(
        { detector: DetectorV1, _links: DetectorUploadLinks },
        { ...closed, title: 'DetectorWithLinks' },
      ),
      headers: commonHeaders,
      examples: {
        created: {
          detector: example,
          _links: {
            completeUrl: { href: 'detectors/%40acme%2Fcracks/version/1.0/complete' },
            uploadUrl: {
              href: 'http://localhost:8787/alidade-blobs/6b1f5f0e-93a8-4a9c-8a6e-2f9c4f1f0a11/%40acme/cracks-1.0.zip?sv=2024-11-04&sr=b&sp=w&se=2026-04-02T09%3A00%3A00Z&sig=c2lnbmF0dXJl',
            },
          },
        },
      },
    },
    400: parts.invalid(
      'create',
      'A property is missing or malformed, or does not fit the detector of that name.',
      {
        'unknown type': {
          code: 'InvalidValue',
          message: 'Invalid detector type.',
          target: 'detector.type',
        },
        'malformed name': namedWrongly('detector.name'),
        'malformed version': numberedWrongly('detector.version'),
        'special characters': specialCharacters('detector.displayName'),
      },
    ),
    403: parts.forbidden,
    409: errorResponse('The detector has that version.', {
      'version exists': {
        code: 'DetectorVersionAlreadyExists',
        message: "Version '1.0' of detector '@acme/known' already exists.",
        target: 'detector.version',
      },
    }),
    ...responses,
  },
})

export const patchDetectorV1 = defineOperation({
  id: 'detectors-patch',
  method: 'PATCH',
  path: '/realitydataanalysis/detectors/:detectorName',
  tag: 'Detectors',
  summary: 'Modify a detector',
  remarks: 'Sets the texts given and keeps the others; an empty text clears.',
  scopes: modifyDetectors,
  headers: parts.headers,
  params: detectorParams,
  body: Type.Object(
    {
      detector: Type.Object({
        displayName: Type.Optional(displayName),
        description: Type.Optional(description),
        documentationUrl: Type.Optional(documentationUrl),
      }),
    },
    { title: 'DetectorPatch' },
  ),
  bodyExamples: { rename: { detector: { displayName: 'Cracks in concrete' } } },
  responses: {
    200: {
      description: 'The detector after the change.',
      schema: DetectorResponse,
      headers: commonHeaders,
      examples: { renamed: { detector: { ...ready, displayName: 'Cracks in concrete' } } },
    },
    400: parts.invalid('modify', 'A text will not do.', {
      'special characters': specialCharacters('detector.displayName'),
    }),
    403: parts.forbidden,
    404: parts.notFound,
    ...responses,
  },
})

export type DetectorV1Create = Static<typeof createDetectorV1.body>['detector']
export type DetectorV1Patch = Static<typeof patchDetectorV1.body>['detector']

export const detectorVersionOperationsV1 = detectorVersionOperations(api)

export const detectorV1Operations = [
  listDetectorsV1,
  getDetectorV1,
  createDetectorV1,
  patchDetectorV1,
  ...Object.values(detectorVersionOperationsV1),
]
