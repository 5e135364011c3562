// The v2 operations on detectors: the detector first, then its versions.
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
  DetectorTypeName,
  DetectorUploadLinks,
  detectorParams,
  detectorStatuses,
  detectorTexts,
  detectorTypes,
} from '../detectors.ts'
import { defineOperation } from '../operation.ts'

const api = {
  basePath: '/reality-analysis',
  versions: 'versions',
  invalid: 'InvalidRealityAnalysisRequest',
  tooMany: 'RateLimitExceeded',
  accept: 'application/vnd.bentley.itwin-platform.v2+json',
} as const
const parts = detectorParts(api)
const closed = { additionalProperties: false } as const
const { displayName, description, documentationUrl } = detectorTexts
const texts = {
  displayName: Type.Optional(displayName),
  description: Type.Optional(description),
  documentationUrl: Type.Optional(documentationUrl),
}
const about = { name: Type.String(), type: Type.Enum([...detectorTypes]), ...texts }

export const DetectorVersion = Type.Object(
  {
    versionNumber: Type.String(),
    capabilities: DetectorCapabilities,
    creationDate: DateTime,
    status: Type.Enum([...detectorStatuses]),
    creatorId: Type.Optional(Type.String()),
    downloadUrl: Type.Optional(
      Type.String({
        description: 'Where the file can be read for an hour; present when the status is Ready.',
      }),
    ),
  },
  { ...closed, title: 'DetectorVersion' },
)
export type DetectorVersion = Static<typeof DetectorVersion>

export const Detector = Type.Object(
  { ...about, versions: Type.Array(DetectorVersion) },
  { ...closed, title: 'Detector' },
)
export type Detector = Static<typeof Detector>

export const DetectorMinimal = Type.Object(
  {
    ...about,
    latestVersion: Type.Optional(
      Type.String({ description: 'The highest number among those that are Ready.' }),
    ),
  },
  { ...closed, title: 'DetectorMinimal' },
)
export type DetectorMinimal = Static<typeof DetectorMinimal>

const DetectorResponse = Type.Object({ detector: Detector }, { ...closed, title: 'DetectorResponse' })

const example = {
  name: '@acme/cracks',
  type: 'PhotoSegmentationDetector',
  displayName: 'Cracks',
  description: 'Cracks in concrete.',
  documentationUrl: 'https://example.org/cracks',
}
const blob =
  'http://localhost:8787/alidade-blobs/6b1f5f0e-93a8-4a9c-8a6e-2f9c4f1f0a11/%40acme/cracks-1.0.zip?sv=2024-11-04&sr=b'
const awaiting = {
  versionNumber: '1.0',
  capabilities: { labels: ['crack'], exports: ['Lines'] },
  creationDate: '2026-04-02T08:00:00Z',
  status: 'AwaitingData',
  creatorId: '1d9a2d57-62a1-4a0c-8d7e-1f1b7e7f5a66',
}
const ready = {
  ...awaiting,
  status: 'Ready',
  downloadUrl: `${blob}&sp=r&se=2026-04-02T09%3A00%3A00Z&sig=c2lnbmF0dXJl`,
}
const responses = { 401: parts.unauthorized, 429: parts.tooMany } as const

export const listDetectors = defineOperation({
  id: 'detectors-get-all',
  method: 'GET',
  path: '/reality-analysis/detectors',
  tag: 'Detectors',
  summary: 'List detectors',
  remarks:
    'Those of the tenant, and those of others that have a published version, by name. `$filter` compares `labels` and ' +
    "`exports` of the latest version with eq, ne and `in ('..','..')`, joined by and, or, not and parentheses; a comparison holds " +
    'where one of the labels or exports is among the values. Letter case is free.',
  scopes: readDetectors,
  headers: parts.headers,
  query: Type.Object({
    $filter: Type.Optional(
      Type.String({ description: "E.g. `exports in ('Polygons','Lines') and labels in ('crack')`." }),
    ),
  }),
  responses: {
    200: {
      description: 'The detectors.',
      schema: Type.Object(
        { detectors: Type.Array(DetectorMinimal) },
        { ...closed, title: 'DetectorsMinimalResponse' },
      ),
      headers: commonHeaders,
      examples: { one: { detectors: [{ ...example, latestVersion: '1.0' }] } },
    },
    400: parts.invalid('list', 'The filter cannot be understood.', {
      'unknown property': {
        code: 'InvalidParameter',
        message: "Unknown property 'colour' at position 1; expected one of labels, exports.",
        target: '$filter',
      },
    }),
    ...responses,
  },
})

export const getDetector = defineOperation({
  id: 'detectors-get',
  method: 'GET',
  path: '/reality-analysis/detectors/:detectorName',
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
      examples: { ready: { detector: { ...example, versions: [ready] } } },
    },
    404: parts.notFound,
    ...responses,
  },
})

export const createDetector = defineOperation({
  id: 'detectors-create',
  method: 'POST',
  path: '/reality-analysis/detectors',
  tag: 'Detectors',
  summary: 'Create a detector',
  remarks: 'It has no versions yet, and is seen by its own tenant only until one is published.',
  scopes: modifyDetectors,
  headers: parts.headers,
  body: Type.Object({ ...about, type: DetectorTypeName }, { title: 'DetectorCreate' }),
  bodyExamples: { cracks: example, shortest: { name: 'cars', type: 'PhotoObjectDetector' } },
  responses: {
    201: {
      description: 'The detector.',
      schema: DetectorResponse,
      headers: commonHeaders,
      examples: { created: { detector: { ...example, versions: [] } } },
    },
    400: parts.invalid('create', 'A property is missing or malformed.', {
      'unknown type': { code: 'InvalidValue', message: 'Invalid detector type.', target: 'type' },
      'malformed name': namedWrongly('name'),
      'special characters': specialCharacters('displayName'),
    }),
    409: errorResponse('The tenant has a detector of that name.', {
      'detector exists': {
        code: 'DetectorAlreadyExists',
        message: "Detector '@acme/known' already exists.",
        target: 'name',
      },
    }),
    ...responses,
  },
})

export const patchDetector = defineOperation({
  id: 'detectors-patch',
  method: 'PATCH',
  path: '/reality-analysis/detectors/:detectorName',
  tag: 'Detectors',
  summary: 'Modify a detector',
  remarks: 'Sets the texts given and keeps the others; an empty text clears.',
  scopes: modifyDetectors,
  headers: parts.headers,
  params: detectorParams,
  body: Type.Object(texts, { title: 'DetectorPatch' }),
  bodyExamples: { rename: { displayName: 'Cracks in concrete' } },
  responses: {
    200: {
      description: 'The detector after the change.',
      schema: DetectorResponse,
      headers: commonHeaders,
      examples: {
        renamed: { detector: { ...example, displayName: 'Cracks in concrete', versions: [ready] } },
      },
    },
    400: parts.invalid('modify', 'A text will not do.', {
      'special characters': specialCharacters('displayName'),
    }),
    403: parts.forbidden,
    404: parts.notFound,
    ...responses,
  },
})

export const createDetectorVersion = defineOperation({
  id: 'detectors-version-create',
  method: 'POST',
  path: '/reality-analysis/detectors/:detectorName/versions',
  tag: 'Detectors',
  summary: 'Create a version',
  remarks:
    'PUT the file to `uploadUrl` within an hour, with the header `x-ms-blob-type: BlockBlob`, then complete the version. ' +
    '`completeUrl` is relative to `/reality-analysis/`.',
  scopes: modifyDetectors,
  headers: parts.headers,
  params: detectorParams,
  body: Type.Object(
    { versionNumber: Type.String(), capabilities: DetectorCapabilities },
    { title: 'DetectorVersionCreate' },
  ),
  bodyExamples: {
    first: { versionNumber: '1.0', capabilities: { labels: ['crack'], exports: ['Lines'] } },
  },
  responses: {
    201: {
      description: 'The version, which awaits its file.',
      schema: Type.Object(
        { version: DetectorVersion, _links: DetectorUploadLinks },
        { ...closed, title: 'DetectorVersionWithLinks' },
      ),
      headers: commonHeaders,
      examples: {
        created: {
          version: awaiting,
          _links: {
            completeUrl: { href: 'detectors/%40acme%2Fcracks/version/1.0/complete' },
            uploadUrl: { href: `${blob}&sp=w&se=2026-04-02T09%3A00%3A00Z&sig=c2lnbmF0dXJl` },
          },
        },
      },
    },
    400: parts.invalid('createVersion', 'A property is missing or malformed.', {
      'malformed version': numberedWrongly('versionNumber'),
      'unknown export': {
        code: 'InvalidValue',
        message:
          "Property 'capabilities.exports[0]' must be one of 'Objects', 'Lines', 'Polygons', 'Locations', got 'Circles'.",
        target: 'capabilities.exports[0]',
      },
    }),
    403: parts.forbidden,
    404: parts.notFound,
    409: errorResponse('The detector has that version.', {
      'version exists': {
        code: 'DetectorVersionAlreadyExists',
        message: "Version '1.0' of detector '@acme/known' already exists.",
        target: 'versionNumber',
      },
    }),
    ...responses,
  },
})

export type DetectorCreate = Static<typeof createDetector.body>
export type DetectorPatch = Static<typeof patchDetector.body>
export type DetectorVersionCreate = Static<typeof createDetectorVersion.body>

export const detectorVersionOperationsV2 = detectorVersionOperations(api)

export const detectorV2Operations = [
  listDetectors,
  getDetector,
  createDetector,
  patchDetector,
  createDetectorVersion,
  ...Object.values(detectorVersionOperationsV2),
]
