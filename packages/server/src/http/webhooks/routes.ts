// The operations under `/webhooks`, and ours beside them: what was sent, and a test.
import type { FastifyInstance } from 'fastify'
import type { RealityDataStore } from '../../store/reality-data-store.ts'
import type { WebhookStore } from '../../store/webhook-store.ts'
import type { TargetRules } from '../../webhooks/callback-target.ts'
import { createWebhookRoute } from './create-webhook.ts'
import { deleteWebhookRoute } from './delete-webhook.ts'
import { deliveriesRoutes } from './deliveries.ts'
import { getWebhookRoutes } from './get-webhook.ts'
import { updateWebhookRoute } from './update-webhook.ts'

export interface WebhooksDependencies {
  webhooks: WebhookStore
  realityData: Pick<RealityDataStore, 'claimITwin'>
  /** Which URLs may be sent to. */
  targetRules: TargetRules
}

/** Registers the operations on an app made by `buildApp`. */
export function webhooksRoutes(app: FastifyInstance, dependencies: WebhooksDependencies): void {
  createWebhookRoute(app, dependencies)
  getWebhookRoutes(app, dependencies)
  updateWebhookRoute(app, dependencies)
  deleteWebhookRoute(app, dependencies)
  deliveriesRoutes(app, dependencies)
}
