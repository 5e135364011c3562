// What detectors are in both versions of the API: types, exports, names and version numbers.
import { type Static, Type } from 'typebox'

export const detectorTypes = [
  'PhotoObjectDetector',
  'PhotoSegmentationDetector',
  'OrthophotoSegmentationDetector',
  'PointCloudSegmentationDetector',
] as const
export type DetectorType = (typeof detectorTypes)[number]

/** In a request, where what is none of them gets the published answer. */
export const DetectorTypeName = Type.String({
  description: `One of ${detectorTypes.map((type) => `\`${type}\``).join(', ')}.`,
  examples: [...detectorTypes],
})

export const detectorExports = ['Objects', 'Lines', 'Polygons', 'Locations'] as const
export type DetectorExport = (typeof detectorExports)[number]

export const detectorStatuses = ['AwaitingData', 'Ready'] as const
export type DetectorStatus = (typeof detectorStatuses)[number]

const word = '[A-Za-z0-9][A-Za-z0-9._-]{0,63}'
/** `cracks`, or `@scope/cracks`; in a path the slash is written `%2F`. Letter case does not tell two names apart. */
export const detectorNamePattern = `^(@${word}/)?${word}$`
/** Major and minor number without leading zeros. */
export const detectorVersionPattern = '^(0|[1-9][0-9]{0,4})\\.(0|[1-9][0-9]{0,4})$'

/** Where a segment of a path names a detector, in either version of the API. */
export const detectorParams = Type.Object({
  detectorName: Type.String({
    description:
      'The name of the detector as one segment: `cracks`, or `@scope/cracks` as `%40scope%2Fcracks`.',
  }),
})
export const detectorVersionParams = Type.Object({
  ...detectorParams.properties,
  detectorVersion: Type.String({ description: 'The version number, e.g. `1.0`.' }),
})

const closed = { additionalProperties: false } as const

export const DetectorLabels = Type.Array(Type.String({ minLength: 1, maxLength: 256 }), {
  maxItems: 10_000,
  description: 'What the detector tells apart.',
})
export const DetectorExports = Type.Array(Type.Enum([...detectorExports]), {
  maxItems: detectorExports.length,
  description: 'Which exports can be made of its results.',
})

export const DetectorCapabilities = Type.Object(
  { labels: DetectorLabels, exports: DetectorExports },
  { ...closed, title: 'DetectorCapabilities' },
)
export type DetectorCapabilities = Static<typeof DetectorCapabilities>

/** What can be said about a detector, and changed later. */
export const detectorTexts = {
  displayName: Type.String({
    maxLength: 128,
    description: "For people: letters, digits, spaces and `._,()'+&-`.",
  }),
  description: Type.String({ maxLength: 4096 }),
  documentationUrl: Type.String({ maxLength: 2048, description: 'http or https; empty for none.' }),
}

const url = Type.Object({ href: Type.String() }, closed)
export const DetectorUploadLinks = Type.Object(
  {
    completeUrl: url,
    uploadUrl: url,
  },
  { ...closed, title: 'DetectorUploadLinks' },
)
