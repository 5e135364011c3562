// Written by `node bench/truth/calibrate.ts --write`, which says how and on what data.

/** Seconds that a unit of work takes one thread. */
export const measuredCosts = {
  readLas: 3.51e-8,
  readLaz: 3e-7,
  readLazBytes: 5.2e-8,
  startDecoding: 0.0587,
  openFile: 0.00104,
  outlierCells: 3.16e-8,
  windowCells: 5.55e-9,
  surfaceCells: 2.16e-8,
  startEncoding: 0.0378,
  classify: 3.44e-8,
  writeLas: 1.99e-8,
  writeLaz: 1.1e-7,
  writeLazBytes: 2.2e-8,
  writePly: 1e-7,
  finishFile: 0.000828,
  reproject: 2.57e-8,
  scene: 0.0239,
}
