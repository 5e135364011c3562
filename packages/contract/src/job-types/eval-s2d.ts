// Classes of the pixels of photos, judged by a reference.
import { evaluation } from './evaluation.ts'
import { scene } from './vector-outputs.ts'

export const evalS2D = evaluation({
  name: 'evalS2D',
  v2: 'EvalS2D',
  title: 'Evaluation of segmented photos',
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
