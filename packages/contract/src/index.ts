export * from './jobs.ts'
export {
  commonHeaders,
  DateTime,
  Guid,
  guidPattern,
  Link,
  ownOptionHeaders,
  statusOf,
} from './common.ts'
export {
  type DetectorCapabilities,
  type DetectorExport,
  type DetectorStatus,
  type DetectorType,
  detectorExports,
  detectorNamePattern,
  detectorTypes,
  detectorVersionPattern,
} from './detectors.ts'
export {
  DetectorManifest,
  detectorManifestSchema,
  taskOfDetectorType,
} from './detector-manifest.ts'
export { cannotDetector } from './detector-operations.ts'
export type { PointNormalisation } from './detector-point-input.ts'
export { detailMeanings, type ErrorMeaning, errorMeanings } from './error-meanings.ts'
export {
  type DetailCode,
  detailCodes,
  type ErrorCode,
  ErrorDetail,
  ErrorResponse,
  errorStatus,
  publishedMessage,
} from './errors.ts'
export {
  defineOperation,
  type EventDeclaration,
  type Operation,
  type OperationResponse,
  type ResponseHeader,
  type Scope,
} from './operation.ts'
export { Job, JobCreate, JobPatch, JobResponse, JobsResponse } from './v1/job.ts'
export { createJob, deleteJob, getJob, listJobs, patchJob } from './v1/operations.ts'
export {
  getJobProgress,
  Progress,
  ProgressResponse,
} from './v1/progress.ts'
export {
  createDetectorV1,
  DetectorV1,
  type DetectorV1Create,
  type DetectorV1Patch,
  detectorV1Operations,
  detectorVersionOperationsV1,
  getDetectorV1,
  listDetectorsV1,
  patchDetectorV1,
} from './v1/detectors.ts'
export {
  createDetector,
  createDetectorVersion,
  Detector,
  type DetectorCreate,
  DetectorMinimal,
  type DetectorPatch,
  DetectorVersion,
  type DetectorVersionCreate,
  detectorV2Operations,
  detectorVersionOperationsV2,
  getDetector,
  listDetectors,
  patchDetector,
} from './v2/detectors.ts'
export { getBucket, listServiceFiles } from './v2/bucket.ts'
export {
  JobCreateV2,
  JobMessagesResponse,
  JobProgressV2Response,
  JobsV2Response,
  JobV2,
  JobV2Response,
} from './v2/job.ts'
export { cancelJobV2, createJobV2, getJobMessages, getJobV2, listJobsV2 } from './v2/operations.ts'
export { getJobProgressV2 } from './v2/progress.ts'
export {
  alidadeOperations,
  realityAnalysisV2Operations,
  realityDataAnalysisV1Operations,
  realityManagementOperations,
  webhooksOperations,
} from './operations.ts'
export {
  ContainerAccess,
  getReadAccess,
  getWriteAccess,
} from './reality-management/access.ts'
export { invalidRealityDataMessage, realityDataNotFoundMessage } from './reality-management/declared-parts.ts'
export {
  associateRealityData,
  dissociateRealityData,
  getRealityDataITwins,
  ITwinAssociationResponse,
  ITwinsResponse,
  moveRealityData,
  RealityDataMove,
} from './reality-management/itwins.ts'
export {
  LinkedRealityData,
  LinkedRealityDataCreate,
  linkRealityData,
  listLinkedRealityData,
} from './reality-management/linked.ts'
export {
  classifications,
  Extent,
  RealityData,
  RealityDataCreate,
  RealityDataListResponse,
  RealityDataMinimal,
  RealityDataResponse,
  RealityDataUpdate,
} from './reality-management/reality-data.ts'
export {
  createRealityData,
  deleteRealityData,
  getRealityData,
  listRealityData,
  updateRealityData,
} from './reality-management/records.ts'
export {
  createWebhook,
  deleteWebhook,
  getWebhook,
  hostRefusedMessage,
  invalidWebhookMessage,
  listWebhookDeliveries,
  listWebhooks,
  maxWebhooks,
  testWebhook,
  updateWebhook,
  webhookEvents,
} from './webhooks/operations.ts'
export {
  type DeliveryFault,
  deliveryFaults,
  type EventType,
  eventTypes,
  maxCallbackUrlLength,
  testEventType,
  Webhook,
  WebhookCreate,
  WebhookCreated,
  WebhookDeliveriesResponse,
  WebhookDelivery,
  WebhookEvent,
  WebhooksResponse,
  WebhookUpdate,
} from './webhooks/webhook.ts'
