// Classes of the points of a cloud, judged by a reference.
import { evaluation } from './evaluation.ts'
import { scene } from './vector-outputs.ts'

export const evalS3D = evaluation({
  name: 'evalS3D',
  v2: 'EvalS3D',
  title: 'Evaluation of segmented point clouds',
  purpose: 'Makes the confusion matrix of the classes of points.',
  outputs: {
    segmentedModel3D: {
      v2: 'segmentedModel3D',
      realityDataType: 'LAZ',
      rootDocument: 'segmentedModel3D.laz',
      help: 'The cloud with a cell of the matrix for each point.',
    },
    segmentation3D: { v2: 'segmentation3D', ...scene, help: 'Refers to this cloud.' },
  },
})
