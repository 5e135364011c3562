// Rows of the detector and detector_version tables, and their way to the records that the rest of the service knows.
import type { DetectorRecord, DetectorVersionRecord, ReadyVersion } from './detector-store.ts'

/** As both databases return it: timestamps as Date, jsonb parsed, SQL null as null. */
export interface VersionRow {
  id: string
  major: number
  minor: number
  labels: string[]
  exports: DetectorVersionRecord['exports']
  creator_id: string
  created_at: Date
  ready_attempt: number | null
  size_bytes: number | null
  sha256: string | null
  description: ReadyVersion['description'] | null
  published: boolean
}

/** A detector beside one of its versions, or beside none. */
export interface DetectorRow extends Omit<VersionRow, 'created_at' | 'published' | 'description'> {
  org: string
  owner_id: string
  name: string
  type: DetectorRecord['type']
  texts: DetectorRecord['texts']
  created_at: Date
  version_id: string | null
  version_created_at: Date
  version_published: boolean
  description: ReadyVersion['description'] | null
}

export function toVersion(row: VersionRow): DetectorVersionRecord {
  return {
    id: row.id,
    number: `${row.major}.${row.minor}`,
    labels: row.labels,
    exports: row.exports,
    creatorId: row.creator_id,
    createdAt: row.created_at,
    published: row.published,
    ready:
      row.ready_attempt === null
        ? undefined
        : {
            attempt: row.ready_attempt,
            sizeBytes: row.size_bytes!,
            sha256: row.sha256!,
            description: row.description!,
          },
  }
}

export function toDetectors(rows: readonly DetectorRow[]): DetectorRecord[] {
  const detectors = new Map<string, DetectorRecord>()
  const lowestFirst = [...rows].sort((a, b) => a.major - b.major || a.minor - b.minor)
  for (const row of lowestFirst) {
    const { id, org, owner_id: ownerId, name, type, texts, created_at: createdAt } = row
    const detector = detectors.get(id) ?? { id, org, ownerId, name, type, texts, createdAt, versions: [] }
    detectors.set(id, detector)
    if (row.version_id === null) continue
    const own = { id: row.version_id, created_at: row.version_created_at, published: row.version_published }
    detector.versions.push(toVersion({ ...row, ...own }))
  }
  return [...detectors.values()]
}
