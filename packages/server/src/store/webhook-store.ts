// The ports to webhooks, which clients manage, and to the deliveries, which are sent to them.
import type { DeliveryFault, EventType } from '@alidade/contract'
import type { Owner } from './job-record.ts'

export interface WebhookSettings {
  callbackUrl: string
  secret: string
  eventTypes: EventType[]
}

/** As clients see it: whoever may read it learns nothing of the secret. */
export interface WebhookRecord extends Omit<WebhookSettings, 'secret'> {
  id: string
  org: string
  /** Undefined: all of the tenant. */
  iTwinId: string | undefined
  active: boolean
  createdAt: Date
  modifiedAt: Date
}

export interface DeliveryAttempt {
  /** ISO 8601. */
  at: string
  milliseconds: number
  status?: number
  /** Absent: delivered. */
  fault?: DeliveryFault
}

export interface DeliveryRecord {
  /** The messageId. */
  id: string
  eventType: string
  content: Record<string, unknown>
  state: 'pending' | 'delivered' | 'failed'
  enqueuedAt: Date
  nextAttemptAt: Date
  attempts: DeliveryAttempt[]
}

/** The side that the API uses. Undefined always means: no such webhook in this tenant. */
export interface WebhookStore {
  /** Inactive at first. Undefined when the tenant has `limit` already. The iTwin must be claimed. */
  create(
    owner: Pick<Owner, 'org' | 'userId'>,
    iTwinId: string | undefined,
    settings: WebhookSettings,
    limit: number,
  ): Promise<WebhookRecord | undefined>
  get(org: string, id: string): Promise<WebhookRecord | undefined>
  /** In the order of their creation. */
  list(org: string): Promise<WebhookRecord[]>
  update(
    org: string,
    id: string,
    change: Partial<WebhookSettings & { active: boolean }>,
  ): Promise<WebhookRecord | undefined>
  /** Its deliveries go with it. */
  delete(org: string, id: string): Promise<boolean>
  /** Newest first. */
  deliveries(org: string, id: string, top: number): Promise<DeliveryRecord[] | undefined>
  /** An event that no job made, unless one of its type waits already. Returns its id, or that of the one that waits. */
  enqueue(org: string, id: string, eventType: string): Promise<string | undefined>
}

/** What whoever claimed a delivery has to send, and where. */
export interface ClaimedDelivery {
  id: string
  webhookId: string
  /** The number of this attempt: what is said under another one is void. */
  attempt: number
  callbackUrl: string
  secret: string
  eventType: string
  iTwinId: string | undefined
  content: Record<string, unknown>
  enqueuedAt: Date
}

export type ClaimedAttempt = Pick<ClaimedDelivery, 'id' | 'attempt'>

/** The side that deliverers use. `false`: this attempt is not the current one any more. */
export interface WebhookOutbox {
  /**
   * The delivery that is due longest, for as long as a lease is: one at a time of a webhook, a few of a tenant, so that
   * a receiver that does not answer holds nobody else up. Undefined when there is none.
   */
  claim(): Promise<ClaimedDelivery | undefined>
  delivered(claimed: ClaimedAttempt, attempt: DeliveryAttempt): Promise<boolean>
  /** To be tried again, or given up where `next` is undefined. */
  failed(claimed: ClaimedAttempt, attempt: DeliveryAttempt, next: Date | undefined): Promise<boolean>
  /** Ends the lease of an attempt that was cut off: whoever comes first makes the next one. */
  giveBack(claimed: ClaimedAttempt): Promise<boolean>
  /** Called at start: frees what a predecessor had claimed, where there can be no other process that did. */
  recover(): Promise<void>
  /** Gives up what waits for an inactive webhook since before `waitingSince`, and forgets what ended before `endedBefore`. */
  sweep(waitingSince: Date, endedBefore: Date): Promise<void>
  /** Calls back when there is something new to send. */
  onEvent(callback: () => void): Promise<() => Promise<void>>
}

export interface DeliveryCensus {
  pending: number
  delivered: number
  failed: number
}
