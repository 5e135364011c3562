// Written by `node bench/truth/calibrate.ts --write`, which says how and on what data.

/** Seconds that a unit of work takes one thread. */
export const measuredCosts = {
  readLas: 3.87e-8,
  readLaz: 4.55e-7,
  startDecoding: 0.0521,
  shift: 5.22e-7,
  index: 1.4e-7,
  distances: 4.79e-7,
  cells: 2.14e-7,
  offsets: 7.39e-7,
  evidence: 2.41e-7,
  group: 1.92e-8,
  describe: 1.08e-10,
  locations: 0.000708,
  segmented: 1.29e-7,
}
