// A detector of points, made from clouds whose points have their classes.
import { notDelivered } from './declaration.ts'

export const trainingS3D = notDelivered({
  name: 'trainingS3D',
  v2: 'TrainingS3D',
  title: 'Training of a point cloud detector',
  purpose: 'Makes a detector that classifies points as the given clouds are classified.',
  inputs: {
    segmentations3D: {
      v2: 'segmentations3D',
      many: true,
      accepts: ['ContextScene'],
      required: true,
      help: 'Scenes that refer to clouds with classes.',
    },
    preset: { v2: 'preset', kind: 'bucketFile', accepts: [], required: false, help: 'Prepared settings.' },
    detectorName: {
      v2: 'detectorName',
      kind: 'name',
      accepts: [],
      required: true,
      help: 'Name of the detector in the library.',
    },
  },
  outputs: {
    detector: {
      v2: 'detector',
      realityDataType: 'ContextDetector',
      help: 'The detector in the library, as name/version.',
    },
  },
  options: {
    epochs: {
      v2: 'epochs',
      type: 'integer',
      minimum: 1,
      maximum: 100,
      default: 10,
      help: 'How often all clouds are gone through.',
    },
    spacing: {
      v2: 'spacing',
      type: 'number',
      exclusiveMinimum: 0,
      default: { derived: 'that of the clouds' },
      unit: 'metres',
      help: 'Spacing of the points that the detector sees.',
    },
    model: {
      v2: 'model',
      type: 'string',
      oneOf: ['SPLATNet'],
      default: 'SPLATNet',
      help: 'What is trained.',
    },
    features: {
      v2: 'features',
      type: 'strings',
      oneOf: ['RGB', 'NORMAL', 'INTENSITY'],
      default: { derived: 'those that all clouds have' },
      help: 'What of the points the detector sees, beside their places.',
    },
    versionNumber: {
      v2: 'versionNumber',
      type: 'string',
      pattern: '^\\d+(\\.\\d+)?$',
      default: { derived: 'the next one' },
      help: 'Version of the detector.',
    },
  },
})
