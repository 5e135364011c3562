// Classes of the pixels of orthophotos, judged by a reference.
import { evaluation } from './evaluation.ts'
import { scene } from './vector-outputs.ts'

export const evalSOrtho = evaluation({
  name: 'evalSOrtho',
  v2: 'EvalSOrtho',
  title: 'Evaluation of segmented orthophotos',
  purpose: 'Makes the confusion matrix of the classes of pixels.',
  outputs: {
    segmentedPhotos: {
      v2: 'segmentedPhotos',
      realityDataType: 'CCImageCollection',
      help: 'Label images whose values are cells of the matrix.',
    },
    segmentation2D: { v2: 'segmentation2D', ...scene, help: 'Refers to these images.' },
  },
})
