// Written by `node bench/truth/calibrate.ts --write`, which says how and on what data; only `colours` is of
// the random halves of Autzen, 2 x 0.51 M points, on one of two cores, and from `writeLaz` on they are of site4 and of made
// surfaces of 0.6 M vertices; `convertE57` is a guess, as no E57 of that size is at hand.

/** Seconds that a unit of work takes one thread. */
export const measuredCosts = {
  readLas: 4.64e-8,
  readLaz: 5.11e-7,
  startDecoding: 0.0519,
  shift: 3.35e-7,
  index: 1.39e-7,
  distances: 4.37e-7,
  far: 1e-5,
  cells: 3.97e-8,
  offsets: 4.42e-7,
  evidence: 6.87e-8,
  group: 1e-8,
  seen: 3.5e-8,
  regroup: 2.5e-6,
  outline: 5e-8,
  outlineCells: 8e-6,
  volumes: 3.5e-6,
  describe: 3e-8,
  describeCells: 8e-6,
  colours: 2.1e-6,
  locations: 0.00047,
  segmented: 1.99e-7,
  writeLaz: 1.09e-7,
  register: 4.2e-7,
  convertPly: 4e-9,
  convertText: 1.7e-8,
  convertObj: 5e-8,
  convertE57: 1e-8,
  sampleMesh: 2.4e-7,
}
