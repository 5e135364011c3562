// Written by `node bench/truth/calibrate.ts --write`, which says how and on what data; only `colours` is of
// the random halves of Autzen, 2 x 0.51 M points, on one of two cores, and from `writeLaz` on they are of site4 and of made
// surfaces of 0.6 M vertices; `convertE57` is a guess, as no E57 of that size is at hand.

/** Seconds that a unit of work takes one thread. */
export const measuredCosts = {
  readLas: 4.09e-8,
  readLaz: 4.35e-7,
  startDecoding: 0.0681,
  shift: 3.2e-7,
  index: 1.43e-7,
  distances: 4.47e-7,
  cells: 3.97e-8,
  offsets: 3.87e-7,
  evidence: 3.1e-8,
  group: 9.53e-9,
  seen: 1.35e-8,
  describe: 1.77e-8,
  colours: 2.1e-6,
  locations: 0.000566,
  segmented: 1.18e-7,
  writeLaz: 7.3e-7,
  register: 4.2e-7,
  convertPly: 4e-9,
  convertText: 1.7e-8,
  convertObj: 5e-8,
  convertE57: 1e-8,
  sampleMesh: 2.4e-7,
}
