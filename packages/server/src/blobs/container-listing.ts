/**
 * The blobs of one container, sorted by name. Reading a manifest per blob is slow for 100,000 tiles, so
 * listings are kept as long as the manifest folder does not change.
 */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readManifestProperties, undefinedIfMissing } from './blob-manifest.ts'
import { compareNames, normaliseBlobName } from './blob-name.ts'
import { type BlobPage, type BlobProperties, type ListOptions, maxListResults } from './blob-store.ts'

/**
 * A folder can change twice within one tick of its time stamp, so a listing younger than this is not trusted.
 */
const settledAfterMilliseconds = 2000
const parallelReads = 32

interface Listing {
  readonly modifiedNanoseconds: bigint
  readonly blobs: readonly BlobProperties[]
}

export class ContainerListings {
  readonly #kept = new Map<string, Listing>()
  readonly #maxKeptBlobs: number

  constructor(maxKeptBlobs = 200_000) {
    this.#maxKeptBlobs = maxKeptBlobs
  }

  async read(manifestFolder: string): Promise<readonly BlobProperties[]> {
    const status = await stat(manifestFolder, { bigint: true }).catch(undefinedIfMissing)
    if (status === undefined) return []
    const kept = this.#kept.get(manifestFolder)
    if (kept?.modifiedNanoseconds === status.mtimeNs) return kept.blobs
    const settled = Date.now() - Number(status.mtimeMs) > settledAfterMilliseconds
    const blobs = await readAll(manifestFolder)
    this.#kept.delete(manifestFolder)
    if (settled) this.#keep(manifestFolder, { modifiedNanoseconds: status.mtimeNs, blobs })
    return blobs
  }

  #keep(manifestFolder: string, listing: Listing): void {
    let total = listing.blobs.length
    if (total > this.#maxKeptBlobs) return
    for (const { blobs } of this.#kept.values()) total += blobs.length
    // A Map remembers the order of insertion: the oldest listing goes first.
    for (const [oldest, { blobs }] of this.#kept) {
      if (total <= this.#maxKeptBlobs) break
      this.#kept.delete(oldest)
      total -= blobs.length
    }
    this.#kept.set(manifestFolder, listing)
  }
}

async function readAll(manifestFolder: string): Promise<BlobProperties[]> {
  const files = ((await readdir(manifestFolder).catch(undefinedIfMissing)) ?? []).filter((file) =>
    file.endsWith('.json'),
  )
  const blobs: BlobProperties[] = []
  let next = 0
  const readNext = async (): Promise<void> => {
    while (next < files.length) {
      const properties = await readManifestProperties(join(manifestFolder, files[next++]!))
      // Deleted since the folder was read.
      if (properties !== undefined) blobs.push(properties)
    }
  }
  await Promise.all(Array.from({ length: parallelReads }, readNext))
  return blobs.sort((a, b) => compareNames(a.name, b.name))
}

/** One page of a sorted listing. */
export function pageOf<Blob extends { readonly name: string }>(
  all: readonly Blob[],
  options: ListOptions,
): Omit<BlobPage, 'blobs'> & { readonly blobs: readonly Blob[] } {
  const { prefix = '', marker = '', maxResults = maxListResults } = options
  const pageSize = Math.max(1, Math.min(maxResults, maxListResults))
  const wantedPrefix = prefix.normalize('NFC').replaceAll('\\', '/')
  const blobs: Blob[] = []
  for (let i = marker === '' ? 0 : firstIndexBehind(all, decodeMarker(marker)); i < all.length; i++) {
    const blob = all[i]!
    if (!blob.name.startsWith(wantedPrefix)) continue
    if (blobs.length === pageSize) return { blobs, nextMarker: encodeMarker(blobs.at(-1)!.name) }
    blobs.push(blob)
  }
  return { blobs }
}

function encodeMarker(name: string): string {
  return Buffer.from(name, 'utf8').toString('base64url')
}

function decodeMarker(marker: string): string {
  return normaliseBlobName(Buffer.from(marker, 'base64url').toString('utf8'))
}

/** Index of the first blob whose name sorts behind `name`; the list is sorted. */
function firstIndexBehind(blobs: readonly { readonly name: string }[], name: string): number {
  let low = 0
  let high = blobs.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareNames(blobs[middle]!.name, name) <= 0) low = middle + 1
    else high = middle
  }
  return low
}
