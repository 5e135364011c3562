// Sends what waits in the outbox. Every process with an API has one; a delivery is claimed by one of them at a time.
import { performance } from 'node:perf_hooks'
import type { Logger } from 'pino'
import type { ClaimedDelivery, DeliveryAttempt, WebhookOutbox } from '../store/webhook-store.ts'
import { eventRequest } from './event-request.ts'
import { nextAttemptAt, retryWindowMs } from './retry-schedule.ts'
import { type SendOptions, sendEvent } from './send-event.ts'

export interface DelivererOptions extends SendOptions {
  outbox: WebhookOutbox
  log: Logger
  now: () => Date
  /** Attempts under way at a time in this process. */
  slots?: number
  /** How often to look for what is due, in milliseconds. */
  pollMs?: number
  /** How long attempts under way may take to end when the service stops. */
  graceMs?: number
}

export interface Deliverer {
  /** Claims nothing more, lets attempts under way end, cuts off those that take too long and gives them back. */
  stop(): Promise<void>
}

const sweepMs = 3600_000
/** How long the record of a delivery is kept. */
const recordMs = 30 * 24 * 3600_000

export async function startDeliverer(options: DelivererOptions): Promise<Deliverer> {
  const { outbox, log, now, slots = 16, pollMs = 1000, graceMs = 3000 } = options
  await outbox.recover()
  const stopping = new AbortController()
  const cutOff = new AbortController()
  const underWay = new Set<Promise<void>>()
  let looking: Promise<void> | undefined
  let wanted = false

  /** Fills the free slots. Called again while it runs, it starts over when done. */
  function look(): void {
    if (looking !== undefined) {
      wanted = true
      return
    }
    looking = claimAll()
      .catch((error: unknown) => log.error({ err: error }, 'could not claim a delivery'))
      .finally(() => {
        looking = undefined
        if (wanted) {
          wanted = false
          look()
        }
      })
  }

  async function claimAll(): Promise<void> {
    while (underWay.size < slots && !stopping.signal.aborted) {
      const claimed = await outbox.claim()
      if (claimed === undefined) return
      const done = deliver(options, claimed, cutOff.signal)
        .catch((error: unknown) => log.error({ err: error, messageId: claimed.id }, 'a delivery went wrong'))
        .finally(() => {
          underWay.delete(done)
          look()
        })
      underWay.add(done)
    }
  }

  const sweep = () => {
    const [waitingSince, endedBefore] = [retryWindowMs, recordMs].map((ms) => new Date(now().getTime() - ms))
    outbox
      .sweep(waitingSince!, endedBefore!)
      .catch((error: unknown) => log.error({ err: error }, 'could not sweep deliveries'))
  }

  const unsubscribe = await outbox.onEvent(look)
  const timers = [setInterval(look, pollMs), setInterval(sweep, sweepMs)]
  look()

  return {
    stop: async () => {
      stopping.abort()
      for (const timer of timers) clearInterval(timer)
      await unsubscribe()
      await looking
      const grace = setTimeout(() => cutOff.abort(new Error('the service stops')), graceMs)
      await Promise.all(underWay)
      clearTimeout(grace)
    },
  }
}

async function deliver(
  { outbox, log, now, ...options }: DelivererOptions,
  claimed: ClaimedDelivery,
  cutOff: AbortSignal,
): Promise<void> {
  const facts = { messageId: claimed.id, webhookId: claimed.webhookId, attempt: claimed.attempt }
  const at = now().toISOString()
  const begun = performance.now()
  let result: Awaited<ReturnType<typeof sendEvent>>
  try {
    result = await sendEvent(claimed.callbackUrl, eventRequest(claimed), options, cutOff)
  } catch (error) {
    // Whether the receiver got it nobody knows: it is sent again, under the same id.
    await outbox.giveBack(claimed)
    log.info({ ...facts, err: error }, 'a delivery was cut off')
    return
  }
  const made: DeliveryAttempt = { at, milliseconds: Math.round(performance.now() - begun), ...result }
  if (result.fault === undefined) {
    await outbox.delivered(claimed, made)
    log.info({ ...facts, status: made.status }, 'event delivered')
    return
  }
  const next = nextAttemptAt(claimed.attempt, now(), claimed.enqueuedAt)
  await outbox.failed(claimed, made, next)
  const { status, fault } = made
  log.warn({ ...facts, status, fault, next }, next ? 'event not delivered yet' : 'event given up')
}
