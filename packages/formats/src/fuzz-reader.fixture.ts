// What is fuzzed.

export type FuzzReader = {
  /** One mutant of so many is enough, because each takes long; default all of them. */
  oneOf?: number
  /** What its process may take beyond what it has after the samples were read; default 256. */
  megabytes?: number
  samples(): Promise<Uint8Array[]>
  mutate(sample: Uint8Array, random: () => number): Uint8Array
  /** Throws what the reader throws. */
  read(bytes: Uint8Array): Promise<void> | void
}
