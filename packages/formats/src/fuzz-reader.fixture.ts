// What is fuzzed.

export type FuzzReader = {
  samples(): Promise<Uint8Array[]>
  mutate(sample: Uint8Array, random: () => number): Uint8Array
  /** Throws what the reader throws. */
  read(bytes: Uint8Array): Promise<void> | void
}
