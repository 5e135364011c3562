/**
 * Blobs as plain files. A blob exists when its manifest does; a manifest appears by one rename, after everything
 * it names is on the disk. Nothing is copied to commit: the manifest lists the block files as they were uploaded.
 *
 * One process may write a blob at a time; with several on one folder the last commit wins, and what the loser
 * wrote is swept.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  type BlobManifest,
  encodeManifest,
  hasCode,
  type ManifestSegment,
  namedDiskError,
  readManifest,
  readManifestProperties,
  undefinedIfMissing,
} from './blob-manifest.ts'
import { compareNames, normaliseBlobName } from './blob-name.ts'
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
  maxListResults,
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
import { ContainerListings } from './container-listing.ts'
import { copyBody } from './copy-body.ts'
import { DurableDirectories, diskFiles, type Files, shareDirectorySyncs } from './durable-files.ts'
import { KeyedLock } from './keyed-lock.ts'
import { SegmentLeases } from './segment-leases.ts'
import {
  hashBlockId,
  parseSegmentFile,
  type SegmentName,
  segmentFile,
  stampClock,
  wholeBody,
} from './segment-name.ts'
import { segmentRanges, streamRanges } from './segment-stream.ts'
import { sweepFolder } from './sweep-folder.ts'
import { checkWriteCondition } from './write-condition.ts'

export interface FolderBlobStoreOptions {
  /** Made if it is missing; the folder above it must exist. */
  readonly root: string
  /** Default: the disk. */
  readonly files?: Files
  readonly now?: () => Date
}

export async function openFolderBlobStore(options: FolderBlobStoreOptions): Promise<FolderBlobStore> {
  const { root, files = diskFiles, now = () => new Date() } = options
  await mkdir(root, { recursive: true, mode: 0o750 })
  return new FolderBlobStore(root, shareDirectorySyncs(files), now)
}

export class FolderBlobStore implements BlobStore {
  readonly #root: string
  readonly #files: Files
  readonly #now: () => Date
  readonly #nextStamp: () => string
  readonly #directories: DurableDirectories
  readonly #locks = new KeyedLock()
  readonly #leases = new SegmentLeases()
  readonly #listings = new ContainerListings()
  /** Files an upload of this process still works on; the sweep leaves them. */
  readonly #inFlight = new Set<string>()
  /** How often each container folder was removed, so that an upload begun before cannot bring it back. */
  readonly #removals = new Map<string, number>()

  /** Use `openFolderBlobStore`. */
  constructor(root: string, files: Files, now: () => Date) {
    this.#root = root
    this.#files = files
    this.#now = now
    this.#nextStamp = stampClock(now)
    this.#directories = new DurableDirectories(files, root)
  }

  async putBlob(
    container: ContainerKey,
    name: string,
    body: AsyncIterable<Uint8Array>,
    options: PutBlobOptions = {},
  ): Promise<BlobProperties> {
    const blob = this.#blob(container, name)
    const md5 = options.md5 ?? options.contentMd5
    const bodyOptions = md5 === undefined ? options : { ...options, md5 }
    return await this.#storeWhole(blob, options, () => this.#writeSegment(blob, wholeBody, body, bodyOptions))
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
    const segment = await this.#writeSegment(blob, block, body, options)
    this.#inFlight.delete(join(blob.data, segment.file))
  }

  async commitBlocks(
    container: ContainerKey,
    name: string,
    blocks: readonly BlockReference[],
    options: CommitBlocksOptions = {},
  ): Promise<BlobProperties> {
    const blob = this.#blob(container, name)
    const removals = this.#removalsOf(blob)
    const wanted = blocks.map(({ id, from }) => ({ block: hashBlockId(id), from, id }))
    return await this.#locks.run(blob.manifest, async () => {
      const current = await readManifest(blob.manifest)
      const stamp = this.#nextStamp()
      const uncommitted = await this.#uncommittedBlocks(blob, current)
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
      return await this.#commit(blob, removals, current, { stamp, segments, options })
    })
  }

  async list(container: ContainerKey, options: ListOptions = {}): Promise<BlobPage> {
    const all = await this.#listings.read(this.#container(container).manifests)
    const { prefix = '', marker = '', maxResults = maxListResults } = options
    const pageSize = Math.max(1, Math.min(maxResults, maxListResults))
    const wantedPrefix = prefix === '' ? '' : prefix.normalize('NFC').replaceAll('\\', '/')
    const after = marker === '' ? undefined : decodeMarker(marker)
    let begin = 0
    if (after !== undefined) begin = firstIndexBehind(all, after)
    const blobs: BlobProperties[] = []
    for (let i = begin; i < all.length; i++) {
      const blob = all[i]!
      if (!blob.name.startsWith(wantedPrefix)) continue
      if (blobs.length === pageSize) return { blobs, nextMarker: encodeMarker(blobs.at(-1)!.name) }
      blobs.push(blob)
    }
    return { blobs }
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
    return await this.#locks.run(blob.manifest, async () => {
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
      const release = this.#leases.hold(ranges.map(({ path }) => path))
      const stream = streamRanges(ranges)
      stream.once('close', release)
      return { properties, stream }
    })
  }

  async delete(container: ContainerKey, name: string, condition: WriteCondition = {}): Promise<boolean> {
    const blob = this.#blob(container, name)
    return await this.#locks.run(blob.manifest, async () => {
      const current = await readManifest(blob.manifest)
      if (current === undefined) return false
      checkWriteCondition(current.properties, condition)
      await rm(blob.manifest, { force: true })
      await this.#files.syncDirectory(blob.container.manifests)
      await this.#removeSegments(blob, current.segments)
      await this.#removeIfEmpty(blob.data)
      return true
    })
  }

  async deleteContainer({ id, attempt }: { readonly id: string; readonly attempt?: number }): Promise<void> {
    const folder = containerIdFolder(this.#root, id)
    const attempts =
      attempt === undefined ? ((await readdir(folder).catch(undefinedIfMissing)) ?? []) : [attempt]
    for (const each of attempts)
      await this.#deleteAttempt(containerFolder(this.#root, { id, attempt: Number(each) }))
    await this.#removeIfEmpty(folder)
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
    await this.#files.syncFile(localPath)
    const file = segmentFile(wholeBody, this.#nextStamp(), status.size)
    const path = join(blob.data, file)
    this.#inFlight.add(path)
    try {
      await this.#inFolder(blob.data, () => this.#files.rename(localPath, path))
      return await this.#storeWhole(
        blob,
        options,
        async () => {
          await this.#files.syncDirectory(blob.data)
          return { file, sizeBytes: status.size }
        },
        (unused) => rename(unused, localPath),
      )
    } catch (error) {
      if (!hasCode(error, 'EXDEV')) throw namedDiskError(error)
    } finally {
      this.#inFlight.delete(path)
    }
    // The file lies on another device.
    const copied = { ...options, sizeBytes: status.size }
    const properties = await this.putBlob(container, name, createReadStream(localPath), copied)
    await rm(localPath)
    return properties
  }

  async sizeOf(container: ContainerKey): Promise<number> {
    return sumOfSizes(await this.#listings.read(this.#container(container).manifests))
  }

  async sweep(options: SweepOptions): Promise<SweepResult> {
    return await sweepFolder(options, {
      containers: containersFolder(this.#root),
      trash: trashFolder(this.#root),
      inUse: (path) => this.#inFlight.has(path) || this.#leases.doomed(path),
      locked: (manifest, task) => this.#locks.run(manifest, task),
      directoryRemoved: (path) => this.#directories.forget(path),
    })
  }

  #container(container: ContainerKey): ContainerFolder {
    return containerFolder(this.#root, container)
  }

  #blob(container: ContainerKey, name: string): BlobFolder {
    return blobFolder(this.#container(container), name)
  }

  #removalsOf(blob: BlobFolder): number {
    return this.#removals.get(blob.container.path) ?? 0
  }

  #refuseIfRemoved(blob: BlobFolder, removals: number): void {
    if (this.#removalsOf(blob) !== removals) {
      throw new BlobStoreError('ContainerGone', 'the container was removed during the upload')
    }
  }

  /** Commits one segment as the whole blob. If that fails, the segment is given back or removed. */
  async #storeWhole(
    blob: BlobFolder,
    options: ContentProperties & WriteCondition,
    makeSegment: () => Promise<ManifestSegment>,
    giveBack?: (path: string) => Promise<void>,
  ): Promise<BlobProperties> {
    const removals = this.#removalsOf(blob)
    const segment = await makeSegment()
    const path = join(blob.data, segment.file)
    try {
      return await this.#locks.run(blob.manifest, async () => {
        const current = await readManifest(blob.manifest)
        const stamp = this.#nextStamp()
        return await this.#commit(blob, removals, current, { stamp, segments: [segment], options })
      })
    } catch (error) {
      // When only the last sync failed, the manifest names the segment already, and both must stay.
      const visible = await readManifest(blob.manifest).catch(() => undefined)
      if (!visible?.segments.some(({ file }) => file === segment.file)) {
        await giveBack?.(path).catch(() => {}) // the first error says more
        await rm(path, { force: true })
        await this.#removeIfEmpty(blob.data)
      }
      throw error
    } finally {
      this.#inFlight.delete(path)
    }
  }

  /** Under the blob's lock. Writes the manifest, then removes what it no longer names. */
  async #commit(
    blob: BlobFolder,
    removals: number,
    current: BlobManifest | undefined,
    next: Pick<BlobManifest, 'stamp' | 'segments'> & { options: ContentProperties & WriteCondition },
  ): Promise<BlobProperties> {
    const { stamp, segments, options } = next
    checkWriteCondition(current?.properties, options)
    const now = this.#now()
    const properties: BlobProperties = {
      name: blob.name,
      sizeBytes: sumOfSizes(segments),
      etag: `"0x${randomBytes(8).toString('hex').toUpperCase()}"`,
      createdAt: current?.properties.createdAt ?? now,
      lastModified: now,
      contentType: options.contentType ?? 'application/octet-stream',
      ...(options.contentEncoding !== undefined && { contentEncoding: options.contentEncoding }),
      ...(options.contentMd5 !== undefined && { contentMd5: options.contentMd5 }),
    }
    const dropped = [...(await this.#allBlocks(blob)), ...(current?.segments ?? [])]
    await this.#writeManifest(blob, removals, { properties, stamp, segments })
    const kept = new Set(segments.map(({ file }) => file))
    await this.#removeSegments(
      blob,
      dropped.filter(({ file }) => !kept.has(file)),
    )
    return properties
  }

  async #writeManifest(blob: BlobFolder, removals: number, manifest: BlobManifest): Promise<void> {
    this.#refuseIfRemoved(blob, removals)
    const folder = blob.container.manifests
    const temporary = join(folder, `${randomUUID()}.part`)
    this.#inFlight.add(temporary)
    try {
      const file = await this.#inFolder(folder, () => this.#files.create(temporary))
      try {
        await file.write(Buffer.from(encodeManifest(manifest)))
        await file.sync()
      } finally {
        await file.close()
      }
      this.#refuseIfRemoved(blob, removals)
      await this.#files.rename(temporary, blob.manifest)
      await this.#files.syncDirectory(folder)
    } catch (error) {
      await rm(temporary, { force: true })
      if (hasCode(error, 'ENOENT')) this.#refuseIfRemoved(blob, removals)
      throw namedDiskError(error)
    } finally {
      this.#inFlight.delete(temporary)
    }
  }

  /** Leaves the finished file in `#inFlight`, for the caller to take out when it is committed or given up. */
  async #writeSegment(
    blob: BlobFolder,
    block: string,
    body: AsyncIterable<Uint8Array>,
    options: BodyOptions,
  ): Promise<ManifestSegment> {
    const removals = this.#removalsOf(blob)
    const part = join(blob.data, `${randomUUID()}.part`)
    this.#inFlight.add(part)
    let path = part
    try {
      const output = await this.#inFolder(blob.data, () => this.#files.create(part))
      let sizeBytes: number
      try {
        sizeBytes = await copyBody(body, output, options)
      } finally {
        await output.close()
      }
      // Under the lock, so that a commit either sees the block or has an older stamp.
      const file = await this.#locks.run(blob.manifest, async () => {
        this.#refuseIfRemoved(blob, removals)
        const finished = segmentFile(block, this.#nextStamp(), sizeBytes)
        this.#inFlight.add(join(blob.data, finished))
        await this.#files.rename(part, join(blob.data, finished))
        path = join(blob.data, finished)
        return finished
      })
      await this.#files.syncDirectory(blob.data)
      return { file, sizeBytes }
    } catch (error) {
      await rm(path, { force: true })
      await this.#removeIfEmpty(blob.data)
      this.#inFlight.delete(path)
      if (hasCode(error, 'ENOENT')) this.#refuseIfRemoved(blob, removals)
      throw namedDiskError(error)
    } finally {
      this.#inFlight.delete(part)
    }
  }

  /** Makes something in a folder that is made first, and again if it was removed for being empty in between. */
  async #inFolder<T>(folder: string, make: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#directories.ensure(folder)
        return await make()
      } catch (error) {
        if (!hasCode(error, 'ENOENT') || attempt === 5) throw error
        for (let removed = folder; removed !== this.#root; removed = dirname(removed)) {
          this.#directories.forget(removed)
        }
      }
    }
  }

  /** Block files of the blob, committed or not. */
  async #allBlocks(blob: BlobFolder): Promise<SegmentName[]> {
    const files = (await readdir(blob.data).catch(undefinedIfMissing)) ?? []
    return files.flatMap((file) => parseSegmentFile(file) ?? []).filter(({ block }) => block !== wholeBody)
  }

  /** The newest uncommitted file of each block. */
  async #uncommittedBlocks(blob: BlobFolder, current?: BlobManifest): Promise<Map<string, SegmentName>> {
    const committed = new Set(current?.segments.map(({ file }) => file))
    const newest = new Map<string, SegmentName>()
    for (const segment of await this.#allBlocks(blob)) {
      if (committed.has(segment.file) || this.#leases.doomed(join(blob.data, segment.file))) continue
      if (current !== undefined && segment.stamp < current.stamp) continue // dropped by that commit
      const known = newest.get(segment.block)
      if (known === undefined || known.stamp < segment.stamp) newest.set(segment.block, segment)
    }
    return newest
  }

  async #removeSegments(blob: BlobFolder, segments: readonly ManifestSegment[]): Promise<void> {
    for (const file of new Set(segments.map((segment) => segment.file))) {
      await this.#leases.remove(join(blob.data, file))
    }
  }

  async #deleteAttempt(container: ContainerFolder): Promise<void> {
    this.#removals.set(container.path, (this.#removals.get(container.path) ?? 0) + 1)
    const trash = trashFolder(this.#root)
    await this.#directories.ensure(trash)
    const removed = join(trash, randomUUID())
    // One rename makes all blobs vanish at once; the data go afterwards, file by file, for the sake of readers.
    await rename(container.manifests, removed).catch(undefinedIfMissing)
    this.#directories.forgetTree(container.path)
    await this.#files.syncDirectory(container.path).catch(undefinedIfMissing)
    for (const key of (await readdir(container.data).catch(undefinedIfMissing)) ?? []) {
      const folder = join(container.data, key)
      for (const file of (await readdir(folder).catch(undefinedIfMissing)) ?? []) {
        await this.#leases.remove(join(folder, file))
      }
      await this.#removeIfEmpty(folder)
    }
    await this.#removeIfEmpty(container.data)
    await this.#removeIfEmpty(container.path)
    await rm(removed, { recursive: true, force: true })
  }

  async #removeIfEmpty(directory: string): Promise<void> {
    try {
      await rmdir(directory)
      this.#directories.forget(directory)
    } catch (error) {
      if (!hasCode(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST', 'EPERM', 'EBUSY')) throw error
    }
  }
}

function localSegmentsOf(blob: BlobFolder, { segments }: BlobManifest): LocalSegment[] {
  return segments.map(({ file, sizeBytes }) => ({ path: join(blob.data, file), sizeBytes }))
}

function sumOfSizes(items: readonly { readonly sizeBytes: number }[]): number {
  return items.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
}

function encodeMarker(name: string): string {
  return Buffer.from(name, 'utf8').toString('base64url')
}

function decodeMarker(marker: string): string {
  return normaliseBlobName(Buffer.from(marker, 'base64url').toString('utf8'))
}

/** Index of the first blob whose name sorts behind `name`; the list is sorted. */
function firstIndexBehind(blobs: readonly BlobProperties[], name: string): number {
  let low = 0
  let high = blobs.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareNames(blobs[middle]!.name, name) <= 0) low = middle + 1
    else high = middle
  }
  return low
}
