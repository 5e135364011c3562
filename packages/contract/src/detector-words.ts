// The words of a manifest of a detector, apart from its schema: who runs a model needs no more.

export const detectorManifestName = 'alidade-detector.json'

/** In the words of `metadata.xml`, which existing detectors carry. */
export const detectorTasks = [
  'ObjectDetection2D',
  'SemanticSegmentation2D',
  'SemanticSegmentation3D',
] as const
export type DetectorTask = (typeof detectorTasks)[number]

/** How the output tensors are to be read; N candidates, C classes. */
export const detectorLayouts = [
  /** [1, N, 5+C]: centre x, y, width, height, objectness, scores. */
  'yolov5',
  /** [1, 4+C, N]: centre x, y, width, height, scores. */
  'yolov8',
  /** [1, 4+C+32, N] and prototypes of masks [1, 32, h, w]. */
  'yolov8-seg',
  /** [1, N, 6]: x1, y1, x2, y2, score, class; nothing is left to suppress. */
  'boxes-scores-classes',
  /** boxes [N, 4], labels [N], scores [N]. */
  'torchvision',
  /** logits [1, N, C+1], boxes [1, N, 4]. */
  'detr',
  /** labels, boxes, scores; a second input takes the size of the image. */
  'rt-detr',
  /** [1, C, h, w]: a score for each class and pixel. */
  'class-scores',
  /** [1, h, w]: the class of each pixel. */
  'class-map',
  /** [N, C] or [1, N, C]: a score for each class and point. */
  'point-scores',
  /** [C, N] or [1, C, N]: the same by classes. */
  'scores-of-points',
] as const
export type DetectorLayout = (typeof detectorLayouts)[number]

/** What scores are: anything, made probabilities of by softmax, or probabilities already. */
export const detectorScores = ['logits', 'probabilities'] as const
export type DetectorScores = (typeof detectorScores)[number]

/** Lengths in metres, whatever the unit of the cloud. */
export const pointFeatures = [
  /** From the middle of the block in plan, to the east and to the north. */
  'x',
  'y',
  /** From the mean height of the block. */
  'z',
  /** Above the lowest point of the block. */
  'heightAboveLowest',
  /** Above the ground as @alidade/ground finds it: the same whatever the blocks. */
  'heightAboveGround',
  /** From 0 to 1. */
  'red',
  'green',
  'blue',
  'intensity',
  'returnNumber',
  'numberOfReturns',
  /** Of the surface around the point, of length 1, never downwards. */
  'normalX',
  'normalY',
  'normalZ',
] as const
export type PointFeature = (typeof pointFeatures)[number]

/** The axes of the tensor that goes in; N points, F features. */
export const pointArrangements = [
  /** [N, F]. */
  'points-features',
  /** [1, N, F]. */
  'batch-points-features',
  /** [1, F, N]. */
  'batch-features-points',
] as const
export type PointArrangement = (typeof pointArrangements)[number]

/** What counts where a manifest is silent. */
export const pointInputDefaults = {
  arrangement: 'points-features',
  voxelSizeMetres: 0.25,
  blockSizeMetres: 50,
  overlapMetres: 0,
  /** At a time, for a model that takes any number. */
  points: 65_536,
} as const satisfies Record<string, PointArrangement | number>
