// Written by `node bench/truth/calibrate.ts --write`, which says how and on what data.

/** Seconds that a unit of work takes one thread. */
export const measuredCosts = {
  readLas: 6e-8,
  readLaz: 4.4e-7,
  startDecoding: 0.07,
  cells: 2e-8,
  classify: 4e-8,
  writeLas: 4e-8,
  writeLaz: 6e-7,
  writePly: 1e-7,
  reproject: 2e-6,
  scene: 0.001,
}
