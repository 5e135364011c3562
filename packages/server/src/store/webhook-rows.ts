// WebhookStore over the tables of webhooks and deliveries. Every statement names the tenant.
import { randomUUID } from 'node:crypto'
import type { Database, Sql } from './database.ts'
import { isGuid } from './job-table.ts'
import { webhookChannel } from './webhook-outbox.ts'
import type { DeliveryAttempt, DeliveryRecord, WebhookRecord, WebhookStore } from './webhook-store.ts'

export interface WebhookRowsOptions {
  database: Database
  now: () => Date
  newId?: () => string
}

export function openWebhookRows({ database, now, newId = randomUUID }: WebhookRowsOptions): WebhookStore {
  async function one(sql: Sql, text: string, values: unknown[]): Promise<WebhookRecord | undefined> {
    const { rows } = await sql.query<Row>(text, values)
    return rows[0] && toRecord(rows[0])
  }

  async function get(org: string, id: string): Promise<WebhookRecord | undefined> {
    if (!isGuid(id)) return undefined
    return one(database, 'select * from webhook where org = $1 and id = $2', [org, id])
  }

  return {
    create: ({ org, userId }, iTwinId, { callbackUrl, secret, eventTypes }, limit) =>
      database.tx(async (sql) => {
        // Of several that come at once each counts those before it.
        await sql.query('select pg_advisory_xact_lock(hashtextextended($1, 8787))', [org])
        return one(
          sql,
          `insert into webhook (id, org, owner_id, itwin_id, callback_url, secret, event_types, created_at, modified_at)
           select $1, $2, $3, $4, $5, $6, $7, $8, $8
           where (select count(*) from webhook where org = $2) < $9 returning *`,
          [
            newId(),
            org,
            userId,
            iTwinId ?? null,
            callbackUrl,
            secret,
            JSON.stringify(eventTypes),
            now(),
            limit,
          ],
        )
      }),

    get,

    list: async (org) => {
      const { rows } = await database.query<Row>(
        'select * from webhook where org = $1 order by created_at, id',
        [org],
      )
      return rows.map(toRecord)
    },

    update: async (org, id, { active, callbackUrl, secret, eventTypes }) => {
      if (!isGuid(id)) return undefined
      const updated = await one(
        database,
        `update webhook set active = coalesce($3, active), callback_url = coalesce($4, callback_url),
           secret = coalesce($5, secret), event_types = coalesce($6, event_types), modified_at = $7
         where org = $1 and id = $2 returning *`,
        [
          org,
          id,
          active ?? null,
          callbackUrl ?? null,
          secret ?? null,
          eventTypes ? JSON.stringify(eventTypes) : null,
          now(),
        ],
      )
      // Something may have waited for it.
      if (updated?.active) await database.query('select pg_notify($1, $2)', [webhookChannel, ''])
      return updated
    },

    delete: async (org, id) => {
      if (!isGuid(id)) return false
      const text = 'delete from webhook where org = $1 and id = $2 returning id'
      return (await database.query(text, [org, id])).rowCount > 0
    },

    deliveries: async (org, id, top) => {
      if ((await get(org, id)) === undefined) return undefined
      const { rows } = await database.query<DeliveryRow>(
        `select webhook_delivery.* from webhook_delivery join webhook on webhook.id = webhook_id
         where org = $1 and webhook_id = $2 order by enqueued_at desc, webhook_delivery.id limit $3`,
        [org, id, top],
      )
      return rows.map(toDelivery)
    },

    enqueue: async (org, id, eventType) => {
      if (!isGuid(id)) return undefined
      return database.tx(async (sql) => {
        // Of several that come at once each sees what those before it made. Jobs may end meanwhile.
        const { rowCount } = await sql.query(
          'select from webhook where org = $1 and id = $2 for no key update',
          [org, id],
        )
        if (rowCount === 0) return undefined
        const { rows } = await sql.query<{ id: string }>(
          `select id from webhook_delivery where webhook_id = $1 and state = 'pending' and event_type = $2 limit 1`,
          [id, eventType],
        )
        if (rows[0] !== undefined) return rows[0].id
        const messageId = newId()
        await sql.query(
          `insert into webhook_delivery (id, webhook_id, event_type, itwin_id, content, enqueued_at, next_attempt_at)
           select $1, id, $3, itwin_id, '{}', $4, $4 from webhook where id = $2`,
          [messageId, id, eventType, now()],
        )
        await sql.query('select pg_notify($1, $2)', [webhookChannel, ''])
        return messageId
      })
    },
  }
}

/** Rows as both databases return them: timestamps as Date, jsonb parsed, SQL null as null. */
interface Row {
  id: string
  org: string
  itwin_id: string | null
  callback_url: string
  event_types: WebhookRecord['eventTypes']
  active: boolean
  created_at: Date
  modified_at: Date
}
interface DeliveryRow {
  id: string
  event_type: string
  content: Record<string, unknown>
  state: DeliveryRecord['state']
  enqueued_at: Date
  next_attempt_at: Date
  attempts: DeliveryAttempt[]
}

function toRecord(row: Row): WebhookRecord {
  return {
    id: row.id,
    org: row.org,
    iTwinId: row.itwin_id ?? undefined,
    callbackUrl: row.callback_url,
    eventTypes: row.event_types,
    active: row.active,
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
  }
}

function toDelivery(row: DeliveryRow): DeliveryRecord {
  return {
    id: row.id,
    eventType: row.event_type,
    content: row.content,
    state: row.state,
    enqueuedAt: row.enqueued_at,
    nextAttemptAt: row.next_attempt_at,
    attempts: row.attempts,
  }
}
