// `alidade-detector.json`, the manifest at the root of a detector archive. Members are added, never renamed: what is
// valid today stays valid, and means the same.
import { type Static, Type } from 'typebox'
import { pointInputMembers } from './detector-point-input.ts'
import { type DetectorTask, detectorLayouts, detectorScores, detectorTasks } from './detector-words.ts'

const closed = { additionalProperties: false, patternProperties: { '^x-': Type.Unknown() } } as const
const pixels = (description: string) => Type.Integer({ minimum: 1, maximum: 16_384, description })

export const DetectorManifestLabel = Type.Object(
  {
    id: Type.Integer({
      minimum: 0,
      maximum: 65_535,
      description: 'What the model calls the class; need not be contiguous.',
    }),
    name: Type.String({ minLength: 1, maxLength: 256 }),
    line: Type.Optional(Type.Boolean({ description: 'The class feeds lines.' })),
    contour: Type.Optional(Type.Boolean({ description: 'The class feeds polygons.' })),
    object: Type.Optional(Type.Boolean({ description: 'The class feeds objects.' })),
    classification: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 255,
        description: 'Class code that points get in LAS; needed where features of points are listed.',
      }),
    ),
  },
  closed,
)

export const DetectorManifest = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    version: Type.Literal(1),
    task: Type.Enum([...detectorTasks]),
    model: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        default: 'model.onnx',
        description: 'Name of the ONNX file in the archive.',
      }),
    ),
    layout: Type.Enum([...detectorLayouts], { description: 'How the output tensors are to be read.' }),
    scores: Type.Optional(
      Type.Enum([...detectorScores], { description: 'What the scores of points are; default logits.' }),
    ),
    labels: Type.Array(DetectorManifestLabel, { minItems: 1, maxItems: 10_000 }),
    input: Type.Object(
      {
        width: Type.Optional(pixels('Width of the image that the model takes, in pixels.')),
        height: Type.Optional(pixels('Its height.')),
        channels: Type.Optional(Type.Integer({ minimum: 1, maximum: 64, description: 'Default 3.' })),
        points: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: 100_000_000,
            description: 'Points that the model takes at a time; the most, where it takes any number.',
          }),
        ),
        ...pointInputMembers,
      },
      { ...closed, description: 'Width and height for images, points for point clouds.' },
    ),
  },
  {
    ...closed,
    title: 'DetectorManifest',
    description:
      'alidade-detector.json, version 1. Members are added and never renamed; members whose name begins with x- are yours.',
  },
)
export type DetectorManifest = Static<typeof DetectorManifest>

/** What a detector of each type does. */
export const taskOfDetectorType = {
  PhotoObjectDetector: 'ObjectDetection2D',
  PhotoSegmentationDetector: 'SemanticSegmentation2D',
  OrthophotoSegmentationDetector: 'SemanticSegmentation2D',
  PointCloudSegmentationDetector: 'SemanticSegmentation3D',
} as const satisfies Record<string, DetectorTask>

/** Committed as `packages/contract/schemas/alidade-detector-1.json`. */
export const detectorManifestSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:alidade:detector-manifest:1',
  ...DetectorManifest,
}
