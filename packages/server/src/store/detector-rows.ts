// DetectorStore over the detector and detector_version tables.
import type { Database, Sql } from './database.ts'
import { type DetectorRow, toDetectors, toVersion, type VersionRow } from './detector-row.ts'
import type {
  DetectorDeletion,
  DetectorOwner,
  DetectorRecord,
  DetectorStore,
  DetectorVersionRecord,
  NewDetectorVersion,
} from './detector-store.ts'
import { isGuid } from './job-table.ts'

export interface DetectorRowsOptions {
  database: Database
  now: () => Date
  newId: () => string
}

export function openDetectorRows({ database, now, newId }: DetectorRowsOptions): DetectorStore {
  async function insertVersion(
    sql: Sql,
    creator: DetectorOwner,
    detectorId: string,
    { number, labels, exports }: NewDetectorVersion,
  ): Promise<DetectorVersionRecord | undefined> {
    const [major, minor] = number.split('.').map(Number)
    const { rows } = await sql.query<VersionRow>(
      `insert into detector_version (id, detector_id, major, minor, labels, exports, creator_id, created_at)
       select $1::uuid, id, $3::integer, $4::integer, $5::jsonb, $6::jsonb, $7, $8::timestamptz from detector where id = $2 and org = $9
       on conflict (detector_id, major, minor) do nothing returning *`,
      [
        ...[newId(), detectorId, major, minor, JSON.stringify(labels), JSON.stringify(exports)],
        ...[creator.userId, now(), creator.org],
      ],
    )
    return rows[0] && toVersion(rows[0])
  }

  async function remove(kind: 'detector' | 'version', org: string, id: string): Promise<DetectorDeletion> {
    return database.tx(async (sql) => {
      const { rows } = await sql.query<{ id: string; detector_id: string }>(
        `select version.id, version.detector_id
         from detector join detector_version as version on version.detector_id = detector.id
         where detector.org = $1 and ${kind}.id = $2 for update`,
        [org, id],
      )
      const versionIds = rows.map((row) => row.id)
      const used = await sql.query(
        `select from job, jsonb_array_elements(job.inputs) as input
         where job.state = 'active'
           and input -> 'detector' -> 'library' ->> 'versionId' = any(string_to_array($1, ',')) limit 1`,
        [versionIds.join(',')],
      )
      if (used.rowCount > 0) return 'used'
      if (kind === 'detector') {
        const { rowCount } = await sql.query('delete from detector where org = $1 and id = $2 returning id', [
          org,
          id,
        ])
        return rowCount > 0 ? { versionIds } : undefined
      }
      if (rows[0] === undefined) return undefined
      await sql.query('delete from detector_version where id = $1', [id])
      await followVersions(sql, rows[0].detector_id)
      return { versionIds }
    })
  }

  return {
    find: async (org, name) => {
      const { rows } = await database.query<DetectorRow>(
        `${visible} where (detector.org = $1 or detector.published) and lower(detector.name) = lower($2)`,
        [org, name],
      )
      const found = toDetectors(rows)
      return found.find((one) => one.org === org) ?? found[0]
    },

    list: async (org) => {
      const { rows } = await database.query<DetectorRow>(
        `${visible} where detector.org = $1 or detector.published and not exists (
           select from detector as own where own.org = $1 and lower(own.name) = lower(detector.name))`,
        [org],
      )
      return toDetectors(rows).sort((a, b) => compare(a.name.toLowerCase(), b.name.toLowerCase()))
    },

    create: async (owner, { name, type, texts }, version) =>
      database.tx(async (sql) => {
        const [id, at] = [newId(), now()]
        const { rowCount } = await sql.query(
          `insert into detector (id, org, owner_id, name, type, texts, created_at) values ($1, $2, $3, $4, $5, $6, $7)
           on conflict (org, lower(name)) do nothing returning id`,
          [id, owner.org, owner.userId, name, type, JSON.stringify(texts), at],
        )
        if (rowCount === 0) return undefined
        const first = version === undefined ? undefined : await insertVersion(sql, owner, id, version)
        const versions = first === undefined ? [] : [first]
        return {
          ...{ id, org: owner.org, ownerId: owner.userId, name, type, texts, createdAt: at, versions },
        } satisfies DetectorRecord
      }),

    addVersion: (creator, detectorId, version) => insertVersion(database, creator, detectorId, version),

    setTexts: async (org, detectorId, texts) => {
      // JSON knows no undefined, so what is not set is not in the patch.
      const { rowCount } = await database.query(
        'update detector set texts = texts || $3::jsonb where org = $1 and id = $2 returning id',
        [org, detectorId, JSON.stringify(texts)],
      )
      return rowCount > 0
    },

    delete: (org, detectorId) => remove('detector', org, detectorId),

    deleteVersion: (org, versionId) => remove('version', org, versionId),

    nextAttempt: async (versionId) => {
      const { rows } = await database.query<{ attempt: number }>(
        `update detector_version set attempt = attempt + 1 where id = $1 and ready_attempt is null returning attempt`,
        [versionId],
      )
      return rows[0]?.attempt
    },

    complete: async (versionId, { attempt, sizeBytes, sha256, description }) => {
      const { rowCount } = await database.query(
        `update detector_version set (ready_attempt, size_bytes, sha256, description) = ($2, $3, $4, $5)
         where id = $1 and ready_attempt is null returning id`,
        [versionId, attempt, sizeBytes, sha256, JSON.stringify(description)],
      )
      return rowCount > 0
    },

    setPublished: async (org, versionId, published) => {
      try {
        await database.tx(async (sql) => {
          const { rows } = await sql.query<{ detector_id: string }>(
            `update detector_version set published = $3 from detector
             where detector.id = detector_version.detector_id and detector.org = $1 and detector_version.id = $2
               and ready_attempt is not null returning detector_id`,
            [org, versionId, published],
          )
          if (rows[0] !== undefined) await followVersions(sql, rows[0].detector_id)
        })
        return true
      } catch (error) {
        if ((error as { code?: string }).code === uniqueViolation) return false
        throw error
      }
    },

    resolveContainer: async (id) => {
      if (!isGuid(id)) return undefined
      const { rows } = await database.query<{ id: string; ready_attempt: number | null }>(
        'select id, ready_attempt from detector_version where id = $1',
        [id],
      )
      const [row] = rows
      if (row === undefined) return undefined
      const container = { id: row.id, attempt: row.ready_attempt ?? 0 }
      return { container, writable: row.ready_attempt === null }
    },
  }
}

const uniqueViolation = '23505'

/** A detector is public while one of its versions is. */
async function followVersions(sql: Sql, detectorId: string): Promise<void> {
  await sql.query(
    `update detector set published = exists (
       select from detector_version where detector_id = $1 and detector_version.published) where id = $1`,
    [detectorId],
  )
}

/** A row for each version that tenant $1 may see, and one for a detector without any. */
const visible = `
  select detector.*, version.id as version_id, version.major, version.minor, version.labels, version.exports,
    version.creator_id, version.created_at as version_created_at, version.ready_attempt,
    version.size_bytes::double precision, version.sha256, version.description, version.published as version_published
  from detector left join detector_version as version
    on version.detector_id = detector.id and (detector.org = $1 or version.published)`

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
