// What runs keep for each other, in memory as a folder would.
import type { JobContext } from './job-type.ts'

/** `taken`: the names of what was found. */
export function keptInMemory() {
  const columnsOf = new Map<string, Buffer[]>()
  const taken: string[] = []
  const kept: NonNullable<JobContext['kept']> = {
    blockPoints: 10_000,
    take: async (name, columns) => {
      const found = columnsOf.get(name)
      if (found === undefined) return false
      for (const [i, { buffer, byteOffset, byteLength }] of columns.entries())
        new Uint8Array(buffer, byteOffset, byteLength).set(found[i]!)
      taken.push(name)
      return true
    },
    keep: async (name, columns) =>
      void columnsOf.set(
        name,
        columns.map(({ buffer, byteOffset, byteLength }) =>
          Buffer.from(new Uint8Array(buffer, byteOffset, byteLength)),
        ),
      ),
  }
  return { kept, taken, columnsOf }
}
