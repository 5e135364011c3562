/** Sizes of containers where each costs a walk through a list on another machine. */
import type { BlobStore, ContainerKey } from './blob-store.ts'

export interface KeptSizesOptions {
  readonly now: () => Date
  /** How old the size of a container that clients write to may be. Default 10 s. */
  readonly lagMilliseconds?: number
  /** Default 20,000. */
  readonly maxKept?: number
}

interface KeptSize {
  readonly sizeBytes: Promise<number>
  readonly goodUntil: number
}

/** `sizeOf` must be asked for attempts that are committed only: what they wrote stays as it is. */
export function keptSizes(
  blobs: Pick<BlobStore, 'sizeOf'>,
  { now, lagMilliseconds = 10_000, maxKept = 20_000 }: KeptSizesOptions,
): Pick<BlobStore, 'sizeOf'> {
  const kept = new Map<string, KeptSize>()

  return {
    sizeOf: (container: ContainerKey) => {
      const key = `${container.id.toLowerCase()}.${container.attempt}`
      const known = kept.get(key)
      if (known !== undefined && now().getTime() < known.goodUntil) return known.sizeBytes
      const goodUntil = container.attempt > 0 ? Number.POSITIVE_INFINITY : now().getTime() + lagMilliseconds
      const size: KeptSize = { sizeBytes: blobs.sizeOf(container), goodUntil }
      kept.delete(key)
      kept.set(key, size)
      size.sizeBytes.catch(() => {
        if (kept.get(key) === size) kept.delete(key)
      })
      // A Map remembers the order of insertion: the oldest goes first.
      if (kept.size > maxKept) kept.delete(kept.keys().next().value!)
      return size.sizeBytes
    },
  }
}
