// What a model of point clouds is shown: which numbers of a point, in which order, and how a cloud is cut for it.
import { type Static, Type } from 'typebox'
import { type PointFeature, pointArrangements, pointFeatures } from './detector-words.ts'

const closed = { additionalProperties: false } as const
const metres = (minimum: number, description: string) =>
  Type.Number({ minimum, maximum: 10_000, description })

const Normalisation = Type.Object(
  {
    subtract: Type.Optional(Type.Number({ description: 'Taken away first; default 0.' })),
    divide: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, description: 'Divided by afterwards; default 1.' }),
    ),
  },
  closed,
)
export type PointNormalisation = Partial<Record<PointFeature, Static<typeof Normalisation>>>

/** Members of `input` for SemanticSegmentation3D. */
export const pointInputMembers = {
  features: Type.Optional(
    Type.Array(Type.Enum([...pointFeatures]), {
      minItems: 1,
      maxItems: 64,
      description: 'The numbers of a point, in order. A model without them is kept, and not run.',
    }),
  ),
  arrangement: Type.Optional(
    Type.Enum([...pointArrangements], {
      description: 'Axes of the tensor; default points-features, [N, F].',
    }),
  ),
  normalisation: Type.Optional(
    Type.Object(
      Object.fromEntries(pointFeatures.map((name) => [name, Type.Optional(Normalisation)])) as Record<
        PointFeature,
        ReturnType<typeof Type.Optional<typeof Normalisation>>
      >,
      { ...closed, description: 'By feature: the model is shown (value - subtract) / divide.' },
    ),
  ),
  voxelSizeMetres: Type.Optional(
    metres(0.001, 'Of each voxel one point is shown, and its class goes to all points in it; default 0.25.'),
  ),
  blockSizeMetres: Type.Optional(metres(0.1, 'Side of the squares that a cloud is cut into; default 50.')),
  overlapMetres: Type.Optional(
    metres(0, 'So far a block reaches beyond its square, at most half of its size; default 0.'),
  ),
} as const
