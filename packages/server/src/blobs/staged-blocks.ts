/**
 * A body on its way into Azure Blob Storage, as a file that is written: whole blocks go out while the next one fills,
 * and nothing is visible before the commit. Memory is two blocks, whatever the size.
 */
import { randomUUID } from 'node:crypto'
import type { BlobHTTPHeaders, BlockBlobClient } from '@azure/storage-blob'
import type { WriteCondition } from './blob-store.ts'
import type { OutputFile } from './durable-files.ts'

/** With 50,000 blocks in a blob: bodies of up to 400 GB. */
export const stagedBlockBytes = 8 * 2 ** 20

export interface Committed {
  readonly etag?: string
  readonly lastModified?: Date
}

export class StagedBlocks implements OutputFile {
  readonly #blob: BlockBlobClient
  readonly #upload = randomUUID()
  readonly #ids: string[] = []
  #block = Buffer.allocUnsafe(0)
  #filled = 0
  #staging: Promise<unknown> = Promise.resolve()

  constructor(blob: BlockBlobClient) {
    this.#blob = blob
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let taken = 0; taken < chunk.byteLength; ) {
      if (this.#filled === this.#block.length) await this.#nextBlock()
      const bytes = chunk.subarray(taken, taken + this.#block.length - this.#filled)
      this.#block.set(bytes, this.#filled)
      this.#filled += bytes.length
      taken += bytes.length
    }
  }

  /** Azure has a block on its disks when it acknowledges it. */
  async sync(): Promise<void> {}

  async close(): Promise<void> {
    // Told at the commit, if there is one.
    await this.#staging.catch(() => {})
  }

  /** Makes what was written the content of the blob. A small body goes in one request. */
  async commit(headers: BlobHTTPHeaders, conditions: WriteCondition): Promise<Committed> {
    const rest = this.#block.subarray(0, this.#filled)
    const options = { blobHTTPHeaders: headers, conditions }
    if (this.#ids.length === 0) return await this.#blob.upload(rest, rest.length, options)
    await this.#stage(rest)
    await this.#staging
    return await this.#blob.commitBlockList(this.#ids, options)
  }

  /** Returns when there is room for more. */
  async #nextBlock(): Promise<void> {
    if (this.#filled > 0) await this.#stage(this.#block)
    this.#block = Buffer.allocUnsafe(stagedBlockBytes)
    this.#filled = 0
  }

  async #stage(block: Buffer): Promise<void> {
    const id = Buffer.from(`${this.#upload}-${String(this.#ids.length).padStart(6, '0')}`).toString('base64')
    this.#ids.push(id)
    await this.#staging
    this.#staging = this.#blob.stageBlock(id, block, block.length)
    this.#staging.catch(() => {}) // awaited before the next block, or at the commit
  }
}
