// GET /alidade/webhooks/{webhookId}/deliveries, and POST .../test, which makes one.
import { listWebhookDeliveries, testEventType, testWebhook } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import { registerOperation } from '../operation-route.ts'
import type { WebhooksDependencies } from './routes.ts'
import { faultMessage, webhookNotFound } from './webhook-faults.ts'
import { toDelivery } from './webhook-to-wire.ts'

const defaultTop = 100

export function deliveriesRoutes(app: FastifyInstance, { webhooks }: WebhooksDependencies): void {
  registerOperation(
    app,
    listWebhookDeliveries,
    async ({ caller, params, query }) => {
      const found = await webhooks.deliveries(caller.org, params.webhookId, query.$top ?? defaultTop)
      if (found === undefined) throw webhookNotFound()
      return { status: 200, body: { deliveries: found.map(toDelivery) } }
    },
    faultMessage,
  )
  registerOperation(app, testWebhook, async ({ caller, params }) => {
    const messageId = await webhooks.enqueue(caller.org, params.webhookId, testEventType)
    if (messageId === undefined) throw webhookNotFound()
    return { status: 202, body: { messageId } }
  })
}
