// Written by `node bench/truth/calibrate.ts --write`, which says how and on what data.

/** Seconds that a unit of work takes one thread. */
export const measuredCosts = {
  readLas: 5.23e-8,
  readLaz: 5.17e-7,
  startDecoding: 0.0351,
  shift: 4.92e-7,
  index: 1.47e-7,
  distances: 4.39e-7,
  cells: 2.08e-7,
  offsets: 7.29e-7,
  evidence: 2.58e-7,
  group: 4.29e-8,
  describe: 2.7e-8,
  locations: 0.000686,
  segmented: 1.07e-7,
}
