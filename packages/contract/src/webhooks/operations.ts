// Create, list, get, update and delete webhooks; what was sent to one, and a test of it.
import { Type } from 'typebox'
import {
  commonHeaders,
  errorResponse,
  publishedError,
  tooManyResponse,
  unauthorizedResponse,
} from '../common.ts'
import type { ErrorDetail } from '../errors.ts'
import { defineOperation, type EventDeclaration } from '../operation.ts'
import {
  type EventType,
  Webhook,
  WebhookCreate,
  WebhookCreated,
  WebhookDeliveriesResponse,
  WebhookEvent,
  type WebhookDelivery,
  WebhooksResponse,
  WebhookUpdate,
} from './webhook.ts'

const read = ['itwin-platform', 'webhooks:read'] as const
const modify = ['itwin-platform', 'webhooks:modify'] as const

const acceptHeader = Type.Object({
  accept: Type.Optional(
    Type.String({ description: 'Recommended: `application/vnd.bentley.itwin-platform.v2+json`.' }),
  ),
})
const webhookIdParams = Type.Object({
  webhookId: Type.String({ description: 'The webhook id; what is no GUID names none.' }),
})

/** Message of every 422; what exactly is wrong stands in the details. */
export const invalidWebhookMessage = 'Invalid webhook request.'
/** Webhooks of one tenant. */
export const maxWebhooks = 50

const webhookNotFound = errorResponse('No such webhook for this caller.', {
  'no such webhook': publishedError('WebhookNotFound'),
})

function invalidWebhook(description: string, examples: Record<string, ErrorDetail>) {
  return errorResponse(
    description,
    Object.fromEntries(
      Object.entries(examples).map(([name, detail]) => [
        name,
        {
          code: 'InvalidWebhookRequest' as const,
          message: invalidWebhookMessage,
          ...(detail.target === undefined ? {} : { target: detail.target }),
          details: [detail],
        },
      ]),
    ),
  )
}

/** The same whether the host has no address or one that is refused: names of an inner network stay unknown. */
export const hostRefusedMessage =
  "Property 'callbackUrl' must name a host all of whose addresses are public, or in a network that the operator allows."
const privateHost: ErrorDetail = {
  code: 'InvalidValue',
  message: hostRefusedMessage,
  target: 'callbackUrl',
}

const exampleWebhook: Webhook = {
  id: 'e6989b43-53ab-45e2-a610-560c6f7e879e',
  scope: 'iTwin',
  scopeId: 'fb06eb47-4f3d-4a7d-9a1c-3f4f9e2d8a01',
  active: false,
  callbackUrl: 'https://hooks.example.org/alidade',
  eventTypes: ['realityAnalysis.jobCompleted.v1'],
  created: '2026-04-02T08:00:00.000Z',
  modified: '2026-04-02T08:00:00.000Z',
}
const exampleSecret = 'fTqv6b2kP0mXq1yVYd3Zr8sLw5Jc7HnA'

export const createWebhook = defineOperation({
  id: 'create-webhook',
  method: 'POST',
  path: '/webhooks',
  tag: 'Webhooks',
  summary: 'Create webhook',
  remarks:
    'Not active at first: PATCH `active` to true once the receiver knows the secret, which is shown here and never again. ' +
    `At most ${maxWebhooks} for a tenant.`,
  scopes: modify,
  headers: acceptHeader,
  body: WebhookCreate,
  bodyExamples: {
    'one iTwin': {
      callbackUrl: exampleWebhook.callbackUrl,
      scope: 'iTwin',
      scopeId: exampleWebhook.scopeId,
      eventTypes: exampleWebhook.eventTypes,
    },
    'the whole tenant, with a secret of its own': {
      callbackUrl: exampleWebhook.callbackUrl,
      scope: 'Account',
      secret: exampleSecret,
      eventTypes: exampleWebhook.eventTypes,
    },
  },
  responses: {
    201: {
      description: 'The webhook with its secret.',
      schema: WebhookCreated,
      headers: commonHeaders,
      examples: { created: { ...exampleWebhook, secret: exampleSecret } },
    },
    401: unauthorizedResponse,
    422: invalidWebhook('A property is missing or malformed, or the host is none that is sent to.', {
      'private address': privateHost,
      'no https': {
        code: 'InvalidValue',
        message:
          "Property 'callbackUrl' must be an https URL; http only where the operator allows the network.",
        target: 'callbackUrl',
      },
      'no scopeId': {
        code: 'MissingRequiredProperty',
        message: "Property 'scopeId' is required with scope 'iTwin'.",
        target: 'scopeId',
      },
      'unknown iTwin': {
        code: 'InvalidValue',
        message: "iTwin '0c3a8f5e-0a53-4f0f-8f5a-6f5f2b2d9a11' does not exist.",
        target: 'scopeId',
      },
    }),
    429: tooManyResponse('RateLimitExceeded'),
  },
})

export const listWebhooks = defineOperation({
  id: 'get-webhooks',
  method: 'GET',
  path: '/webhooks',
  tag: 'Webhooks',
  summary: 'Get webhooks',
  remarks: 'All of the tenant, in the order of their creation.',
  scopes: read,
  headers: acceptHeader,
  responses: {
    200: {
      description: 'The webhooks, without their secrets.',
      schema: WebhooksResponse,
      headers: commonHeaders,
      examples: { one: { webhooks: [exampleWebhook] } },
    },
    401: unauthorizedResponse,
    429: tooManyResponse('RateLimitExceeded'),
  },
})

export const getWebhook = defineOperation({
  id: 'get-webhook',
  method: 'GET',
  path: '/webhooks/:webhookId',
  tag: 'Webhooks',
  summary: 'Get webhook',
  remarks: 'The secret is not part of it.',
  scopes: read,
  headers: acceptHeader,
  params: webhookIdParams,
  responses: {
    200: {
      description: 'The webhook.',
      schema: Webhook,
      headers: commonHeaders,
      examples: { active: { ...exampleWebhook, active: true } },
    },
    401: unauthorizedResponse,
    404: webhookNotFound,
    429: tooManyResponse('RateLimitExceeded'),
  },
})

export const updateWebhook = defineOperation({
  id: 'update-webhook',
  method: 'PATCH',
  path: '/webhooks/:webhookId',
  tag: 'Webhooks',
  summary: 'Update webhook',
  remarks:
    'Sets what is given and keeps the rest. While a webhook is not active nothing is sent to it, and what happens meanwhile ' +
    'is not kept for it; what waited for another try waits on, up to a day after the event.',
  scopes: modify,
  headers: acceptHeader,
  params: webhookIdParams,
  body: WebhookUpdate,
  bodyExamples: { activate: { active: true }, 'another secret': { secret: exampleSecret } },
  responses: {
    200: {
      description: 'The webhook after the change.',
      schema: Webhook,
      headers: commonHeaders,
      examples: { activated: { ...exampleWebhook, active: true } },
    },
    401: unauthorizedResponse,
    404: webhookNotFound,
    422: invalidWebhook('A property is malformed, or the host is none that is sent to.', {
      'private address': privateHost,
    }),
    429: tooManyResponse('RateLimitExceeded'),
  },
})

export const deleteWebhook = defineOperation({
  id: 'delete-webhook',
  method: 'DELETE',
  path: '/webhooks/:webhookId',
  tag: 'Webhooks',
  summary: 'Delete webhook',
  remarks: 'What it was to be sent, and the record of what it was sent, go with it.',
  scopes: modify,
  headers: acceptHeader,
  params: webhookIdParams,
  responses: {
    204: { description: 'The webhook is gone.', headers: commonHeaders },
    401: unauthorizedResponse,
    404: webhookNotFound,
    429: tooManyResponse('RateLimitExceeded'),
  },
})

const delivered: WebhookDelivery = {
  messageId: '7d0c0f0e-2a52-4d4c-8b58-0f1f1c7c1f55',
  eventType: 'realityAnalysis.jobCompleted.v1',
  content: { jobId: 'cc3d35cc-416a-4262-9714-b359da70b419', state: 'success' },
  state: 'delivered',
  enqueuedDateTime: '2026-04-02T08:10:00.000Z',
  attempts: [
    { dateTime: '2026-04-02T08:10:00.020Z', milliseconds: 31, status: 503, fault: 'StatusRefused' },
    { dateTime: '2026-04-02T08:10:02.040Z', milliseconds: 44, status: 200 },
  ],
}

export const listWebhookDeliveries = defineOperation({
  id: 'get-webhook-deliveries',
  method: 'GET',
  path: '/alidade/webhooks/:webhookId/deliveries',
  tag: 'Deliveries',
  summary: 'Get the deliveries of a webhook',
  remarks:
    'The newest first; kept for 30 days after the event. Of an answer only the status is kept. No part of the published API.',
  scopes: read,
  headers: acceptHeader,
  params: webhookIdParams,
  query: Type.Object({
    $top: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1000, description: 'How many; 100 unless it says otherwise.' }),
    ),
  }),
  responses: {
    200: {
      description: 'What was and will be sent.',
      schema: WebhookDeliveriesResponse,
      headers: commonHeaders,
      examples: { 'delivered at the second try': { deliveries: [delivered] } },
    },
    401: unauthorizedResponse,
    404: webhookNotFound,
    422: invalidWebhook('A parameter cannot be understood.', {
      'page size': {
        code: 'InvalidParameter',
        message: "Parameter '$top' must be at most 1000, got 5000.",
        target: '$top',
      },
    }),
    429: tooManyResponse('RateLimitExceeded'),
  },
})

export const testWebhook = defineOperation({
  id: 'test-webhook',
  method: 'POST',
  path: '/alidade/webhooks/:webhookId/test',
  tag: 'Deliveries',
  summary: 'Send a test event',
  remarks:
    'Puts an event of type `alidade.test.v1`, with an empty content, on its way: signed, retried and recorded as any other. ' +
    'To an inactive webhook it is sent once that is active. While one waits, no second one is made. No part of the published API.',
  scopes: modify,
  headers: acceptHeader,
  params: webhookIdParams,
  responses: {
    202: {
      description: 'The event waits to be sent; see the deliveries.',
      schema: Type.Object(
        { messageId: Type.String() },
        { additionalProperties: false, title: 'WebhookTestResponse' },
      ),
      headers: commonHeaders,
      examples: { waiting: { messageId: delivered.messageId } },
    },
    401: unauthorizedResponse,
    404: webhookNotFound,
    429: tooManyResponse('RateLimitExceeded'),
  },
})

/** What active webhooks are sent, by event type. */
export const webhookEvents: Record<EventType, EventDeclaration> = {
  'realityAnalysis.jobCompleted.v1': {
    summary: 'A job has ended',
    remarks:
      'Whether it succeeded, failed or was cancelled. Sent at least once; until it is answered by 2xx within 5 s it is ' +
      'sent again, with ever longer pauses, for a day.',
    headers: {
      Signature: {
        description: '`sha256=` and the HMAC-SHA256 of the body under the secret, in hexadecimal.',
        schema: Type.String(),
        example: 'sha256=a24a2e58912f4708f21eb043def1b1bcc0684b81a2e3feebe04ca558ff9830ce',
      },
    },
    schema: WebhookEvent,
    example: {
      content: delivered.content,
      eventType: delivered.eventType,
      enqueuedDateTime: delivered.enqueuedDateTime,
      iTwinId: exampleWebhook.scopeId,
      messageId: delivered.messageId,
      webhookId: exampleWebhook.id,
    },
  },
}
