// One request for each job type of `@itwin/reality-capture` that this service does not deliver, as small as the schemas
// of the package allow. Nothing is looked up before the type is refused, so one id serves for everything.
import { JobType } from '@itwin/reality-capture'

const id = 'b0b0b0b0-0000-4000-8000-000000000001'
const truth = { reference: id, prediction: id }

export const analysisJobs = {
  [JobType.OBJECTS_2D]: {
    inputs: { photos: id, photoObjectDetector: '@alidade/cars' },
    outputs: ['objects2D'],
  },
  [JobType.SEGMENTATION_2D]: {
    inputs: { photos: id, photoSegmentationDetector: '@alidade/cracks' },
    outputs: ['segmentation2D'],
  },
  [JobType.SEGMENTATION_ORTHOPHOTO]: {
    inputs: { orthophoto: id, orthophotoSegmentationDetector: '@alidade/roofs' },
    outputs: ['segmentation2D'],
  },
  [JobType.EVAL_O2D]: { inputs: truth, outputs: ['report'] },
  [JobType.EVAL_O3D]: { inputs: truth, outputs: ['report'] },
  [JobType.EVAL_S2D]: { inputs: truth, outputs: ['report'] },
  [JobType.EVAL_S3D]: { inputs: truth, outputs: ['report'] },
  [JobType.EVAL_SORTHO]: { inputs: truth, outputs: ['report'] },
  [JobType.TRAINING_S3D]: {
    inputs: { segmentations3D: [id], detectorName: 'ground' },
    outputs: ['detector'],
  },
}

/** These are of the modeling API, which is another service. */
export const modelingJobs = {
  [JobType.CALIBRATION]: { inputs: { scene: id }, outputs: ['scene'] },
  [JobType.CONSTRAINTS]: { inputs: { modelingReference: id }, outputs: ['addedConstraintsInfo'] },
  [JobType.FILL_IMAGE_PROPERTIES]: { inputs: { imageCollections: [id] }, outputs: ['scene'] },
  [JobType.GAUSSIAN_SPLATS]: { inputs: { scene: id }, outputs: ['splats'] },
  [JobType.IMPORT_POINT_CLOUD]: { inputs: { scene: id }, outputs: ['scene'] },
  [JobType.PRODUCTION]: {
    inputs: { scene: id, modelingReference: id },
    outputs: { exports: [{ format: 'OBJ' }] },
  },
  [JobType.RECONSTRUCTION]: { inputs: { scene: id }, outputs: { exports: [{ format: 'OBJ' }] } },
  [JobType.TILING]: { inputs: { scene: id }, outputs: ['modelingReference'] },
  [JobType.TOUCH_UP_EXPORT]: { inputs: { modelingReference: id }, outputs: ['touchUpData'] },
  [JobType.TOUCH_UP_IMPORT]: { inputs: { modelingReference: id, touchUpData: id }, outputs: ['importInfo'] },
  [JobType.WATER_CONSTRAINTS]: { inputs: { scene: id, modelingReference: id }, outputs: ['constraints'] },
}
