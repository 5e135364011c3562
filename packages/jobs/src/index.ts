import type { JobTypeName } from '@alidade/contract'
import { changeDetection } from './change-detection/change-detection.ts'
import { extractGround } from './extract-ground/extract-ground.ts'
import type { JobType } from './job-type.ts'
import { segmentation3D } from './segmentation-3d/segmentation-3d.ts'

export { type ExampleScene, type ExampleTruth, makeExampleScene } from './change-detection/example-scene.ts'

export {
  type DeclaredDetector,
  type DetectorDescription,
  type DetectorLabel,
  type DetectorLimits,
  defaultDetectorLimits,
} from './detector/detector.ts'
export { FormatError } from '@alidade/formats'
export { type DetectorFile, describeFiles } from './detector/describe-files.ts'
export { readDetector } from './detector/read-detector.ts'
// Which file an input is, for whoever hands out files that others may write to.
export { type FileVersion, fileVersion } from '@alidade/formats'
export { findGeoJsonFile } from './geojson-file.ts'
export { findInputFiles } from './input-files.ts'
export type { FoundFile, InputReader } from './input-reader.ts'
export { sceneNames } from './read-scene.ts'
export { findSegmentationFiles } from './segmentation-files.ts'
export { isFilePart } from './point-clouds/file-part.ts'
export { isSurveyFile, surveyEnds, surveyFilesAmong } from './point-clouds/survey-files.ts'
export { openInputFile, withInputsToPlan } from './open-input-file.ts'
export { codeVersion } from './code-version.ts'
export { inTilesFromPoints } from './change-detection/tiles/in-tiles-from.ts'
export { JobError } from './job-error.ts'
export { laterPart } from './job-type.ts'
export type {
  Divided,
  Division,
  FileSegment,
  InputDetector,
  InputFile,
  InspectedFile,
  Inspection,
  JobContext,
  JobType,
  MergeContext,
  OutputFolder,
  PartCost,
  PlannedPart,
  PlannedRun,
  Progress,
  StepProgress,
  StepReport,
  Tile,
  TileContext,
  WorkFiles,
  WorkFolder,
} from './job-type.ts'

/** How each job type is done, by internal name. */
export const jobTypeImplementations: Record<JobTypeName, JobType> = {
  changeDetection: changeDetection as JobType,
  extractGround,
  segmentation3D,
}
