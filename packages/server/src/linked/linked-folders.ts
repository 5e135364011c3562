// Linked folders as containers of blobs that are read where they lie. Every call asks anew whether the folder may be
// shown: a root may be taken from the settings, a folder replaced by a link.
import { Readable } from 'node:stream'
import {
  type BlobPage,
  type BlobProperties,
  BlobStoreError,
  type ListOptions,
  type LocalSegment,
  type OpenedBlob,
  type ReadOptions,
} from '../blobs/blob-store.ts'
import { normaliseBlobName } from '../blobs/blob-name.ts'
import { pageOf } from '../blobs/container-listing.ts'
import { LinkedListings, type LinkedListingsOptions } from './linked-listings.ts'
import { FolderRefused, type LinkedRoots } from './linked-roots.ts'
import { factsOf, type FileFacts, type OpenedLinkedFile, openLinkedFile } from './open-linked-file.ts'

const chunkBytes = 1024 * 1024
const parallelLooks = 32

export class LinkedFolders {
  readonly #roots: LinkedRoots
  readonly #listings: LinkedListings

  constructor(roots: LinkedRoots, options?: LinkedListingsOptions) {
    this.#roots = roots
    this.#listings = new LinkedListings(options)
  }

  /** The folder by its real path, for its link to be kept. Throws `FolderRefused`. */
  admit(folder: string): Promise<string> {
    return this.#roots.admit(folder)
  }

  /** Whether this machine may show the folder, and has it. */
  async reaches(folder: string): Promise<boolean> {
    return this.#within(folder).then(
      () => true,
      (error: unknown) => {
        if (error instanceof BlobStoreError) return false
        throw error
      },
    )
  }

  /** Sizes and ETags are those of this moment; a file that came just now may be missing for some seconds. */
  async list(folder: string, options: ListOptions = {}): Promise<BlobPage> {
    await this.#within(folder)
    const { files } = await this.#listings.read(folder)
    const { blobs, nextMarker } = pageOf(files, options)
    const fresh: (BlobProperties | undefined)[] = []
    let next = 0
    const look = async () => {
      while (next < blobs.length) {
        const index = next++
        const { name, path } = blobs[index]!
        const opened = await openLinkedFile(folder, path)
        await opened?.handle.close()
        fresh[index] = opened && propertiesOf(name, opened.facts)
      }
    }
    await Promise.all(Array.from({ length: parallelLooks }, look))
    return {
      blobs: fresh.filter((blob) => blob !== undefined),
      ...(nextMarker !== undefined && { nextMarker }),
    }
  }

  async get(folder: string, name: string): Promise<BlobProperties | undefined> {
    const opened = await this.#open(folder, name)
    if (opened === undefined) return undefined
    await opened.handle.close()
    return propertiesOf(normaliseBlobName(name), opened.facts)
  }

  /** Where the file lies, and which one it has to be for whoever opens it there. */
  async localSegments(folder: string, name: string): Promise<readonly LocalSegment[] | undefined> {
    const opened = await this.#open(folder, name)
    if (opened === undefined) return undefined
    await opened.handle.close()
    const { path, facts } = opened
    return [{ path, sizeBytes: facts.sizeBytes, version: facts.version }]
  }

  async read(folder: string, name: string, options: ReadOptions = {}): Promise<OpenedBlob> {
    const opened = await this.#open(folder, name)
    if (opened === undefined) throw new BlobStoreError('BlobNotFound', 'there is no such blob')
    const properties = propertiesOf(normaliseBlobName(name), opened.facts)
    const { offset = 0, lengthBytes = Number.POSITIVE_INFINITY, ifMatch } = options
    const { sizeBytes, etag } = properties
    const fault =
      ifMatch !== undefined && ifMatch !== etag
        ? new BlobStoreError('ConditionNotMet', `the blob has the ETag ${etag}`)
        : offset < 0 || lengthBytes < 0 || offset > sizeBytes
          ? new BlobStoreError('InvalidRange', `byte ${offset} is outside of ${sizeBytes} bytes`)
          : undefined
    if (fault !== undefined) {
      await opened.handle.close()
      throw fault
    }
    const end = Math.min(offset + lengthBytes, sizeBytes)
    const stream = Readable.from(bytesOf(opened, etag, offset, end), { objectMode: false })
    // A generator that was never begun runs no `finally`.
    stream.once('close', () => void opened.handle.close().catch(() => undefined))
    return { properties, stream }
  }

  async sizeOf(folder: string): Promise<number> {
    if (!(await this.reaches(folder))) return this.#listings.lastSizeOf(folder)
    return this.#listings.sizeOf(folder)
  }

  /** Throws `ContainerGone` where the folder may not be shown any more, or is not there. */
  async #within(folder: string): Promise<void> {
    const real = await this.#roots.admit(folder).catch((error: unknown) => {
      if (!(error instanceof FolderRefused)) throw error
      throw new BlobStoreError('ContainerGone', 'the linked folder cannot be reached', { cause: error })
    })
    if (real !== folder) throw new BlobStoreError('ContainerGone', 'the linked folder was replaced by a link')
  }

  async #open(folder: string, anyName: string): Promise<OpenedLinkedFile | undefined> {
    const name = normaliseBlobName(anyName)
    await this.#within(folder)
    const opened = await openLinkedFile(folder, name)
    if (opened !== undefined) return opened
    // Perhaps it is spelled otherwise on the disk: on a Mac, or with a backslash.
    const path = (await this.#listings.read(folder)).byName.get(name)?.path
    return path === undefined || path === name ? undefined : openLinkedFile(folder, path)
  }
}

/** Exactly these bytes of this version; fails rather than hand out a byte of another one. */
async function* bytesOf({ handle }: OpenedLinkedFile, etag: string, from: number, end: number) {
  for (let at = from; at < end; ) {
    const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, end - at))
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at)
    const { sizeBytes, version } = factsOf(await handle.stat({ bigint: true }))
    if (bytesRead === 0 || etagOf(sizeBytes, version) !== etag)
      throw new BlobStoreError('ConditionNotMet', 'the file was written to while it was read')
    yield buffer.subarray(0, bytesRead)
    at += bytesRead
  }
}

const contentType = 'application/octet-stream'

function propertiesOf(
  name: string,
  { sizeBytes, version, createdAt, lastModified }: FileFacts,
): BlobProperties {
  return { name, sizeBytes, etag: etagOf(sizeBytes, version), createdAt, lastModified, contentType }
}

function etagOf(sizeBytes: number, { inode, modifiedNanoseconds }: FileFacts['version']): string {
  const hex = [modifiedNanoseconds, sizeBytes, inode].map((part) => BigInt(part).toString(16).toUpperCase())
  return `"0x${hex.join('-')}"`
}
