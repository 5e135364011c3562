// PATCH /webhooks/{webhookId}
import { updateWebhook } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import { registerOperation } from '../operation-route.ts'
import type { WebhooksDependencies } from './routes.ts'
import { checkCallbackUrl, faultMessage, webhookNotFound } from './webhook-faults.ts'
import { toWebhook } from './webhook-to-wire.ts'

export function updateWebhookRoute(
  app: FastifyInstance,
  { webhooks, targetRules }: WebhooksDependencies,
): void {
  registerOperation(
    app,
    updateWebhook,
    async ({ caller, params, body }) => {
      const { callbackUrl, active, secret, eventTypes } = body
      // Nobody has us look up names for a webhook that is not there.
      if ((await webhooks.get(caller.org, params.webhookId)) === undefined) throw webhookNotFound()
      if (callbackUrl !== undefined) await checkCallbackUrl(callbackUrl, targetRules)
      const record = await webhooks.update(caller.org, params.webhookId, {
        ...(active !== undefined && { active }),
        ...(secret !== undefined && { secret }),
        ...(eventTypes !== undefined && { eventTypes: [...new Set(eventTypes)] }),
        ...(callbackUrl !== undefined && { callbackUrl }),
      })
      if (record === undefined) throw webhookNotFound()
      return { status: 200, body: toWebhook(record) }
    },
    faultMessage,
  )
}
