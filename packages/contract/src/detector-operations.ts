// What the operations on detectors share in both versions of the API, and those that differ in nothing but their paths.
import { Type } from 'typebox'
import {
  commonHeaders,
  errorResponse,
  publishedError,
  tooManyResponse,
  unauthorizedResponse,
} from './common.ts'
import { detectorParams, detectorVersionParams } from './detectors.ts'
import type { ErrorCode, ErrorDetail } from './errors.ts'
import { defineOperation } from './operation.ts'

export const readDetectors = ['itwin-platform', 'realitydataanalysis:read'] as const
export const modifyDetectors = ['itwin-platform', 'realitydataanalysis:modify'] as const

/** What a request could not do, on top of the faults that were found. */
export const cannotDetector = {
  list: 'Cannot list detectors.',
  create: 'Cannot create detector.',
  modify: 'Cannot modify detector.',
  delete: 'Cannot delete detector.',
  createVersion: 'Cannot create detector version.',
  deleteVersion: 'Cannot delete detector version.',
  complete: 'Cannot complete detector version.',
  publish: 'Cannot publish detector version.',
  unpublish: 'Cannot unpublish detector version.',
} as const

interface DetectorApi {
  basePath: string
  /** How paths name a version; the service takes either. */
  versions: 'version' | 'versions'
  invalid: ErrorCode
  tooMany: 'TooManyRequests' | 'RateLimitExceeded'
  accept: string
}

/** The parts of declarations for one version of the API. */
export function detectorParts({ invalid, tooMany, accept }: DetectorApi) {
  return {
    headers: Type.Object({
      accept: Type.Optional(Type.String({ description: `Recommended: \`${accept}\`.` })),
    }),
    invalid: (
      action: keyof typeof cannotDetector,
      description: string,
      examples: Record<string, ErrorDetail>,
    ) =>
      errorResponse(
        description,
        Object.fromEntries(
          Object.entries(examples).map(([name, detail]) => [
            name,
            {
              code: invalid,
              message: cannotDetector[action],
              ...(detail.target === undefined ? {} : { target: detail.target }),
              details: [detail],
            },
          ]),
        ),
      ),
    unauthorized: unauthorizedResponse,
    forbidden: errorResponse(
      'The detector can be seen and not changed: a published one of others, or one that a colleague made.',
      { 'made by a colleague': publishedError('InsufficientPermissions') },
    ),
    notFound: errorResponse('No such detector, or no such version of it, for this caller.', {
      'no such detector': publishedError('DetectorNotFound'),
    }),
    tooMany: tooManyResponse(tooMany),
  }
}

const params = detectorVersionParams

/** Delete, complete, publish, unpublish: nothing in them is of one version of the API. */
export function detectorVersionOperations(api: DetectorApi) {
  const { headers, invalid, unauthorized, forbidden, notFound, tooMany } = detectorParts(api)
  const detector = `${api.basePath}/detectors/:detectorName` as const
  const version = `${detector}/${api.versions}/:detectorVersion` as const
  // Links say `version` in both, clients of v2 say `versions`.
  const alias = `${detector}/${api.versions === 'versions' ? 'version' : 'versions'}/:detectorVersion`
  const done = (description: string) => ({ description, headers: commonHeaders })
  const shared = { tag: 'Detectors', scopes: modifyDetectors, headers } as const
  const errors = { 401: unauthorized, 403: forbidden, 404: notFound, 429: tooMany } as const
  const inUse = {
    'in use': {
      code: 'InvalidChange',
      message: 'An active job uses the detector.',
    },
  }

  return {
    deleteDetector: defineOperation({
      ...shared,
      id: 'detectors-delete',
      method: 'DELETE',
      path: detector,
      summary: 'Delete a detector',
      remarks: 'All versions go with it, and their files. Refused while an active job uses one of them.',
      params: detectorParams,
      responses: {
        204: done('The detector is gone.'),
        400: invalid('delete', 'An active job uses the detector.', inUse),
        ...errors,
      },
    }),
    deleteDetectorVersion: defineOperation({
      ...shared,
      id: 'detectors-delete-version',
      method: 'DELETE',
      path: version,
      aliases: [alias],
      summary: 'Delete a version',
      remarks: 'Its file goes with it. Refused while an active job uses it. The number is then free again.',
      params,
      responses: {
        204: done('The version is gone.'),
        400: invalid('deleteVersion', 'An active job uses the version.', inUse),
        ...errors,
      },
    }),
    completeDetectorVersion: defineOperation({
      ...shared,
      id: 'detectors-complete-version',
      method: 'POST',
      path: `${version}/complete`,
      aliases: [`${alias}/complete`],
      summary: 'Complete the upload of a version',
      remarks:
        'Looks at what was uploaded to `uploadUrl`, without running it: a zip archive with an ONNX model and ' +
        '`alidade-detector.json`, or `metadata.xml` and `labels.xml`; or an ONNX model alone, whose metadata says the same. ' +
        'What will do becomes the version, `Ready` and unchangeable; what will not is refused with the place at fault, and ' +
        'can be uploaded again. A version that is ready is answered 204.',
      params,
      responses: {
        204: done('The version is ready.'),
        400: invalid('complete', 'What was uploaded is no detector that this service can run.', {
          'nothing uploaded': {
            code: 'InvalidValue',
            message: 'Expected a file at the uploadUrl of the version, got none.',
          },
          'no detector': {
            code: 'InvalidValue',
            message: 'byte 0: expected a zip archive or an ONNX model, got bytes that begin 25 50 44 46',
          },
        }),
        ...errors,
      },
    }),
    publishDetectorVersion: defineOperation({
      ...shared,
      id: 'detectors-publish-version',
      method: 'POST',
      path: `${version}/publish`,
      aliases: [`${alias}/publish`],
      summary: 'Publish a version',
      remarks:
        'From then on every tenant of this service sees the version and can use it. Publishing it again changes nothing.',
      params,
      responses: {
        204: done('The version is public.'),
        400: invalid('publish', 'The version is not ready, or its name is taken among published detectors.', {
          'not ready': { code: 'InvalidParameter', message: 'Detector version cannot be published.' },
        }),
        ...errors,
      },
    }),
    unpublishDetectorVersion: defineOperation({
      ...shared,
      id: 'detectors-unpublish-version',
      method: 'POST',
      path: `${version}/unpublish`,
      aliases: [`${alias}/unpublish`],
      summary: 'Unpublish a version',
      remarks:
        'Other tenants see it no more; jobs that were submitted with it go on. Unpublishing it again changes nothing.',
      params,
      responses: {
        204: done('The version is for its own tenant again.'),
        400: invalid('unpublish', 'The version was never ready.', {
          'not ready': { code: 'InvalidParameter', message: 'Detector version cannot be unpublished.' },
        }),
        ...errors,
      },
    }),
  }
}

export const namedWrongly = (target: string): ErrorDetail => ({
  code: 'InvalidProperty',
  message: `Property '${target}' must be a name such as 'cracks' or '@scope/cracks', of letters, digits and ._-, got 'my cracks'.`,
  target,
})
export const specialCharacters = (target: string): ErrorDetail => ({
  code: 'InvalidProperty',
  message: 'Special characters are not allowed.',
  target,
})
export const numberedWrongly = (target: string): ErrorDetail => ({
  code: 'InvalidProperty',
  message: 'Version must contain a major and minor version in x.x format.',
  target,
})
