// Written by `node bench/truth/calibrate.ts --write`, which says how and on what data; only `colours` is of
// the random halves of Autzen, 2 x 0.51 M points, on one of two cores, and from `writeLaz` on they are of site4.

/** Seconds that a unit of work takes one thread. */
export const measuredCosts = {
  readLas: 4.13e-8,
  readLaz: 5.51e-7,
  startDecoding: 0.0898,
  shift: 3.96e-7,
  index: 1.11e-7,
  distances: 4.61e-7,
  far: 0.000007,
  cells: 4.66e-8,
  offsets: 4.72e-7,
  evidence: 3.09e-8,
  group: 1.31e-8,
  seen: 6.48e-8,
  regroup: 0.00000184,
  outline: 8.14e-8,
  outlineCells: 0.00000577,
  volumes: 0.00000247,
  describe: 3.32e-8,
  describeCells: 0.00000644,
  colours: 2.1e-6,
  locations: 0.00052,
  segmented: 2.39e-7,
  writeLaz: 1.7e-7,
  register: 4.2e-7,
}
