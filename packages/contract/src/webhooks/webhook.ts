// Webhooks, the events that they are sent, and the record of what was sent, as they go over the wire.
import { type Static, Type } from 'typebox'
import { DateTime, Guid } from '../common.ts'

const closed = { additionalProperties: false } as const

export const eventTypes = ['realityAnalysis.jobCompleted.v1'] as const
export type EventType = (typeof eventTypes)[number]

/** What `POST .../test` sends; nobody subscribes to it. */
export const testEventType = 'alidade.test.v1'

/** Longest callback URL, in characters. */
export const maxCallbackUrlLength = 2048

const callbackUrl = Type.String({
  minLength: 1,
  maxLength: maxCallbackUrlLength,
  description:
    'Where events are posted to. `https`, without user and password; its host resolves to public addresses. Others, and ' +
    '`http`, only where the operator allows their network.',
  examples: ['https://hooks.example.org/alidade'],
})
const scope = Type.Enum(['Account', 'iTwin'], {
  description: '`Account`: every job of the tenant; `iTwin`: those of one iTwin.',
})
const secret = Type.String({
  minLength: 32,
  maxLength: 256,
  pattern: '^[\\x21-\\x7e]*$',
  description: 'Signs what is sent. Made by the service where none is given, and shown at creation only.',
})
const types = Type.Array(Type.Enum([...eventTypes]), {
  minItems: 1,
  maxItems: 16,
  description: 'Which events to send.',
})

const shown = {
  id: Guid,
  scope,
  scopeId: Type.String({ description: 'The iTwin; of an `Account` webhook the tenant.' }),
  active: Type.Boolean({ description: 'False at creation; only an active webhook is sent anything.' }),
  callbackUrl,
  eventTypes: types,
  created: DateTime,
  modified: DateTime,
}

export const Webhook = Type.Object(shown, { ...closed, title: 'Webhook' })
export type Webhook = Static<typeof Webhook>

export const WebhookCreated = Type.Object({ ...shown, secret }, { ...closed, title: 'WebhookCreated' })
export type WebhookCreated = Static<typeof WebhookCreated>

export const WebhooksResponse = Type.Object(
  { webhooks: Type.Array(Webhook) },
  { ...closed, title: 'WebhooksResponse' },
)

/** Members sent as null are taken as absent before this is checked. */
export const WebhookCreate = Type.Object(
  {
    callbackUrl,
    scope,
    scopeId: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description: 'The iTwin, required with scope `iTwin`. With `Account` absent, or the own tenant.',
      }),
    ),
    secret: Type.Optional(secret),
    eventTypes: types,
  },
  { title: 'WebhookCreate' },
)
export type WebhookCreate = Static<typeof WebhookCreate>

export const WebhookUpdate = Type.Object(
  {
    active: Type.Optional(Type.Boolean()),
    callbackUrl: Type.Optional(callbackUrl),
    secret: Type.Optional(secret),
    eventTypes: Type.Optional(types),
  },
  { title: 'WebhookUpdate' },
)
export type WebhookUpdate = Static<typeof WebhookUpdate>

/** The body of every request that a webhook is sent. */
export const WebhookEvent = Type.Object(
  {
    content: Type.Object(
      {
        jobId: Guid,
        state: Type.Enum(['success', 'failed', 'cancelled'], { description: 'How the job ended.' }),
      },
      closed,
    ),
    eventType: Type.Enum([...eventTypes]),
    enqueuedDateTime: Type.String({ ...DateTime, description: 'When the job ended.' }),
    iTwinId: Guid,
    messageId: Type.String({
      ...Guid,
      description: 'The same however often the event is sent; a receiver keeps it to do nothing twice.',
    }),
    webhookId: Guid,
  },
  { ...closed, title: 'WebhookEvent' },
)
export type WebhookEvent = Static<typeof WebhookEvent>

/** Why an attempt did not deliver. */
export const deliveryFaults = {
  AddressRefused: 'The host has an address that nothing is sent to.',
  NameNotResolved: 'The host has no address.',
  ConnectionFailed: 'No connection, or it was lost before the answer.',
  CertificateRefused: 'The certificate of the host is not good for its name.',
  TimedOut: 'No answer in time.',
  StatusRefused: 'An answer other than 2xx; redirects are not followed.',
} as const
export type DeliveryFault = keyof typeof deliveryFaults

const DeliveryAttempt = Type.Object(
  {
    dateTime: DateTime,
    milliseconds: Type.Integer({ minimum: 0, description: 'How long it took.' }),
    status: Type.Optional(Type.Integer({ description: 'HTTP status of the answer, where there was one.' })),
    fault: Type.Optional(
      Type.Enum(Object.keys(deliveryFaults) as [DeliveryFault], {
        description: 'Absent where the event was delivered.',
      }),
    ),
  },
  { ...closed, title: 'DeliveryAttempt' },
)

export const WebhookDelivery = Type.Object(
  {
    messageId: Guid,
    eventType: Type.String({ description: `An event type, or \`${testEventType}\`.` }),
    content: Type.Object({}, { additionalProperties: true, description: 'As in the event.' }),
    state: Type.Enum(['pending', 'delivered', 'failed'], {
      description: '`failed`: given up a day after the event.',
    }),
    enqueuedDateTime: DateTime,
    nextAttemptDateTime: Type.Optional(
      Type.String({ ...DateTime, description: 'While pending: not before.' }),
    ),
    attempts: Type.Array(DeliveryAttempt, { description: 'Those that ended, in their order.' }),
  },
  { ...closed, title: 'WebhookDelivery' },
)
export type WebhookDelivery = Static<typeof WebhookDelivery>

export const WebhookDeliveriesResponse = Type.Object(
  { deliveries: Type.Array(WebhookDelivery) },
  { ...closed, title: 'WebhookDeliveriesResponse' },
)
