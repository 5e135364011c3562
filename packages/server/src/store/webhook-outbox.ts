// The deliveries that wait, for whichever process sends them. A trigger of the job table puts them here, in the
// transaction that ends the job.
//
// An attempt is fenced by its number as one on a job is: what is said under another number changes no row. A lease is a
// time in the row, by the clock of the database; when a delivery is due is by the clock of the service.
import type { Database } from './database.ts'
import type {
  ClaimedAttempt,
  ClaimedDelivery,
  DeliveryAttempt,
  DeliveryCensus,
  WebhookOutbox,
} from './webhook-store.ts'

/** Longer than any attempt takes: who does not say by then how it went is gone, in seconds. */
export const deliveryLeaseSeconds = 15

/** Attempts under way at a time for one tenant, over all processes. */
export const deliveriesPerTenant = 4

/** Says that there is something to send. */
export const webhookChannel = 'alidade_webhooks'

const leased = `lease_until > clock_timestamp()`

/** Of each webhook that may be sent to the delivery that is due longest. Costs one look at an index while nothing is due. */
const dueSql = `
  select next.id
  from webhook cross join lateral (
    select id, next_attempt_at from webhook_delivery
    where webhook_id = webhook.id and state = 'pending' and next_attempt_at <= $1
    order by next_attempt_at, id limit 1) as next
  where exists (select from webhook_delivery where state = 'pending' and next_attempt_at <= $1)
    and webhook.active
    and not exists (select from webhook_delivery where webhook_id = webhook.id and ${leased})
    and ${deliveriesPerTenant} > (
      select count(*) from webhook_delivery join webhook as owner on owner.id = webhook_id
      where ${leased} and owner.org = webhook.org)
  order by next.next_attempt_at, next.id limit 8`

const claimSql = `
  update webhook_delivery set attempt = attempt + 1,
    lease_until = clock_timestamp() + make_interval(secs => ${deliveryLeaseSeconds})
  from webhook
  where webhook_delivery.id = $1 and webhook.id = webhook_id and webhook.active
    and state = 'pending' and (lease_until is null or not ${leased})
  returning webhook_delivery.id, webhook_id, attempt, callback_url, secret, event_type, webhook_delivery.itwin_id,
    content, enqueued_at`

export function openWebhookOutbox({ database, now }: { database: Database; now: () => Date }): WebhookOutbox {
  async function end(
    { id, attempt }: ClaimedAttempt,
    set: string,
    made: DeliveryAttempt,
    values: unknown[] = [],
  ): Promise<boolean> {
    const { rowCount } = await database.query(
      `update webhook_delivery set ${set}, lease_until = null, attempts = attempts || $3::jsonb
       where id = $1 and attempt = $2 and state = 'pending' returning id`,
      [id, attempt, JSON.stringify([made]), ...values],
    )
    return rowCount > 0
  }

  return {
    claim: async () => {
      // Several, since another process may take the first of them meanwhile.
      const { rows } = await database.query<{ id: string }>(dueSql, [now()])
      for (const { id } of rows) {
        const taken = await database.query<ClaimedRow>(claimSql, [id])
        if (taken.rows[0] !== undefined) return toClaimed(taken.rows[0])
      }
      return undefined
    },

    delivered: (claimed, attempt) => end(claimed, `state = 'delivered'`, attempt),

    failed: (claimed, attempt, next) =>
      next === undefined
        ? end(claimed, `state = 'failed'`, attempt)
        : end(claimed, 'next_attempt_at = $4', attempt, [next]),

    giveBack: async ({ id, attempt }) => {
      const { rowCount } = await database.query(
        `update webhook_delivery set lease_until = null
         where id = $1 and attempt = $2 and state = 'pending' returning id`,
        [id, attempt],
      )
      if (rowCount > 0) await database.query('select pg_notify($1, $2)', [webhookChannel, ''])
      return rowCount > 0
    },

    recover: async () => {
      if (database.kind === 'pglite') {
        await database.query('update webhook_delivery set lease_until = null where lease_until is not null')
      }
    },

    sweep: async (waitingSince, endedBefore) => {
      await database.query(
        `update webhook_delivery set state = 'failed', lease_until = null from webhook
         where webhook.id = webhook_id and not webhook.active and state = 'pending' and enqueued_at < $1`,
        [waitingSince],
      )
      await database.query(`delete from webhook_delivery where state <> 'pending' and enqueued_at < $1`, [
        endedBefore,
      ])
    },

    onEvent: (callback) => database.listen(webhookChannel, callback),
  }
}

export async function countDeliveries(database: Database): Promise<DeliveryCensus> {
  const { rows } = await database.query<{ state: keyof DeliveryCensus; deliveries: number }>(
    'select state, count(*)::float8 as deliveries from webhook_delivery group by state',
  )
  const census = { pending: 0, delivered: 0, failed: 0 }
  for (const { state, deliveries } of rows) census[state] = deliveries
  return census
}

interface ClaimedRow {
  id: string
  webhook_id: string
  attempt: number
  callback_url: string
  secret: string
  event_type: string
  itwin_id: string | null
  content: Record<string, unknown>
  enqueued_at: Date
}

function toClaimed(row: ClaimedRow): ClaimedDelivery {
  return {
    id: row.id,
    webhookId: row.webhook_id,
    attempt: row.attempt,
    callbackUrl: row.callback_url,
    secret: row.secret,
    eventType: row.event_type,
    iTwinId: row.itwin_id ?? undefined,
    content: row.content,
    enqueuedAt: row.enqueued_at,
  }
}
