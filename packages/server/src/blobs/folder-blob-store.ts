/**
 * Blobs as plain files. A blob exists when its manifest does; a manifest appears by one rename, after
 * everything it names is on the disk. Nothing is copied to commit: the manifest lists the block files as they
 * were uploaded.
 *
 * One process may write a blob at a time; with several on one folder the last commit wins, and what the loser
 * wrote is swept.
 */
import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { UploadSpace } from './admit-upload.ts'
import {
  type BlobManifest,
  hasCode,
  namedDiskError,
  readManifest,
  readManifestProperties,
  undefinedIfMissing,
} from './blob-manifest.ts'
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
  type LocalSegment,
  type OpenedBlob,
  type PutBlobOptions,
  type ReadOptions,
  type SweepOptions,
  type SweepResult,
  type WriteCondition,
} from './blob-store.ts'
import {
  type BlobFolder,
  blobFolder,
  type ContainerFolder,
  containerFolder,
  containerIdFolder,
  containersFolder,
  trashFolder,
} from './container-folder.ts'
import { ContainerListings, pageOf } from './container-listing.ts'
import { DurableDirectories, diskFiles, type Files, shareDirectorySyncs } from './durable-files.ts'
import { FolderWriter, sumOfSizes } from './folder-writer.ts'
import { hashBlockId, segmentFile, wholeBody } from './segment-name.ts'
import { segmentRanges, streamRanges } from './segment-stream.ts'
import { sweepFolder } from './sweep-folder.ts'
import { checkWriteCondition } from './write-condition.ts'

export interface FolderBlobStoreOptions {
  /** Made if it is missing; the folder above it must exist. */
  readonly root: string
  /** Default: the disk. */
  readonly files?: Files
  readonly now?: () => Date
  /** Whom uploads ask for room; without, they take all there is. */
  readonly disk?: UploadSpace
}

export async function openFolderBlobStore(options: FolderBlobStoreOptions): Promise<FolderBlobStore> {
  const { files = diskFiles, now = () => new Date() } = options
  const root = resolve(options.root)
  await files.makeDirectory(root)
  await files.syncDirectory(dirname(root))
  const shared = shareDirectorySyncs(files)
  // On a full disk it could not be made, and what is to be removed goes there.
  await new DurableDirectories(shared, root).ensure(trashFolder(root))
  return new FolderBlobStore(root, shared, now, options.disk)
}

export class FolderBlobStore implements BlobStore {
  readonly #root: string
  readonly #writer: FolderWriter
  readonly #listings = new ContainerListings()

  /** Use `openFolderBlobStore`. */
  constructor(root: string, files: Files, now: () => Date, disk: UploadSpace | undefined) {
    this.#root = root
    this.#writer = new FolderWriter(root, files, now, disk)
  }

  async putBlob(
    container: ContainerKey,
    name: string,
    body: AsyncIterable<Uint8Array>,
    options: PutBlobOptions = {},
  ): Promise<BlobProperties> {
    return await this.#put(this.#blob(container, name), body, { ...options, uploaded: true })
  }

  async putBlock(
    container: ContainerKey,
    name: string,
    blockId: string,
    body: AsyncIterable<Uint8Array>,
    options: BodyOptions = {},
  ): Promise<void> {
    const block = hashBlockId(blockId)
    const blob = this.#blob(container, name)
    const segment = await this.#writer.writeSegment(blob, block, body, { ...options, uploaded: true })
    this.#writer.inFlight.delete(join(blob.data, segment.file))
  }

  async commitBlocks(
    container: ContainerKey,
    name: string,
    blocks: readonly BlockReference[],
    options: CommitBlocksOptions = {},
  ): Promise<BlobProperties> {
    const blob = this.#blob(container, name)
    const removals = this.#writer.removalsOf(blob)
    const wanted = blocks.map(({ id, from }) => ({ block: hashBlockId(id), from, id }))
    return await this.#writer.locks.run(blob.manifest, async () => {
      const current = await readManifest(blob.manifest)
      const stamp = this.#writer.nextStamp()
      const uncommitted = await this.#writer.uncommittedBlocks(blob, current)
      const committed = new Map(current?.segments.map((segment) => [segment.file.split('.')[0]!, segment]))
      const segments = wanted.map(({ block, from, id }) => {
        const found =
          (from === 'committed' ? undefined : uncommitted.get(block)) ??
          (from === 'uncommitted' ? undefined : committed.get(block))
        if (found) return { file: found.file, sizeBytes: found.sizeBytes }
        throw new BlobStoreError('InvalidBlockList', `there is no ${from} block ${id}`)
      })
      const sizeBytes = sumOfSizes(segments)
      if (options.maxSizeBytes !== undefined && sizeBytes > options.maxSizeBytes) {
        throw new BlobStoreError(
          'TooLarge',
          `the blocks are ${sizeBytes} bytes, at most ${options.maxSizeBytes} may be`,
        )
      }
      return await this.#writer.commit(blob, removals, current, { stamp, segments, options })
    })
  }

  async *containers(): AsyncIterable<ContainerKey> {
    const folder = containersFolder(this.#root)
    for (const id of await entries(folder)) {
      for (const attempt of await entries(join(folder, id))) yield { id, attempt: Number(attempt) }
    }
  }

  async list(container: ContainerKey, options: ListOptions = {}): Promise<BlobPage> {
    return pageOf(await this.#listings.read(this.#container(container).manifests), options)
  }

  async get(container: ContainerKey, name: string): Promise<BlobProperties | undefined> {
    return await readManifestProperties(this.#blob(container, name).manifest)
  }

  async localSegments(container: ContainerKey, name: string): Promise<readonly LocalSegment[] | undefined> {
    const blob = this.#blob(container, name)
    const manifest = await readManifest(blob.manifest)
    return manifest && localSegmentsOf(blob, manifest)
  }

  async read(container: ContainerKey, name: string, options: ReadOptions = {}): Promise<OpenedBlob> {
    const blob = this.#blob(container, name)
    // Under the lock, so that no commit removes the files between reading the manifest and holding them.
    return await this.#writer.locks.run(blob.manifest, async () => {
      const manifest = await readManifest(blob.manifest)
      if (manifest === undefined) throw new BlobStoreError('BlobNotFound', 'there is no such blob')
      const { properties } = manifest
      if (options.ifMatch !== undefined && options.ifMatch !== properties.etag) {
        throw new BlobStoreError('ConditionNotMet', `the blob has the ETag ${properties.etag}`)
      }
      const { offset = 0, lengthBytes = Number.POSITIVE_INFINITY } = options
      if (offset < 0 || lengthBytes < 0 || offset > properties.sizeBytes) {
        throw new BlobStoreError('InvalidRange', `byte ${offset} is outside of ${properties.sizeBytes} bytes`)
      }
      const ranges = segmentRanges(
        localSegmentsOf(blob, manifest),
        offset,
        Math.min(lengthBytes, properties.sizeBytes - offset),
      )
      const release = this.#writer.leases.hold(ranges.map(({ path }) => path))
      const stream = streamRanges(ranges)
      stream.once('close', release)
      return { properties, stream }
    })
  }

  async delete(container: ContainerKey, name: string, condition: WriteCondition = {}): Promise<boolean> {
    const blob = this.#blob(container, name)
    return await this.#writer.locks.run(blob.manifest, async () => {
      const current = await readManifest(blob.manifest)
      if (current === undefined) return false
      checkWriteCondition(current.properties, condition)
      await this.#writer.files.removeFile(blob.manifest)
      await this.#writer.files.syncDirectory(blob.container.manifests)
      await this.#writer.removeSegments(blob, current.segments)
      await this.#writer.removeIfEmpty(blob.data)
      return true
    })
  }

  async deleteContainer({ id, attempt }: { readonly id: string; readonly attempt?: number }): Promise<void> {
    const folder = containerIdFolder(this.#root, id)
    const attempts = attempt === undefined ? await entries(folder) : [attempt]
    for (const each of attempts)
      await this.#deleteAttempt(containerFolder(this.#root, { id, attempt: Number(each) }))
    await this.#writer.removeIfEmpty(folder)
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
    await this.#writer.files.syncFile(localPath)
    const file = segmentFile(wholeBody, this.#writer.nextStamp(), status.size)
    const path = join(blob.data, file)
    this.#writer.inFlight.add(path)
    try {
      await this.#writer.inFolder(blob.data, () => this.#writer.files.rename(localPath, path))
      return await this.#writer.storeWhole(
        blob,
        options,
        async () => {
          await this.#writer.files.syncDirectory(blob.data)
          return { file, sizeBytes: status.size }
        },
        (unused) => this.#writer.files.rename(unused, localPath),
      )
    } catch (error) {
      if (!hasCode(error, 'EXDEV')) throw namedDiskError(error)
    } finally {
      this.#writer.inFlight.delete(path)
    }
    // The file lies on another device.
    const copied = { ...options, sizeBytes: status.size, uploaded: false }
    const properties = await this.#put(blob, createReadStream(localPath), copied)
    await this.#writer.files.removeFile(localPath)
    return properties
  }

  async sizeOf(container: ContainerKey): Promise<number> {
    return sumOfSizes(await this.#listings.read(this.#container(container).manifests))
  }

  async sweep(options: SweepOptions): Promise<SweepResult> {
    return await sweepFolder(options, {
      containers: containersFolder(this.#root),
      trash: trashFolder(this.#root),
      inUse: (path) => this.#writer.inFlight.has(path) || this.#writer.leases.doomed(path),
      locked: (manifest, task) => this.#writer.locks.run(manifest, task),
      removeFile: (path) => this.#writer.files.removeFile(path),
      removeIfEmpty: (directory) => this.#writer.removeIfEmpty(directory),
    })
  }

  async #put(
    blob: BlobFolder,
    body: AsyncIterable<Uint8Array>,
    options: PutBlobOptions & { uploaded: boolean },
  ): Promise<BlobProperties> {
    const md5 = options.md5 ?? options.contentMd5
    const bodyOptions = md5 === undefined ? options : { ...options, md5 }
    return await this.#writer.storeWhole(blob, options, () =>
      this.#writer.writeSegment(blob, wholeBody, body, bodyOptions),
    )
  }

  #container(container: ContainerKey): ContainerFolder {
    return containerFolder(this.#root, container)
  }

  #blob(container: ContainerKey, name: string): BlobFolder {
    return blobFolder(this.#container(container), name)
  }

  async #deleteAttempt(container: ContainerFolder): Promise<void> {
    const { files, leases, directories } = this.#writer
    this.#writer.containerRemoved(container)
    const removed = join(trashFolder(this.#root), randomUUID())
    // One rename makes all blobs vanish at once; the data go afterwards, file by file, for the sake of
    // readers.
    await files.rename(container.manifests, removed).catch(undefinedIfMissing)
    directories.forgetTree(container.path)
    await files.syncDirectory(container.path).catch(undefinedIfMissing)
    for (const key of await entries(container.data)) {
      const folder = join(container.data, key)
      for (const file of await entries(folder)) await leases.remove(join(folder, file))
      await this.#writer.removeIfEmpty(folder)
    }
    await this.#writer.removeIfEmpty(container.data)
    await this.#writer.removeIfEmpty(container.path)
    for (const file of await entries(removed)) await files.removeFile(join(removed, file))
    await this.#writer.removeIfEmpty(removed)
  }
}

async function entries(directory: string): Promise<string[]> {
  return (await readdir(directory).catch(undefinedIfMissing)) ?? []
}

function localSegmentsOf(blob: BlobFolder, { segments }: BlobManifest): LocalSegment[] {
  return segments.map(({ file, sizeBytes }) => ({ path: join(blob.data, file), sizeBytes }))
}
