/**
 * Blobs in an account of Azure Blob Storage. Clients read and write there themselves, by URLs that the account's key
 * signs, so what lies in a container is known only by asking.
 *
 * Containers are made when they are first written to and never while something is written, so that an upload that ends
 * after its container was removed does not bring it back. Each carries the mark of its owner: in an account that others
 * use too, only one's own are listed, and swept.
 */
import { lstat, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob'
import { type AzureAccount, openAzureAccount } from './azure-account.ts'
import { azureContainerName, containerOfAzureName } from './azure-container-name.ts'
import { downloadRanges, rangeBytes } from './azure-download.ts'
import { AzureStorageError, askAzure, askAzureOr } from './azure-fault.ts'
import { conditions, httpHeaders, propertiesOf, writtenProperties } from './azure-properties.ts'
import { normaliseBlobName } from './blob-name.ts'
import {
  type BlobPage,
  type BlobProperties,
  type BlobStore,
  BlobStoreError,
  type BlockReference,
  type BodyOptions,
  type CommitBlocksOptions,
  type ContainerKey,
  type ContentProperties,
  type ListOptions,
  maxListResults,
  type OpenedBlob,
  type PutBlobOptions,
  type ReadOptions,
  type SweepResult,
  type WriteCondition,
} from './blob-store.ts'
import { checkSizeOfBlocks, commitAzureBlocks } from './commit-azure-blocks.ts'
import { type ContainerAccessKind, type ContainerUrls, containerPermissions } from './container-urls.ts'
import { copyBody } from './copy-body.ts'
import { hashBlockId } from './segment-name.ts'
import { type Committed, StagedBlocks, stagedBlockBytes } from './staged-blocks.ts'

export interface AzureBlobStoreOptions {
  /** With the account's key, as the portal shows it. */
  readonly connectionString: string
  /** Whose containers these are, of all that the account may hold. */
  readonly owner: string
  readonly now: () => Date
  /** How often a request is tried, with pauses of 0, 1, 3, 7, 15 and then 30 s. Default 3. */
  readonly maxTries?: number
}

/** Of what comes by way of our own blob routes; larger blocks go to the account, which has its own limit. */
const maxRelayedBlockBytes = 100 * 2 ** 20
const uploadedBlocksAtATime = 4
/** How many attempts in a row have to be missing to take it that no later one wrote anything. */
const attemptsAtATime = 16
const maxKnownContainers = 100_000

export class AzureBlobStore implements BlobStore, ContainerUrls {
  readonly #account: AzureAccount
  readonly #owner: string
  readonly #now: () => Date
  readonly #maxTries: number
  /** Made, or found to be there, by this process. */
  readonly #known = new Set<string>()

  constructor({ connectionString, owner, now, maxTries = 3 }: AzureBlobStoreOptions) {
    this.#account = openAzureAccount({ connectionString, maxTries, now })
    this.#owner = owner
    this.#now = now
    this.#maxTries = maxTries
  }

  /** Which account it is. */
  get url(): string {
    return this.#account.url
  }

  /** Rejects when the account does not answer, or refuses the key. */
  async check(): Promise<void> {
    await askAzure(this.#account.service.listContainers().byPage({ maxPageSize: 1 }).next())
  }

  async signedUrl(container: ContainerKey, access: ContainerAccessKind): Promise<string> {
    const name = azureContainerName(container)
    // Whoever lists an empty reality data is not told that it does not exist.
    try {
      await this.#make(name)
    } catch (error) {
      if (!isGone(error)) throw error
      // An empty one was swept just now, and its name is free again within a minute.
      throw new AzureStorageError({ status: 409, code: 'ContainerBeingDeleted', requestId: undefined })
    }
    return this.#account.signedUrl(name, containerPermissions[access])
  }

  async putBlob(
    container: ContainerKey,
    name: string,
    body: AsyncIterable<Uint8Array>,
    options: PutBlobOptions = {},
  ): Promise<BlobProperties> {
    const blob = this.#blob(container, name)
    await this.#makeOnce(container)
    const md5 = options.md5 ?? options.contentMd5
    const blocks = new StagedBlocks(blob)
    const admitted = { admit: async () => {}, ...(md5 !== undefined && { md5 }) }
    try {
      const sizeBytes = await askAzure(copyBody(body, blocks, { ...options, ...admitted }))
      const committed = await askAzure(blocks.commit(httpHeaders(options), conditions(options)))
      return await this.#described(blob, committed, { sizeBytes, ...options })
    } catch (error) {
      throw this.#forgetting(container, error)
    } finally {
      await blocks.close()
    }
  }

  async putBlock(
    container: ContainerKey,
    name: string,
    blockId: string,
    body: AsyncIterable<Uint8Array>,
    options: BodyOptions = {},
  ): Promise<void> {
    hashBlockId(blockId) // refuses what is no block id
    const blob = this.#blob(container, name)
    await this.#makeOnce(container)
    const chunks: Uint8Array[] = []
    let sizeBytes = 0
    const memory = {
      write: async (chunk: Uint8Array) => {
        sizeBytes += chunk.length
        if (sizeBytes > maxRelayedBlockBytes)
          throw new BlobStoreError('TooLarge', `a block may have at most ${maxRelayedBlockBytes} bytes`)
        chunks.push(chunk)
      },
      sync: async () => {},
      close: async () => {},
    }
    await copyBody(body, memory, { ...options, admit: async () => {} })
    try {
      await askAzure(blob.stageBlock(blockId, Buffer.concat(chunks), sizeBytes))
    } catch (error) {
      throw this.#forgetting(container, error)
    }
  }

  async commitBlocks(
    container: ContainerKey,
    name: string,
    blocks: readonly BlockReference[],
    options: CommitBlocksOptions = {},
  ): Promise<BlobProperties> {
    const blob = this.#blob(container, name)
    if (blocks.length === 0) await this.#makeOnce(container)
    const { maxSizeBytes } = options
    try {
      if (maxSizeBytes !== undefined && blocks.length > 0) await checkSizeOfBlocks(blob, blocks, maxSizeBytes)
      await askAzure(commitAzureBlocks(blob, blocks, options, this.#now()))
    } catch (error) {
      const fault = this.#forgetting(container, error)
      if (!isGone(fault)) throw fault
      throw new BlobStoreError('InvalidBlockList', 'the container is gone, and the blocks with it')
    }
    const properties = await this.get(container, name)
    if (properties === undefined) throw new BlobStoreError('BlobNotFound', 'the blob was deleted at once')
    return properties
  }

  async *containers(): AsyncIterable<ContainerKey> {
    const pages = this.#account.service.listContainers({ includeMetadata: true }).byPage()
    for (;;) {
      const page = await askAzure(pages.next())
      if (page.done === true) return
      for (const { name, metadata } of page.value.containerItems) {
        const key = containerOfAzureName(name)
        if (key !== undefined && metadata?.[ownerMark] === this.#owner) yield key
      }
    }
  }

  async list(container: ContainerKey, options: ListOptions = {}): Promise<BlobPage> {
    const { prefix = '', marker, maxResults = maxListResults } = options
    const pages = this.#container(container)
      .listBlobsFlat({ prefix: prefix.normalize('NFC').replaceAll('\\', '/') })
      .byPage({
        maxPageSize: Math.max(1, Math.min(maxResults, maxListResults)),
        ...(marker && { continuationToken: marker }),
      })
    for (;;) {
      const page = await askAzureOr(undefined, ['ContainerGone', 'BlobNotFound'], pages.next())
      if (page === undefined || page.done === true) return { blobs: [] }
      const { segment, continuationToken } = page.value
      const nextMarker = continuationToken || undefined
      const blobs = segment.blobItems.map(({ name, properties }) => ({
        name,
        sizeBytes: properties.contentLength ?? 0,
        ...propertiesOf({ ...properties, etag: `"${properties.etag.replaceAll('"', '')}"` }),
      }))
      // A page may be empty where much was deleted, and the next one not.
      if (blobs.length > 0 || nextMarker === undefined)
        return { blobs, ...(nextMarker !== undefined && { nextMarker }) }
    }
  }

  async get(container: ContainerKey, name: string): Promise<BlobProperties | undefined> {
    for (const blob of this.#spellings(container, name)) {
      const found = await askAzureOr(undefined, ['BlobNotFound', 'ContainerGone'], blob.getProperties())
      if (found !== undefined)
        return { name: blob.name, sizeBytes: found.contentLength ?? 0, ...propertiesOf(found) }
    }
    return undefined
  }

  async read(container: ContainerKey, name: string, options: ReadOptions = {}): Promise<OpenedBlob> {
    const { offset = 0, lengthBytes, ifMatch } = options
    if (offset < 0 || (lengthBytes ?? 0) < 0)
      throw new BlobStoreError('InvalidRange', `expected a range of bytes, got ${lengthBytes} at ${offset}`)
    // Azure has no range of nothing.
    if (lengthBytes === 0) return await this.#openEmpty(container, name, options)
    for (const blob of this.#spellings(container, name)) {
      const first = Math.min(lengthBytes ?? rangeBytes, rangeBytes)
      const asked = blob.download(offset, first, ifMatch === undefined ? {} : { conditions: { ifMatch } })
      const found = await askAzureOr(undefined, ['BlobNotFound', 'ContainerGone'], asked).catch(
        (error: unknown) => {
          if (error instanceof BlobStoreError && error.code === 'InvalidRange')
            return 'behind the end' as const
          throw error
        },
      )
      if (found === 'behind the end') return await this.#openEmpty(container, name, options)
      if (found === undefined) continue
      // Read member by member: they are getters of the SDK's class.
      const { etag = '', createdOn, lastModified, contentType, contentEncoding } = found
      const contentMD5 = found.blobContentMD5
      const told = { etag, createdOn, lastModified, contentType, contentEncoding, contentMD5 }
      const sizeBytes = Number(found.contentRange?.split('/')[1] ?? found.contentLength)
      const properties = { name: blob.name, sizeBytes, ...propertiesOf(told) }
      const end = Math.min(sizeBytes, offset + (lengthBytes ?? sizeBytes))
      const download = { blob, etag, maxTries: this.#maxTries }
      return { properties, stream: Readable.from(downloadRanges(download, found, offset, end)) }
    }
    throw noSuchBlob()
  }

  async delete(container: ContainerKey, name: string, condition: WriteCondition = {}): Promise<boolean> {
    for (const blob of this.#spellings(container, name)) {
      const deletion = blob.delete({ deleteSnapshots: 'include', conditions: conditions(condition) })
      if (await askAzureOr(undefined, ['BlobNotFound', 'ContainerGone'], deletion)) return true
    }
    return false
  }

  /** Without `attempt`: what lies behind a long gap is unneeded by then, and goes with the next sweep of containers. */
  async deleteContainer({ id, attempt }: { readonly id: string; readonly attempt?: number }): Promise<void> {
    if (attempt !== undefined) {
      await this.#deleteAttempt({ id, attempt })
      return
    }
    for (let first = 0; ; first += attemptsAtATime) {
      const attempts = Array.from({ length: attemptsAtATime }, (_, i) => ({ id, attempt: first + i }))
      const deleted = await Promise.all(attempts.map((key) => this.#deleteAttempt(key)))
      if (!deleted.includes(true)) return
    }
  }

  async publishFile(
    container: ContainerKey,
    name: string,
    localPath: string,
    options: ContentProperties & WriteCondition = {},
  ): Promise<BlobProperties> {
    const blob = this.#blob(container, name)
    const status = await lstat(localPath)
    if (!status.isFile()) throw new TypeError(`${localPath} is not a plain file`)
    await this.#makeOnce(container)
    try {
      const committed = await askAzure(
        blob.uploadFile(localPath, {
          blobHTTPHeaders: httpHeaders(options),
          conditions: conditions(options),
          concurrency: uploadedBlocksAtATime,
          maxSingleShotSize: stagedBlockBytes,
          blockSize: Math.max(stagedBlockBytes, Math.ceil(status.size / 50_000)),
        }),
      )
      await rm(localPath)
      return writtenProperties(blob.name, committed, { sizeBytes: status.size, ...options })
    } catch (error) {
      throw this.#forgetting(container, error)
    }
  }

  async sizeOf(container: ContainerKey): Promise<number> {
    let sizeBytes = 0
    let marker: string | undefined
    do {
      const page = await this.list(container, marker === undefined ? {} : { marker })
      for (const blob of page.blobs) sizeBytes += blob.sizeBytes
      marker = page.nextMarker
    } while (marker !== undefined)
    return sizeBytes
  }

  /** Nothing to do: Azure removes half uploads by itself, a week after their last block. */
  async sweep(): Promise<SweepResult> {
    return { filesRemoved: 0, bytesRemoved: 0 }
  }

  #container(container: ContainerKey): ContainerClient {
    return this.#account.service.getContainerClient(azureContainerName(container))
  }

  #blob(container: ContainerKey, name: string): BlockBlobClient {
    return this.#container(container).getBlockBlobClient(normaliseBlobName(name))
  }

  /** Our own spelling of the name, and the given one: clients of the account spell as they like. */
  #spellings(container: ContainerKey, name: string): BlockBlobClient[] {
    const own = this.#blob(container, name)
    return own.name === name ? [own] : [own, this.#container(container).getBlockBlobClient(name)]
  }

  async #make(containerName: string): Promise<void> {
    const metadata = { [ownerMark]: this.#owner }
    await askAzure(this.#account.service.getContainerClient(containerName).createIfNotExists({ metadata }))
  }

  async #makeOnce(container: ContainerKey): Promise<void> {
    const name = azureContainerName(container)
    if (this.#known.has(name)) return
    await this.#make(name)
    if (this.#known.size >= maxKnownContainers) this.#known.clear()
    this.#known.add(name)
  }

  /** The error, and where it says so, the container is made again by the next that is written. */
  #forgetting(container: ContainerKey, error: unknown): unknown {
    if (isGone(error)) this.#known.delete(azureContainerName(container))
    return error
  }

  /** Whether there was one. */
  async #deleteAttempt(container: ContainerKey): Promise<boolean> {
    this.#known.delete(azureContainerName(container))
    const deletion = this.#container(container).delete()
    return (await askAzureOr(undefined, ['ContainerGone', 'BlobNotFound'], deletion)) !== undefined
  }

  async #openEmpty(
    container: ContainerKey,
    name: string,
    { offset = 0, ifMatch }: ReadOptions,
  ): Promise<OpenedBlob> {
    const properties = await this.get(container, name)
    if (properties === undefined) throw noSuchBlob()
    if (ifMatch !== undefined && ifMatch !== properties.etag)
      throw new BlobStoreError('ConditionNotMet', `the blob has the ETag ${properties.etag}`)
    if (offset > properties.sizeBytes)
      throw new BlobStoreError('InvalidRange', `byte ${offset} is outside of ${properties.sizeBytes} bytes`)
    return { properties, stream: Readable.from([]) }
  }

  /** The version that was written, also when it was overwritten since. */
  async #described(
    blob: BlockBlobClient,
    committed: Committed,
    content: ContentProperties & { sizeBytes: number },
  ): Promise<BlobProperties> {
    const now = await askAzureOr(undefined, ['BlobNotFound', 'ContainerGone'], blob.getProperties())
    if (now === undefined || now.etag !== committed.etag)
      return writtenProperties(blob.name, committed, content)
    return { name: blob.name, sizeBytes: content.sizeBytes, ...propertiesOf(now) }
  }
}

const ownerMark = 'alidade'

function isGone(error: unknown): boolean {
  return error instanceof BlobStoreError && error.code === 'ContainerGone'
}

function noSuchBlob(): BlobStoreError {
  return new BlobStoreError('BlobNotFound', 'there is no such blob')
}
