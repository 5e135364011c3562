// A model of point clouds as its manifest describes it, complete: what is silent there has its default here.
import { type DetectorScores, type PointFeature, pointInputDefaults } from '@alidade/contract/jobs'
import type { DetectorInput, DetectorLabel } from '../../detector/detector.ts'
import { JobError } from '../../job-error.ts'
import { InferenceCrew, type InferenceCrewOptions } from './inference-crew.ts'
import type { UnpackedModel } from './unpack-model.ts'

export interface PointModel extends Pick<UnpackedModel, 'shownName' | 'path'> {
  features: readonly PointFeature[]
  arrangement: NonNullable<DetectorInput['arrangement']>
  normalisation: NonNullable<DetectorInput['normalisation']>
  labels: readonly (DetectorLabel & { classification: number })[]
  /** At a time: exactly so many, or at most. */
  points: number
  isFixed: boolean
  voxelSizeMetres: number
  blockSizeMetres: number
  overlapMetres: number
  /** Whether the scores of a class lie together. */
  byClass: boolean
  scores: DetectorScores
}

/** JobError for a detector that does not say how its model is to be shown points. */
export function pointModelOf({ shownName, path, description, inputShape }: UnpackedModel): PointModel {
  const { features, ...input } = description.input
  if (features === undefined) {
    const problem = 'its manifest lists no input.features; without them nobody knows what it is to be shown.'
    throw new JobError('Detector_Failed', [shownName, problem])
  }
  const { arrangement = pointInputDefaults.arrangement } = input
  const taken = inputShape.at(arrangement === 'batch-features-points' ? -1 : -2)
  return {
    ...{ shownName, path, features, ...pointInputDefaults },
    ...{ normalisation: {}, ...input, isFixed: typeof taken === 'number' },
    ...(typeof taken === 'number' && { points: taken }),
    labels: description.labels.map((label) => ({ ...label, classification: label.classification! })),
    byClass: description.layout === 'scores-of-points',
    scores: description.scores ?? 'logits',
  }
}

/** So many points are enough to see whether a model that takes any number runs. */
export const trialPoints = 16

export function crewFor(
  model: PointModel,
  { threads, signal }: Pick<InferenceCrewOptions, 'threads' | 'signal'>,
): InferenceCrew {
  return new InferenceCrew({
    ...{ path: model.path, shownName: model.shownName, byClass: model.byClass },
    labels: model.labels.map(({ id }) => id),
    areLogits: model.scores === 'logits',
    ...{ threads, signal },
  })
}

/** Of the tensor that so many points are. */
export function sizesOf({ arrangement, features }: PointModel, points: number): number[] {
  switch (arrangement) {
    case 'points-features':
      return [points, features.length]
    case 'batch-points-features':
      return [1, points, features.length]
    default:
      return [1, features.length, points]
  }
}
