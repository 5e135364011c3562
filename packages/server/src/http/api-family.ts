// What the codes of an answer depend on: the API that a path belongs to.
import type { ErrorCode } from '@alidade/contract'

export interface ApiFamily {
  /** Name in the `ITwinPlatform-RateLimited-API` header. */
  name: string
  /** Code of a request whose parameters or body are at fault. */
  faultCode: ErrorCode
  rateLimitCode: 'TooManyRequests' | 'RateLimitExceeded'
}

const realityDataAnalysis: ApiFamily = {
  name: 'realitydataanalysis',
  faultCode: 'InvalidRealityDataAnalysisRequest',
  rateLimitCode: 'TooManyRequests',
}
const realityAnalysis: ApiFamily = {
  name: 'reality-analysis',
  faultCode: 'InvalidRealityAnalysisRequest',
  rateLimitCode: 'RateLimitExceeded',
}
const realityManagement: ApiFamily = {
  name: 'reality-management',
  faultCode: 'InvalidRealityDataRequest',
  rateLimitCode: 'RateLimitExceeded',
}
const webhooks: ApiFamily = {
  name: 'webhooks',
  faultCode: 'InvalidWebhookRequest',
  rateLimitCode: 'RateLimitExceeded',
}
const ours: ApiFamily = { name: 'alidade', faultCode: 'BadRequest', rateLimitCode: 'RateLimitExceeded' }

/** The family of a path, e.g. `/realitydataanalysis/jobs`; what is no published API is ours. */
export function apiFamily(path: string): ApiFamily {
  const lower = path.toLowerCase()
  if (lower.startsWith('/realitydataanalysis')) return realityDataAnalysis
  // Clients ask for buckets and files at the second path.
  if (lower.startsWith('/reality-analysis') || lower.startsWith('/reality-modeling')) return realityAnalysis
  if (lower.startsWith('/reality-management')) return realityManagement
  if (/^\/(alidade\/)?webhooks/.test(lower)) return webhooks
  // Ours, and about reality data all the same.
  if (lower.startsWith('/alidade/linked-reality-data')) return realityManagement
  return ours
}
