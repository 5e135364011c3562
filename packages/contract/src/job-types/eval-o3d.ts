// Detected objects in space, judged by a reference.
import { evaluation, thresholdIOU } from './evaluation.ts'
import { scene } from './vector-outputs.ts'

export const evalO3D = evaluation({
  name: 'evalO3D',
  v2: 'EvalO3D',
  title: 'Evaluation of objects in space',
  purpose: 'Counts true, false and missed objects in space, for each class.',
  outputs: {
    objects3D: { v2: 'objects3D', ...scene, help: 'The objects, each with what it turned out to be.' },
  },
  options: { thresholdIOU },
})
