// The operations of each API, in the order in which the documents show them.
import { getReadAccess, getWriteAccess } from './reality-management/access.ts'
import {
  associateRealityData,
  dissociateRealityData,
  getRealityDataITwins,
  moveRealityData,
} from './reality-management/itwins.ts'
import {
  createRealityData,
  deleteRealityData,
  getRealityData,
  listRealityData,
  updateRealityData,
} from './reality-management/records.ts'
import { linkRealityData, listLinkedRealityData } from './reality-management/linked.ts'
import { createJob, deleteJob, getJob, listJobs, patchJob } from './v1/operations.ts'
import { getJobProgress } from './v1/progress.ts'
import { getBucket, listServiceFiles } from './v2/bucket.ts'
import { cancelJobV2, createJobV2, getJobMessages, getJobV2, listJobsV2 } from './v2/operations.ts'
import { getJobProgressV2 } from './v2/progress.ts'
import {
  createWebhook,
  deleteWebhook,
  getWebhook,
  listWebhookDeliveries,
  listWebhooks,
  testWebhook,
  updateWebhook,
} from './webhooks/operations.ts'

export const realityDataAnalysisV1Operations = [
  getJobProgress,
  createJob,
  getJob,
  listJobs,
  patchJob,
  deleteJob,
]

export const realityAnalysisV2Operations = [
  getJobProgressV2,
  createJobV2,
  getJobV2,
  listJobsV2,
  cancelJobV2,
  getJobMessages,
  getBucket,
  listServiceFiles,
]

export const realityManagementOperations = [
  createRealityData,
  getRealityData,
  listRealityData,
  updateRealityData,
  deleteRealityData,
  getReadAccess,
  getWriteAccess,
  getRealityDataITwins,
  associateRealityData,
  dissociateRealityData,
  moveRealityData,
]

export const webhooksOperations = [
  createWebhook,
  getWebhook,
  listWebhooks,
  updateWebhook,
  deleteWebhook,
  listWebhookDeliveries,
  testWebhook,
]

/** Of no published API, for those who run the service. */
export const alidadeOperations = [linkRealityData, listLinkedRealityData]
