/**
 * The port to where files are kept: named blobs in containers. The folder adapter keeps them as plain files;
 * another may keep them in a cloud. Every adapter passes the suite in `blob-store-behaviour.ts`.
 */
import type { Readable } from 'node:stream'
import type { FileVersion } from '@alidade/jobs'

/**
 * Addresses a container. `attempt` 0 holds ordinary uploads; a job's n-th attempt writes its outputs under n,
 * and the database says which attempt counts. The store treats attempts as separate containers.
 */
export interface ContainerKey {
  /** A GUID; case does not matter. */
  readonly id: string
  /** A whole number >= 0. */
  readonly attempt: number
  /** Absolute path of a folder of the host that is shown in place of what the store keeps; see `linked-blobs.ts`. */
  readonly linkedFolder?: string
}

export interface BlobProperties {
  readonly name: string
  readonly sizeBytes: number
  /** Quoted as in HTTP, e.g. `"0x8DC..."`; changes with every commit. */
  readonly etag: string
  readonly createdAt: Date
  readonly lastModified: Date
  readonly contentType: string
  readonly contentEncoding?: string
  /** Base64 of the MD5 of the whole content, as the writer gave it. */
  readonly contentMd5?: string
}

/** A plain file that holds a part of a blob; the parts read in order are the blob. */
export interface LocalSegment {
  readonly path: string
  readonly sizeBytes: number
  /** Which file it has to be, where others than the store may write to it. */
  readonly version?: FileVersion
}

export interface ContentProperties {
  /** Default `application/octet-stream`. */
  readonly contentType?: string
  readonly contentEncoding?: string
  /** For a single put it is checked against the bytes; for committed blocks it is kept as given. */
  readonly contentMd5?: string
}

/** What must hold at the moment of the commit; otherwise `ConditionNotMet` or `BlobAlreadyExists`. */
export interface WriteCondition {
  /** ETag the blob must have, or `*` for any. */
  readonly ifMatch?: string
  /** ETag the blob must not have, or `*`: it must not exist. */
  readonly ifNoneMatch?: string
  /** The blob must have been written after this, or not at all; in whole seconds, as HTTP has them. */
  readonly ifModifiedSince?: Date
  /** The blob must not have been written after this. */
  readonly ifUnmodifiedSince?: Date
}

export interface BodyOptions {
  /** The promised length; a body of another length is refused. */
  readonly sizeBytes?: number
  /** Base64 of the MD5 of these bytes; a body with another one is refused. */
  readonly md5?: string
  readonly signal?: AbortSignal
}

export interface PutBlobOptions extends ContentProperties, WriteCondition, BodyOptions {}

export interface CommitBlocksOptions extends ContentProperties, WriteCondition {
  /** The sum of the blocks must not be larger than this. */
  readonly maxSizeBytes?: number
}

/** One entry of a block list; `latest` looks among the uncommitted blocks first, then the committed ones. */
export interface BlockReference {
  readonly id: string
  readonly from: 'committed' | 'uncommitted' | 'latest'
}

export interface ListOptions {
  readonly prefix?: string
  /** `nextMarker` of the page before. */
  readonly marker?: string
  /** Default and upper bound 5000. */
  readonly maxResults?: number
}

export interface BlobPage {
  /** In the order of their names' UTF-8 bytes. */
  readonly blobs: readonly BlobProperties[]
  /** Absent on the last page. */
  readonly nextMarker?: string
}

export interface ReadOptions {
  /** First byte, default 0. */
  readonly offset?: number
  /** Default: to the end. A longer length ends at the end of the blob. */
  readonly lengthBytes?: number
  /** Read only if the blob still has this ETag, else `ConditionNotMet`. */
  readonly ifMatch?: string
}

export interface OpenedBlob {
  readonly properties: BlobProperties
  /**
   * Exactly the bytes asked for, of one version of the blob, also if it is overwritten or deleted meanwhile. Where a
   * connection to another machine breaks just then, the stream fails.
   */
  readonly stream: Readable
}

export interface SweepOptions {
  /** Half uploads whose last byte came before `now - olderThanMilliseconds` go; default 7 days. */
  readonly olderThanMilliseconds?: number
  readonly now: Date
  readonly signal?: AbortSignal
}

export interface SweepResult {
  readonly filesRemoved: number
  readonly bytesRemoved: number
}

export interface BlobStore {
  /**
   * Stores the body as one blob. When it returns, the blob survives a power cut; if it throws, nothing is
   * left.
   */
  putBlob(
    container: ContainerKey,
    name: string,
    body: AsyncIterable<Uint8Array>,
    options?: PutBlobOptions,
  ): Promise<BlobProperties>
  /** Stores a block, invisible until committed. `blockId` is base64 of 1 to 64 bytes. */
  putBlock(
    container: ContainerKey,
    name: string,
    blockId: string,
    body: AsyncIterable<Uint8Array>,
    options?: BodyOptions,
  ): Promise<void>
  /** Makes the listed blocks the content of the blob; blocks not listed are dropped. Copies no data. */
  commitBlocks(
    container: ContainerKey,
    name: string,
    blocks: readonly BlockReference[],
    options?: CommitBlocksOptions,
  ): Promise<BlobProperties>
  /**
   * Every container that something lies in, perhaps empty ones, in no order; of what is written or removed meanwhile,
   * some or none. Ids in lower case.
   */
  containers(): AsyncIterable<ContainerKey>
  /** A container nothing was written to is an empty one. */
  list(container: ContainerKey, options?: ListOptions): Promise<BlobPage>
  get(container: ContainerKey, name: string): Promise<BlobProperties | undefined>
  /** Throws `BlobNotFound`, `ConditionNotMet` or `InvalidRange`. Consume the stream or destroy it. */
  read(container: ContainerKey, name: string, options?: ReadOptions): Promise<OpenedBlob>
  /**
   * The files that hold the blob, where the store is a folder this machine sees. They are for reading only.
   */
  localSegments?(container: ContainerKey, name: string): Promise<readonly LocalSegment[] | undefined>
  /** Whether there was one to delete. */
  delete(container: ContainerKey, name: string, condition?: WriteCondition): Promise<boolean>
  /** Removes a container with all blobs and half uploads; without `attempt`, all attempts. Repeatable. */
  deleteContainer(container: { readonly id: string; readonly attempt?: number }): Promise<void>
  /** Takes over a finished local file, which is gone afterwards. As durable as `putBlob`. */
  publishFile(
    container: ContainerKey,
    name: string,
    localPath: string,
    options?: ContentProperties & WriteCondition,
  ): Promise<BlobProperties>
  /** Sum of the blobs; half uploads do not count. */
  sizeOf(container: ContainerKey): Promise<number>
  /** Removes what half uploads and crashes left behind. */
  sweep(options: SweepOptions): Promise<SweepResult>
}

/** What the work on a job asks of it; an agent on another machine has no more. */
export type WorkBlobs = Pick<
  BlobStore,
  'list' | 'get' | 'read' | 'localSegments' | 'publishFile' | 'deleteContainer'
> & {
  /** Whether what is published goes to another machine; by default so where nothing is within reach. */
  readonly publishesFar?: boolean
}

export type BlobErrorCode =
  | 'Aborted'
  | 'BlobAlreadyExists'
  | 'BlobNotFound'
  | 'ConditionNotMet'
  | 'ContainerGone'
  | 'InvalidBlockId'
  | 'InvalidBlockList'
  | 'InvalidContainer'
  | 'InvalidName'
  | 'InvalidRange'
  | 'LengthMismatch'
  | 'Md5Mismatch'
  | 'NoSpace'
  | 'TooLarge'

/** Every refusal of a blob store. Anything else it throws is a fault of the machine or of ours. */
export class BlobStoreError extends Error {
  override readonly name = 'BlobStoreError'
  readonly code: BlobErrorCode
  constructor(code: BlobErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Seven days, as Azure keeps uncommitted blocks. */
export const halfUploadLifetimeMilliseconds = 7 * 24 * 60 * 60 * 1000

export const maxListResults = 5000
