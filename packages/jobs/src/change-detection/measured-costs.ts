// Written by `node bench/truth/calibrate.ts --write`, which says how and on what data; only `colours` is of
// the random halves of Autzen, 2 x 0.51 M points, on one of two cores.

/** Seconds that a unit of work takes one thread. */
export const measuredCosts = {
  readLas: 3.7e-8,
  readLaz: 4.93e-7,
  startDecoding: 0.039,
  shift: 5.06e-7,
  index: 1.42e-7,
  distances: 4.88e-7,
  cells: 1.77e-7,
  offsets: 5.87e-7,
  evidence: 2.4e-7,
  group: 4.59e-8,
  describe: 2.86e-8,
  colours: 2.1e-6,
  locations: 0.000502,
  segmented: 1.07e-7,
}
