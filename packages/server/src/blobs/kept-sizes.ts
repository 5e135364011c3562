/** Sizes of containers where each costs a walk through a list on another machine. */
import type { BlobStore, ContainerKey } from './blob-store.ts'

export interface KeptSizesOptions {
  readonly now: () => Date
  /** Default 20,000. */
  readonly maxKept?: number
}

interface KeptSize {
  readonly sizeBytes: Promise<number>
  goodUntil: number
}

/** What clients write to is asked again after so many times the duration of the walk, and after so long at the latest. */
const restFactor = 5
const longestRestMilliseconds = 10_000

/** `sizeOf` must be asked for attempts that are committed only: what they wrote stays as it is. */
export function keptSizes(
  blobs: Pick<BlobStore, 'sizeOf'>,
  { now, maxKept = 20_000 }: KeptSizesOptions,
): Pick<BlobStore, 'sizeOf'> {
  const kept = new Map<string, KeptSize>()

  return {
    sizeOf: (container: ContainerKey) => {
      const key = `${container.id.toLowerCase()}.${container.attempt}`
      const known = kept.get(key)
      if (known !== undefined && now().getTime() < known.goodUntil) return known.sizeBytes
      const began = now().getTime()
      const size = { sizeBytes: blobs.sizeOf(container), goodUntil: Number.POSITIVE_INFINITY }
      kept.delete(key)
      kept.set(key, size)
      // A Map remembers the order of insertion: the oldest goes first.
      if (kept.size > maxKept) kept.delete(kept.keys().next().value!)
      size.sizeBytes.then(
        () => {
          const ended = now().getTime()
          if (container.attempt === 0)
            size.goodUntil = ended + Math.min(longestRestMilliseconds, restFactor * (ended - began))
        },
        () => {
          if (kept.get(key) === size) kept.delete(key)
        },
      )
      return size.sizeBytes
    },
  }
}
