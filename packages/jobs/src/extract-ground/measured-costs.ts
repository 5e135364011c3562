// Written by `node bench/truth/calibrate.ts --write`, which says how and on what data.

/** Seconds that a unit of work takes one thread. */
export const measuredCosts = {
  readLas: 2.09e-8,
  readLaz: 4.26e-7,
  startDecoding: 0.0515,
  outlierCells: 1.2e-8,
  windowCells: 5e-9,
  surfaceCells: 3e-8,
  startEncoding: 0.05,
  classify: 8.65e-8,
  writeLas: 0,
  writeLaz: 2.07e-7,
  writePly: 1e-7,
  reproject: 0.00000127,
  scene: 0.0159,
}
