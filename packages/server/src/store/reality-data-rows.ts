// RealityDataStore over the reality_data and itwin tables. Every statement names the tenant, but for
// `resolveContainer` and `resolveBucket`, whose caller has proved by a signature that it may use the container.
import { guidPattern } from '@alidade/contract'
import { attemptContainerName } from '../blobs/attempt-container.ts'
import type { Database } from './database.ts'
import { listStatement } from './reality-data-filter-sql.ts'
import {
  containerOf,
  type Deletion,
  type RealityDataRecord,
  type RealityDataStore,
} from './reality-data-store.ts'

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
    create: async ({ org, userId }, iTwinId, properties, linked) => {
      const record = await one(
        `insert into reality_data (id, org, owner_id, itwin_ids, properties, attempt, linked_folder, created_at,
           modified_at, last_accessed_at)
         values ($1, $2, $3, array_remove(array[$4::uuid], null), $5, 0, $6, $7, $7, $7) returning *`,
        [newId(), org, userId, iTwinId ?? null, JSON.stringify(properties), linked?.folder ?? null, now()],
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

    associate: async (org, id, iTwinId) => {
      if (!isGuid(id)) return undefined
      const values = [org, id, iTwinId, now()]
      const set = 'itwin_ids = itwin_ids || $3::uuid, modified_at = $4'
      const record = await one(
        `update reality_data set ${set} where org = $1 and id = $2 and not ($3::uuid = any(itwin_ids)) returning *`,
        values,
      )
      return record ?? get(org, id)
    },

    dissociate: async (org, id, iTwinId) => {
      if (!isGuid(id)) return undefined
      return one(
        `update reality_data set itwin_ids = array_remove(itwin_ids, $3::uuid), modified_at = $4
         where org = $1 and id = $2 and $3::uuid = any(itwin_ids) returning *`,
        [org, id, iTwinId, now()],
      )
    },

    move: async (org, id, iTwinId) => {
      if (!isGuid(id)) return undefined
      return one(
        `update reality_data set itwin_ids = array[$3::uuid], modified_at = $4
         where org = $1 and id = $2 and cardinality(itwin_ids) <= 1 returning *`,
        [org, id, iTwinId, now()],
      )
    },

    delete: async function remove(org, id): Promise<Deletion> {
      if (!isGuid(id)) return undefined
      const deleted = await database.tx(async (sql) => {
        const { rows } = await sql.query<Row>(
          `delete from reality_data where org = $1 and id = $2 and cardinality(itwin_ids) <= 1
             and not exists (${usingJobs}) returning *`,
          [org, id],
        )
        const row = rows[0]
        if (row !== undefined && row.linked_folder === null) {
          // Should we end before the files do, the sweep goes on where we were.
          await sql.query('insert into container_removal values ($1, $2, $3)', [
            row.id,
            row.attempt ?? 0,
            now(),
          ])
        }
        return row
      })
      if (deleted) return { deleted: true, linkedFolder: deleted.linked_folder ?? undefined }
      const record = await get(org, id)
      if (record === undefined) return undefined
      const { rows } = await database.query<{ id: string }>(
        `select job_in_need.id from reality_data, lateral (${usingJobs}) as job_in_need
         where reality_data.org = $1 and reality_data.id = $2 limit 1`,
        [org, id],
      )
      if (rows[0]) return { inUseBy: rows[0].id }
      // What stood in the way a moment ago is gone.
      return record.iTwinIds.length > 1 ? { inITwins: record.iTwinIds.length } : remove(org, id)
    },

    removals: async (before) => {
      const { rows } = await database.query<{ id: string; attempt: number; requested_at: Date }>(
        'select * from container_removal where requested_at <= $1 order by requested_at',
        [before],
      )
      return rows.map(({ id, attempt, requested_at }) => ({ id, attempt, requestedAt: requested_at }))
    },

    settleRemoval: async (id) => {
      await database.query('delete from container_removal where id = $1', [id])
    },

    resolveContainer: async (name) => {
      // An agent means what was uploaded under this id, which may be that of a bucket; an output has no uploads.
      const [id = '', attempt] = name.split('.')
      if (!isGuid(id) || (attempt !== undefined && name !== attemptContainerName({ id, attempt: 0 })))
        return undefined
      const { rows } = await database.query<Row>('select * from reality_data where id = $1', [id])
      const record = rows[0] && toRecord(rows[0])
      if (attempt !== undefined) {
        const { linkedFolder } = record ?? {}
        return { container: containerOf({ id, attempt: 0, linkedFolder }), writable: false }
      }
      if (record === undefined) return undefined
      const writable = record.jobId === undefined && record.linkedFolder === undefined
      return { container: containerOf(record), writable }
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
    and (reality_data.id = any(job.reads) or exists (select from jsonb_array_elements(job.inputs) as input
      where lower(input ->> 'realityDataId') = reality_data.id::text))
  union all
  select job.id from job
  where job.id = reality_data.job_id and job.state in ('unsubmitted', 'active')`

/** A row as both databases return it: timestamps as Date, jsonb parsed, SQL null as null. */
interface Row {
  id: string
  org: string
  owner_id: string
  itwin_ids: string[]
  properties: RealityDataRecord['properties']
  job_id: string | null
  attempt: number | null
  linked_folder: string | null
  created_at: Date
  modified_at: Date
  last_accessed_at: Date
}

function toRecord(row: Row): RealityDataRecord {
  return {
    id: row.id,
    org: row.org,
    ownerId: row.owner_id,
    iTwinIds: row.itwin_ids,
    properties: row.properties,
    jobId: row.job_id ?? undefined,
    attempt: row.attempt ?? undefined,
    linkedFolder: row.linked_folder ?? undefined,
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
