// RealityDataStore over the reality_data and itwin tables. Every statement names the tenant, but for
// `resolveContainer` and `resolveBucket`, whose caller has proved by a signature that it may use the container.
import { guidPattern } from '@alidade/contract'
import type { Database } from './database.ts'
import { listStatement } from './reality-data-filter-sql.ts'
import type { RealityDataRecord, RealityDataStore } from './reality-data-store.ts'

/** How old `lastAccessedAt` must be before an access renews it: reading must not write a row each time. */
const accessGranularityMs = 60_000

export interface RealityDataRowsOptions {
  database: Database
  now: () => Date
  newId: () => string
}

export function openRealityDataRows({ database, now, newId }: RealityDataRowsOptions): RealityDataStore {
  async function one(text: string, values: unknown[]): Promise<RealityDataRecord | undefined> {
    const { rows } = await database.query<Row>(text, values)
    return rows[0] && toRecord(rows[0])
  }

  async function get(org: string, id: string): Promise<RealityDataRecord | undefined> {
    if (!isGuid(id)) return undefined
    return one('select * from reality_data where org = $1 and id = $2', [org, id])
  }

  return {
    create: async ({ org, userId }, iTwinId, properties) => {
      const record = await one(
        `insert into reality_data (id, org, owner_id, itwin_id, properties, attempt, created_at, modified_at,
           last_accessed_at) values ($1, $2, $3, $4, $5, 0, $6, $6, $6) returning *`,
        [newId(), org, userId, iTwinId ?? null, JSON.stringify(properties), now()],
      )
      return record!
    },

    get,

    access: async (org, id) => {
      const record = await get(org, id)
      const at = now()
      if (record === undefined || at.getTime() - record.lastAccessedAt.getTime() < accessGranularityMs) {
        return record
      }
      return one('update reality_data set last_accessed_at = $3 where org = $1 and id = $2 returning *', [
        org,
        id,
        at,
      ])
    },

    list: async (query) => {
      if (query.iTwinId !== undefined && !isGuid(query.iTwinId)) return { realityData: [], next: undefined }
      const { text, values } = listStatement(query)
      const { rows } = await database.query<Row & { order_key: string }>(text, values)
      const page = rows.slice(0, query.top)
      const last = rows.length > query.top ? page.at(-1) : undefined
      return { realityData: page.map(toRecord), next: last && { key: last.order_key, id: last.id } }
    },

    update: async (org, id, properties) => {
      if (!isGuid(id)) return undefined
      // JSON knows no undefined, so what is not set is not in the patch.
      return one(
        `update reality_data set properties = properties || $3::jsonb, modified_at = $4
         where org = $1 and id = $2 returning *`,
        [org, id, JSON.stringify(properties), now()],
      )
    },

    setITwin: async (org, id, { to, from }) => {
      if (!isGuid(id)) return undefined
      return one(
        `update reality_data set itwin_id = $3, modified_at = $4
         where org = $1 and id = $2 and ($5::boolean or itwin_id is not distinct from $6::uuid) returning *`,
        [org, id, to ?? null, now(), from === undefined, from?.iTwinId ?? null],
      )
    },

    delete: async (org, id) => {
      if (!isGuid(id)) return undefined
      const { rowCount } = await database.query(
        `delete from reality_data where org = $1 and id = $2 and not exists (${usingJobs}) returning id`,
        [org, id],
      )
      if (rowCount > 0) return { deleted: true }
      const { rows } = await database.query<{ id: string }>(
        `select job_in_need.id from reality_data, lateral (${usingJobs}) as job_in_need
         where reality_data.org = $1 and reality_data.id = $2 limit 1`,
        [org, id],
      )
      return rows[0] && { inUseBy: rows[0].id }
    },

    resolveContainer: async (id) => {
      if (!isGuid(id)) return undefined
      const { rows } = await database.query<Row>('select * from reality_data where id = $1', [id])
      const row = rows[0]
      return row && { container: { id: row.id, attempt: row.attempt ?? 0 }, writable: row.job_id === null }
    },

    claimITwin: async (org, iTwinId) => {
      if (!isGuid(iTwinId)) return false
      // Two tenants may come at once: the insert lets one through, the select tells which.
      await database.query(
        'insert into itwin (id, org, claimed_at) values ($1, $2, $3) on conflict (id) do nothing',
        [iTwinId, org, now()],
      )
      const { rows } = await database.query('select from itwin where id = $1 and org = $2', [iTwinId, org])
      return rows.length > 0
    },

    bucket: async (org, iTwinId) => {
      if (!isGuid(iTwinId)) return undefined
      // Two may come at once: the first one's id stays.
      const { rows } = await database.query<{ bucket_id: string }>(
        'update itwin set bucket_id = coalesce(bucket_id, $3) where id = $1 and org = $2 returning bucket_id',
        [iTwinId, org, newId()],
      )
      return rows[0] && { id: rows[0].bucket_id, attempt: 0 }
    },

    resolveBucket: async (iTwinId) => {
      if (!isGuid(iTwinId)) return undefined
      const { rows } = await database.query<{ bucket_id: string }>(
        'select bucket_id from itwin where id = $1 and bucket_id is not null',
        [iTwinId],
      )
      return rows[0] && { id: rows[0].bucket_id, attempt: 0 }
    },
  }
}

/** Jobs that read the row of reality_data, or have yet to write it. */
const usingJobs = `
  select job.id from job
  where job.org = reality_data.org and job.state = 'active'
    and exists (select from jsonb_array_elements(job.inputs) as input
      where lower(input ->> 'realityDataId') = reality_data.id::text)
  union all
  select job.id from job
  where job.id = reality_data.job_id and job.state in ('unsubmitted', 'active')`

/** A row as both databases return it: timestamps as Date, jsonb parsed, SQL null as null. */
interface Row {
  id: string
  org: string
  owner_id: string
  itwin_id: string | null
  properties: RealityDataRecord['properties']
  job_id: string | null
  attempt: number | null
  created_at: Date
  modified_at: Date
  last_accessed_at: Date
}

function toRecord(row: Row): RealityDataRecord {
  return {
    id: row.id,
    org: row.org,
    ownerId: row.owner_id,
    iTwinId: row.itwin_id ?? undefined,
    properties: row.properties,
    jobId: row.job_id ?? undefined,
    attempt: row.attempt ?? undefined,
    createdAt: row.created_at,
    modifiedAt: row.modified_at,
    lastAccessedAt: row.last_accessed_at,
  }
}

const guid = new RegExp(guidPattern)

/** Ids come from URLs; what is no GUID names nothing, and PostgreSQL would refuse to compare it. */
function isGuid(id: string): boolean {
  return guid.test(id)
}
