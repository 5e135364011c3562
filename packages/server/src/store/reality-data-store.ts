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
    | { startDateTime: string; endDateTime?: string | undefined; acquirer?: string | undefined }
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
  iTwinId: string | undefined
  properties: RealityDataProperties
  /** The job that writes it, for outputs. */
  jobId: string | undefined
  /**
   * 0: uploaded by clients. Otherwise written by a job: the number of the attempt whose files it shows; undefined
   * until one has succeeded, and then it reads as empty.
   */
  attempt: number | undefined
  createdAt: Date
  modifiedAt: Date
  lastAccessedAt: Date
}

export interface RealityDataQuery {
  org: string
  iTwinId?: string | undefined
  types?: string[] | undefined
  search?: string | undefined
  ownerId?: string | undefined
  tag?: string | undefined
  orderBy?:
    | { property: 'displayName' | 'createdDateTime' | 'modifiedDateTime' | 'type'; descending: boolean }
    | undefined
  createdBetween?: [Date, Date] | undefined
  modifiedBetween?: [Date, Date] | undefined
  top: number
  skip: number
}

/** Every method is held to one tenant, `org`; what belongs to another one does not exist. */
export interface RealityDataStore {
  create(
    owner: { org: string; userId: string },
    iTwinId: string | undefined,
    properties: RealityDataProperties,
  ): Promise<RealityDataRecord>
  get(org: string, id: string): Promise<RealityDataRecord | undefined>
  list(query: RealityDataQuery): Promise<{ realityData: RealityDataRecord[]; more: boolean }>
  update(
    org: string,
    id: string,
    properties: Partial<RealityDataProperties>,
  ): Promise<RealityDataRecord | undefined>
  /** False: no such reality data. The caller deletes the container afterwards. */
  delete(org: string, id: string): Promise<boolean>
  /** The container that a URL with this reality data id means, and whether clients may write into it; any tenant. */
  resolveContainer(id: string): Promise<{ container: ContainerKey; writable: boolean } | undefined>
  /**
   * Makes `iTwinId` belong to the tenant if it belongs to nobody yet. False: it is another tenant's, so for this one
   * it does not exist.
   */
  claimITwin(org: string, iTwinId: string): Promise<boolean>
}
