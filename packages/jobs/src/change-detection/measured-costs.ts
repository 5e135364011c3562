// Written by `node bench/truth/calibrate.ts --write`, which says how and on what data.

/** Seconds that a unit of work takes one thread. */
export const measuredCosts = {
  readLas: 4.79e-8,
  readLaz: 6.08e-7,
  startDecoding: 0.0942,
  shift: 4.66e-7,
  index: 1.74e-7,
  distances: 1.94e-7,
  cells: 2.67e-7,
  offsets: 5.36e-7,
  evidence: 3.08e-7,
  group: 2.99e-8,
  describe: 3e-8,
  locations: 0.00141,
  segmented: 1.33e-7,
}
