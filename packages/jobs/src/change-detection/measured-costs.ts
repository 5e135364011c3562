// Written by `node bench/truth/calibrate.ts --write`, which says how and on what data.

/** Seconds that a unit of work takes one thread. */
export const measuredCosts = {
  readLas: 2.81e-8,
  readLaz: 5.27e-7,
  startDecoding: 0.0567,
  shift: 6e-7,
  index: 1.6e-7,
  distances: 1.83e-7,
  cells: 2e-7,
  offsets: 2e-7,
  evidence: 1e-7,
  group: 6e-8,
  describe: 6e-8,
  locations: 2.43e-4,
  segmented: 1.2e-7,
}
