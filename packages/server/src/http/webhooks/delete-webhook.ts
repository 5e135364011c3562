// DELETE /webhooks/{webhookId}
import { deleteWebhook } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import { registerOperation } from '../operation-route.ts'
import type { WebhooksDependencies } from './routes.ts'
import { webhookNotFound } from './webhook-faults.ts'

export function deleteWebhookRoute(app: FastifyInstance, { webhooks }: WebhooksDependencies): void {
  registerOperation(app, deleteWebhook, async ({ caller, params }) => {
    if (!(await webhooks.delete(caller.org, params.webhookId))) throw webhookNotFound()
    return { status: 204 }
  })
}
