// Detected objects in photos, judged by a reference.
import { evaluation, thresholdIOU } from './evaluation.ts'
import { scene } from './vector-outputs.ts'

export const evalO2D = evaluation({
  name: 'evalO2D',
  v2: 'EvalO2D',
  title: 'Evaluation of objects in photos',
  purpose: 'Counts true, false and missed objects in photos, for each class.',
  outputs: {
    objects2D: { v2: 'objects2D', ...scene, help: 'The objects, each with what it turned out to be.' },
  },
  options: { thresholdIOU },
})
