// Webhooks and deliveries as clients see them. What is not known is left out.
import type { Webhook, WebhookDelivery } from '@alidade/contract'
import type { DeliveryRecord, WebhookRecord } from '../../store/webhook-store.ts'

export function toWebhook(record: WebhookRecord): Webhook {
  return {
    id: record.id,
    ...(record.iTwinId === undefined
      ? { scope: 'Account', scopeId: record.org }
      : { scope: 'iTwin', scopeId: record.iTwinId }),
    active: record.active,
    callbackUrl: record.callbackUrl,
    eventTypes: record.eventTypes,
    created: record.createdAt.toISOString(),
    modified: record.modifiedAt.toISOString(),
  }
}

export function toDelivery(record: DeliveryRecord): WebhookDelivery {
  const { state, nextAttemptAt } = record
  return {
    messageId: record.id,
    eventType: record.eventType,
    content: record.content,
    state,
    enqueuedDateTime: record.enqueuedAt.toISOString(),
    ...(state === 'pending' && { nextAttemptDateTime: nextAttemptAt.toISOString() }),
    attempts: record.attempts.map(({ at, ...attempt }) => ({ dateTime: at, ...attempt })),
  }
}
