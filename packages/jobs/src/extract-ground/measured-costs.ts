// Written by `node bench/truth/calibrate.ts --write`, which says how and on what data.

/** Seconds that a unit of work takes one thread. */
export const measuredCosts = {
  readLas: 2.55e-8,
  readLaz: 4.37e-7,
  startDecoding: 0.0634,
  openFile: 0.002,
  outlierCells: 8.22e-9,
  windowCells: 3.97e-9,
  surfaceCells: 2.4e-8,
  startEncoding: 0.0378,
  classify: 3.04e-8,
  writeLas: 1.76e-8,
  writeLaz: 2.45e-7,
  writePly: 1e-7,
  finishFile: 0.004,
  reproject: 6e-8,
  scene: 0.0193,
}
