/**
 * How a blob gets onto the disk of a folder store: bodies become segment files, and a manifest that names
 * them makes them a blob. Everything is synced before it is named, and named before it is acknowledged.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  type BlobManifest,
  encodeManifest,
  hasCode,
  type ManifestSegment,
  namedDiskError,
  readManifest,
  undefinedIfMissing,
} from './blob-manifest.ts'
import {
  type BlobProperties,
  BlobStoreError,
  type BodyOptions,
  type ContentProperties,
  type WriteCondition,
} from './blob-store.ts'
import { admitUpload, type UploadSpace } from './admit-upload.ts'
import type { BlobFolder, ContainerFolder } from './container-folder.ts'
import { copyBody } from './copy-body.ts'
import { DurableDirectories, type Files } from './durable-files.ts'
import { KeyedLock } from './keyed-lock.ts'
import { SegmentLeases } from './segment-leases.ts'
import { parseSegmentFile, type SegmentName, segmentFile, stampClock, wholeBody } from './segment-name.ts'
import { checkWriteCondition } from './write-condition.ts'

export class FolderWriter {
  readonly files: Files
  readonly directories: DurableDirectories
  /** By manifest: whoever changes a blob, or must not see it change, runs under its lock. */
  readonly locks = new KeyedLock()
  readonly leases: SegmentLeases
  readonly nextStamp: () => string
  /** Files an upload of this process still works on; the sweep leaves them. */
  readonly inFlight = new Set<string>()
  readonly #root: string
  readonly #now: () => Date
  readonly #disk: UploadSpace | undefined
  /** How often each container folder was removed, so that an upload begun before cannot bring it back. */
  readonly #removals = new Map<string, number>()

  constructor(root: string, files: Files, now: () => Date, disk: UploadSpace | undefined) {
    this.#root = root
    this.files = files
    this.leases = new SegmentLeases(files)
    this.#now = now
    this.#disk = disk
    this.nextStamp = stampClock(now)
    this.directories = new DurableDirectories(files, root)
  }

  /** Ends the uploads into a container that have begun so far: they fail with `ContainerGone`. */
  containerRemoved(container: ContainerFolder): void {
    this.#removals.set(container.path, (this.#removals.get(container.path) ?? 0) + 1)
    this.directories.forgetTree(container.path)
  }

  removalsOf(blob: BlobFolder): number {
    return this.#removals.get(blob.container.path) ?? 0
  }

  #refuseIfRemoved(blob: BlobFolder, removals: number): void {
    if (this.removalsOf(blob) !== removals) {
      throw new BlobStoreError('ContainerGone', 'the container was removed during the upload')
    }
  }

  /** Commits one segment as the whole blob. If that fails, the segment is given back or removed. */
  async storeWhole(
    blob: BlobFolder,
    options: ContentProperties & WriteCondition,
    makeSegment: () => Promise<ManifestSegment>,
    giveBack?: (path: string) => Promise<void>,
  ): Promise<BlobProperties> {
    const removals = this.removalsOf(blob)
    const segment = await makeSegment()
    const path = join(blob.data, segment.file)
    try {
      return await this.locks.run(blob.manifest, async () => {
        const current = await readManifest(blob.manifest)
        const stamp = this.nextStamp()
        return await this.commit(blob, removals, current, { stamp, segments: [segment], options })
      })
    } catch (error) {
      // When only the last sync failed, the manifest names the segment already, and both must stay.
      const visible = await readManifest(blob.manifest).catch(() => undefined)
      if (!visible?.segments.some(({ file }) => file === segment.file)) {
        await giveBack?.(path).catch(() => {}) // the first error says more
        await this.files.removeFile(path)
        await this.removeIfEmpty(blob.data)
      }
      throw error
    } finally {
      this.inFlight.delete(path)
    }
  }

  /** Under the blob's lock. Writes the manifest, then removes what it no longer names. */
  async commit(
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
    await this.removeSegments(
      blob,
      dropped.filter(({ file }) => !kept.has(file)),
    )
    return properties
  }

  async #writeManifest(blob: BlobFolder, removals: number, manifest: BlobManifest): Promise<void> {
    this.#refuseIfRemoved(blob, removals)
    const folder = blob.container.manifests
    const temporary = join(folder, `${randomUUID()}.part`)
    this.inFlight.add(temporary)
    try {
      const file = await this.inFolder(folder, () => this.files.create(temporary))
      try {
        await file.write(Buffer.from(encodeManifest(manifest)))
        await file.sync()
      } finally {
        await file.close()
      }
      this.#refuseIfRemoved(blob, removals)
      await this.files.rename(temporary, blob.manifest)
      await this.files.syncDirectory(folder)
    } catch (error) {
      await this.files.removeFile(temporary)
      if (hasCode(error, 'ENOENT')) this.#refuseIfRemoved(blob, removals)
      throw namedDiskError(error)
    } finally {
      this.inFlight.delete(temporary)
    }
  }

  /** Leaves the finished file in `#inFlight`, for the caller to take out when it is committed or given up. */
  async writeSegment(
    blob: BlobFolder,
    block: string,
    body: AsyncIterable<Uint8Array>,
    options: BodyOptions & { uploaded: boolean },
  ): Promise<ManifestSegment> {
    const admit = async (bytesToCome: number) => {
      if (options.uploaded && this.#disk !== undefined) await admitUpload(this.#disk, bytesToCome)
    }
    await admit(options.sizeBytes ?? 0)
    const removals = this.removalsOf(blob)
    const part = join(blob.data, `${randomUUID()}.part`)
    this.inFlight.add(part)
    let path = part
    try {
      const output = await this.inFolder(blob.data, () => this.files.create(part))
      let sizeBytes: number
      try {
        sizeBytes = await copyBody(body, output, { ...options, admit: () => admit(0) })
      } finally {
        await output.close()
      }
      // Under the lock, so that a commit either sees the block or has an older stamp.
      const file = await this.locks.run(blob.manifest, async () => {
        this.#refuseIfRemoved(blob, removals)
        const finished = segmentFile(block, this.nextStamp(), sizeBytes)
        this.inFlight.add(join(blob.data, finished))
        await this.files.rename(part, join(blob.data, finished))
        path = join(blob.data, finished)
        return finished
      })
      await this.files.syncDirectory(blob.data)
      return { file, sizeBytes }
    } catch (error) {
      await this.files.removeFile(path)
      await this.removeIfEmpty(blob.data)
      this.inFlight.delete(path)
      if (hasCode(error, 'ENOENT')) this.#refuseIfRemoved(blob, removals)
      throw namedDiskError(error)
    } finally {
      this.inFlight.delete(part)
    }
  }

  /**
   * Makes something in a folder that is made first, and again if it was removed for being empty in between.
   */
  async inFolder<T>(folder: string, make: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.directories.ensure(folder)
        return await make()
      } catch (error) {
        if (!hasCode(error, 'ENOENT') || attempt === 5) throw error
        for (let removed = folder; removed !== this.#root; removed = dirname(removed)) {
          this.directories.forget(removed)
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
  async uncommittedBlocks(blob: BlobFolder, current?: BlobManifest): Promise<Map<string, SegmentName>> {
    const committed = new Set(current?.segments.map(({ file }) => file))
    const newest = new Map<string, SegmentName>()
    for (const segment of await this.#allBlocks(blob)) {
      if (committed.has(segment.file) || this.leases.doomed(join(blob.data, segment.file))) continue
      if (current !== undefined && segment.stamp < current.stamp) continue // dropped by that commit
      const known = newest.get(segment.block)
      if (known === undefined || known.stamp < segment.stamp) newest.set(segment.block, segment)
    }
    return newest
  }

  async removeSegments(blob: BlobFolder, segments: readonly ManifestSegment[]): Promise<void> {
    for (const file of new Set(segments.map((segment) => segment.file))) {
      await this.leases.remove(join(blob.data, file))
    }
  }

  async removeIfEmpty(directory: string): Promise<void> {
    try {
      await this.files.removeDirectory(directory)
      this.directories.forget(directory)
    } catch (error) {
      if (!hasCode(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST', 'EPERM', 'EBUSY')) throw error
    }
  }
}

export function sumOfSizes(items: readonly { readonly sizeBytes: number }[]): number {
  return items.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
}
