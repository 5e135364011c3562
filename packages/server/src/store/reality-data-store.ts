// The port to the reality data rows. The bytes are in the blob store.
import type { ContainerKey } from '../blobs/blob-store.ts'

/** What a client may set. Undefined: not set. */
export interface RealityDataProperties {
  displayName: string
  type: string
  classification?: string | undefined
  dataset?: string | undefined
  group?: string | undefined
  description?: string | undefined
  tags?: string[] | undefined
  rootDocument?: string | undefined
  acquisition?:
    | { startDateTime?: string | undefined; endDateTime?: string | undefined; acquirer?: string | undefined }
    | undefined
  extent?:
    | {
        southWest: { latitude: number; longitude: number }
        northEast: { latitude: number; longitude: number }
      }
    | undefined
  authoring?: boolean | undefined
  attribution?: string | undefined
  termsOfUse?: string | undefined
  crs?: { id: string; verticalId?: string | undefined } | undefined
}

export interface RealityDataRecord {
  id: string
  org: string
  ownerId: string
  /** In the order in which it came to them. */
  iTwinIds: string[]
  properties: RealityDataProperties
  /** The job that writes it, for outputs. */
  jobId: string | undefined
  /**
   * 0: uploaded by clients. Otherwise written by a job: the number of the attempt whose files it shows; undefined
   * until one has succeeded, and then it reads as empty.
   */
  attempt: number | undefined
  /** Absolute path of the folder of the host that it shows, for linked data; it has no container of its own. */
  linkedFolder: string | undefined
  createdAt: Date
  modifiedAt: Date
  lastAccessedAt: Date
}

/** Both ends included; compared with what the wire shows, which is whole seconds. Undefined: open on this side. */
export interface Interval {
  from: Date | undefined
  to: Date | undefined
}

export interface RealityDataQuery {
  org: string
  iTwinId?: string | undefined
  /** Without regard to letter case, as `search`. */
  types?: string[] | undefined
  /** Text in displayName, description, dataset, group or a tag. */
  search?: string | undefined
  ownerId?: string | undefined
  /** In lower case. */
  tag?: string | undefined
  /** Whose extent meets this one. */
  extent?: NonNullable<RealityDataProperties['extent']> | undefined
  created?: Interval | undefined
  modified?: Interval | undefined
  lastAccessed?: Interval | undefined
  /** Whose acquisition took place at least in part in this interval. */
  acquired?: Interval | undefined
  /** Only what shows a folder of the host. */
  linked?: true | undefined
  /** Undefined: newest first. */
  orderBy?: { property: OrderProperty; descending: boolean } | undefined
  top: number
  after?: RealityDataPosition | undefined
}

export const orderProperties = [
  'displayName',
  'type',
  'createdDateTime',
  'modifiedDateTime',
  'lastAccessedDateTime',
] as const
export type OrderProperty = (typeof orderProperties)[number]

/** The last one of a page: where the next page, asked for in the same order, goes on. */
export interface RealityDataPosition {
  /** What it was ordered by, as the store writes it. */
  key: string
  id: string
}

/**
 * `inUseBy`: the id of the job that reads or writes it, for which it was not deleted; `inITwins`: how many it belongs to,
 * which are too many. Undefined: no such reality data.
 */
export type Deletion =
  | { deleted: true; linkedFolder: string | undefined }
  | { inUseBy: string }
  | { inITwins: number }
  | undefined

/** Its files have to go, with those of every attempt; `attempt` is the one that it showed. */
export interface ContainerRemoval extends ContainerKey {
  requestedAt: Date
}

/** The files that a reality data shows. */
export function containerOf({
  id,
  attempt,
  linkedFolder,
}: Pick<RealityDataRecord, 'id' | 'attempt' | 'linkedFolder'>): ContainerKey {
  return { id, attempt: attempt ?? 0, ...(linkedFolder !== undefined && { linkedFolder }) }
}

/** Every method is held to one tenant, `org`; what belongs to another one does not exist. */
export interface RealityDataStore {
  /** The iTwin must be claimed. */
  create(
    owner: { org: string; userId: string },
    iTwinId: string | undefined,
    properties: RealityDataProperties,
    linked?: { folder: string },
  ): Promise<RealityDataRecord>
  get(org: string, id: string): Promise<RealityDataRecord | undefined>
  /** The same, and the record remembers, to the minute, that it was asked for its files. */
  access(org: string, id: string): Promise<RealityDataRecord | undefined>
  /** `next` is undefined on the last page. */
  list(
    query: RealityDataQuery,
  ): Promise<{ realityData: RealityDataRecord[]; next: RealityDataPosition | undefined }>
  /** Sets the properties that are not undefined. */
  update(
    org: string,
    id: string,
    properties: Partial<RealityDataProperties>,
  ): Promise<RealityDataRecord | undefined>
  /** The iTwin must be claimed; associating twice changes nothing. */
  associate(org: string, id: string, iTwinId: string): Promise<RealityDataRecord | undefined>
  /** Undefined also where it does not belong to that iTwin. */
  dissociate(org: string, id: string, iTwinId: string): Promise<RealityDataRecord | undefined>
  /** Out of the one iTwin it belongs to, if any, into another, which must be claimed; undefined also where it belongs to several. */
  move(org: string, id: string, iTwinId: string): Promise<RealityDataRecord | undefined>
  /**
   * Refused for what an active job reads, for the output of a job that has not ended, and for what belongs to more than
   * one iTwin. The caller deletes the container afterwards; that it is to go is written down with the deletion.
   */
  delete(org: string, id: string): Promise<Deletion>
  /** Containers of reality data that was deleted at `before` or earlier and whose removal is not yet settled. */
  removals(before: Date): Promise<ContainerRemoval[]>
  /** Nobody can write to this container any more, and its files are gone. */
  settleRemoval(id: string): Promise<void>
  /**
   * The container that a URL with this reality data id means, or with the name that agents have for it, and whether clients may write into it; any tenant. An
   * output that is not committed yet is read at attempt 0, where nobody ever writes: it is empty.
   */
  resolveContainer(name: string): Promise<{ container: ContainerKey; writable: boolean } | undefined>
  /**
   * Makes `iTwinId` belong to the tenant if it belongs to nobody yet. False: it is another tenant's, so for this one
   * it does not exist.
   */
  claimITwin(org: string, iTwinId: string): Promise<boolean>
  /** The container of an iTwin's bucket, the same one always; undefined: the tenant has no such iTwin. */
  bucket(org: string, iTwinId: string): Promise<ContainerKey | undefined>
  /** The same for a URL, of any tenant. */
  resolveBucket(iTwinId: string): Promise<ContainerKey | undefined>
}
