// GET /webhooks and GET /webhooks/{webhookId}
import { getWebhook, listWebhooks } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import { registerOperation } from '../operation-route.ts'
import type { WebhooksDependencies } from './routes.ts'
import { webhookNotFound } from './webhook-faults.ts'
import { toWebhook } from './webhook-to-wire.ts'

export function getWebhookRoutes(app: FastifyInstance, { webhooks }: WebhooksDependencies): void {
  registerOperation(app, listWebhooks, async ({ caller }) => {
    const records = await webhooks.list(caller.org)
    return { status: 200, body: { webhooks: records.map(toWebhook) } }
  })
  registerOperation(app, getWebhook, async ({ caller, params }) => {
    const record = await webhooks.get(caller.org, params.webhookId)
    if (record === undefined) throw webhookNotFound()
    return { status: 200, body: toWebhook(record) }
  })
}
