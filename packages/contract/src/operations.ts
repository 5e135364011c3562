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
import { createJob, deleteJob, getJob, listJobs, patchJob } from './v1/operations.ts'
import { getJobProgress } from './v1/progress.ts'
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
