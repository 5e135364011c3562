// What lies in linked folders, remembered for a while: a file server may take a minute to say it.
import { BlobStoreError } from '../blobs/blob-store.ts'
import { type WalkedFile, walkFolder } from './walk-folder.ts'

export interface LinkedListing {
  files: readonly WalkedFile[]
  byName: ReadonlyMap<string, WalkedFile>
  sizeBytes: number
}

interface Walk {
  listing: Promise<LinkedListing>
  /** So far; of the whole folder once the walk has ended. */
  sizeBytes: number
  ended?: { atMs: number; tookMs: number; files: number }
}

export interface LinkedListingsOptions {
  /** How long a listing is good for at least; default 5 s. */
  freshMs?: number
  /** One that took long is good for so many times as long; default 10. */
  timesAsLong?: number
  /** How long somebody waits for a size; default 2 s. */
  sizeWaitMs?: number
  /** Files of all listings together that are remembered; the walks of longest ago are forgotten first. */
  mostKeptFiles?: number
}

export class LinkedListings {
  readonly #walks = new Map<string, Walk>()
  readonly #options: Required<LinkedListingsOptions>

  constructor(options: LinkedListingsOptions = {}) {
    this.#options = { freshMs: 5000, timesAsLong: 10, sizeWaitMs: 2000, mostKeptFiles: 1_000_000, ...options }
  }

  /** The whole of the folder, as it was not long ago. */
  read(folder: string): Promise<LinkedListing> {
    return this.#walk(folder).listing
  }

  /** All bytes of the folder; while they are still being counted for the first time, those found so far. */
  async sizeOf(folder: string): Promise<number> {
    const before = this.lastSizeOf(folder)
    const walk = this.#walk(folder)
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), this.#options.sizeWaitMs)
    })
    try {
      const listing = await Promise.race([walk.listing, patience])
      return listing?.sizeBytes ?? Math.max(walk.sizeBytes, before)
    } catch (error) {
      if (error instanceof BlobStoreError) return before
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  /** What it held when it was last seen; 0: never. */
  lastSizeOf(folder: string): number {
    return this.#walks.get(folder)?.sizeBytes ?? 0
  }

  #walk(folder: string): Walk {
    const known = this.#walks.get(folder)
    if (known !== undefined && this.#isFresh(known)) return known
    const began = performance.now()
    const walk: Walk = { listing: Promise.resolve(empty), sizeBytes: 0 }
    walk.listing = walkFolder(folder, ({ sizeBytes }) => {
      walk.sizeBytes += sizeBytes
    }).then(
      (files) => {
        const atMs = performance.now()
        walk.ended = { atMs, tookMs: atMs - began, files: files.length }
        this.#forget()
        const byName = new Map(files.map((file) => [file.name, file]))
        return { files, byName, sizeBytes: walk.sizeBytes }
      },
      (error: unknown) => {
        if (this.#walks.get(folder) === walk) this.#walks.delete(folder)
        throw error
      },
    )
    walk.listing.catch(() => undefined) // heard of by those who ask
    this.#walks.delete(folder)
    this.#walks.set(folder, walk)
    return walk
  }

  #isFresh({ ended }: Walk): boolean {
    if (ended === undefined) return true
    const { freshMs, timesAsLong } = this.#options
    return performance.now() - ended.atMs < Math.max(freshMs, timesAsLong * ended.tookMs)
  }

  #forget(): void {
    let kept = 0
    for (const [folder, { ended }] of [...this.#walks].reverse()) {
      kept += ended?.files ?? 0
      if (kept > this.#options.mostKeptFiles) this.#walks.delete(folder)
    }
  }
}

const empty: LinkedListing = { files: [], byName: new Map(), sizeBytes: 0 }
