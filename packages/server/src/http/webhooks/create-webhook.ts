// POST /webhooks
import { randomBytes } from 'node:crypto'
import { createWebhook, maxWebhooks, type WebhookCreate } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import { registerOperation } from '../operation-route.ts'
import type { WebhooksDependencies } from './routes.ts'
import { checkCallbackUrl, faultMessage, webhookFaults } from './webhook-faults.ts'
import { toWebhook } from './webhook-to-wire.ts'

export function createWebhookRoute(
  app: FastifyInstance,
  { webhooks, realityData, targetRules }: WebhooksDependencies,
): void {
  registerOperation(
    app,
    createWebhook,
    async ({ caller, body }) => {
      const { callbackUrl } = body
      await checkCallbackUrl(callbackUrl, targetRules)
      const iTwinId = iTwinOf(body, caller.org)
      if (iTwinId !== undefined && !(await realityData.claimITwin(caller.org, iTwinId))) {
        throw webhookFaults({
          code: 'InvalidValue',
          message: `iTwin '${iTwinId}' does not exist.`,
          target: 'scopeId',
        })
      }
      const secret = body.secret ?? randomBytes(24).toString('base64url')
      const eventTypes = [...new Set(body.eventTypes)]
      const record = await webhooks.create(caller, iTwinId, { callbackUrl, secret, eventTypes }, maxWebhooks)
      if (record === undefined) {
        const message = `The tenant has ${maxWebhooks} webhooks, which is as many as it may have.`
        throw webhookFaults({ code: 'InvalidChange', message })
      }
      return { status: 201, body: { ...toWebhook(record), secret } }
    },
    faultMessage,
  )
}

/** The iTwin whose jobs it is about; undefined: all of the tenant. */
function iTwinOf({ scope, scopeId }: WebhookCreate, org: string): string | undefined {
  if (scope === 'iTwin') {
    if (scopeId !== undefined) return scopeId
    const message = "Property 'scopeId' is required with scope 'iTwin'."
    throw webhookFaults({ code: 'MissingRequiredProperty', message, target: 'scopeId' })
  }
  if (scopeId !== undefined && scopeId !== org) {
    const message = "Property 'scopeId' must be absent, or the own tenant, with scope 'Account'."
    throw webhookFaults({ code: 'InvalidValue', message, target: 'scopeId' })
  }
  return undefined
}
