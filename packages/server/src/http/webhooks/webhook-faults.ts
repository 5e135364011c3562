// How the webhooks API says no.
import { type ErrorDetail, invalidWebhookMessage } from '@alidade/contract'
import { callbackTarget, type TargetRules } from '../../webhooks/callback-target.ts'
import { type ApiError, faultError, publishedApiError } from '../api-error.ts'

/** For `registerOperation`: every 422 has the same message, the details say what is wrong. */
export const faultMessage = { faultMessage: invalidWebhookMessage }

export function webhookFaults(...details: ErrorDetail[]): ApiError {
  return faultError('InvalidWebhookRequest', invalidWebhookMessage, details)
}

/** The same for an unknown id, one that is no GUID and one of another tenant. */
export function webhookNotFound(): ApiError {
  return publishedApiError('WebhookNotFound')
}

/** Throws unless events may be sent to the URL. */
export async function checkCallbackUrl(callbackUrl: string, rules: TargetRules): Promise<void> {
  const target = await callbackTarget(callbackUrl, rules)
  if ('fault' in target) {
    throw webhookFaults({ code: 'InvalidValue', message: target.message, target: 'callbackUrl' })
  }
}
