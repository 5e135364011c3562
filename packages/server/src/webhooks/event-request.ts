// What a receiver gets: the same bytes at every attempt, and their signature.
import { createHmac } from 'node:crypto'
import type { ClaimedDelivery } from '../store/webhook-store.ts'

export interface EventRequest {
  body: string
  headers: Record<string, string>
}

export function eventRequest(delivery: ClaimedDelivery): EventRequest {
  const body = JSON.stringify({
    content: delivery.content,
    eventType: delivery.eventType,
    enqueuedDateTime: delivery.enqueuedAt.toISOString(),
    iTwinId: delivery.iTwinId,
    messageId: delivery.id,
    webhookId: delivery.webhookId,
  })
  const signature = createHmac('sha256', delivery.secret).update(body).digest('hex')
  return {
    body,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(body)),
      'user-agent': 'Alidade-Webhooks',
      signature: `sha256=${signature}`,
    },
  }
}
