// `@alidade/contract/jobs`: what jobs and their detectors are, without the schemas of the wire, which take longer to load than
// all the rest: for who runs a job, or follows one.
export {
  type BuiltInDetector,
  builtInDetectorNamed,
  builtInDetectors,
  alsBasicDetector,
  groundDetector,
} from './built-in-detectors.ts'
export {
  type DetectorLayout,
  type DetectorScores,
  type DetectorTask,
  detectorLayouts,
  detectorManifestName,
  detectorScores,
  detectorTasks,
  type PointArrangement,
  type PointFeature,
  pointArrangements,
  pointFeatures,
  pointInputDefaults,
} from './detector-words.ts'
export {
  type JobErrorCode,
  type JobMessage,
  type JobMessageDeclaration,
  type JobWarningCode,
  jobErrorMessage,
  jobErrors,
  jobWarningMessage,
  jobWarnings,
} from './job-errors.ts'
export {
  assertNever,
  finalStates,
  isFinal,
  type JobState,
  type JobV2State,
  jobStates,
  jobV2States,
} from './job-states.ts'
export { largestTimeLimitMinutes, pollIntervalsSeconds, progressRetentionMs } from './job-times.ts'
export type {
  ApiVersion,
  CostParameters,
  DeclaredJobType,
  InputDeclaration,
  JobTypeDeclaration,
  OptionDeclaration,
  OutputDeclaration,
} from './job-types/declaration.ts'
export {
  declaredJobTypes,
  entryNamed,
  isDelivered,
  isUndelivered,
  type JobTypeName,
  jobTypeNamed,
  jobTypes,
  versionsThatShow,
} from './job-types/index.ts'
