// Written by `node bench/truth/calibrate.ts --write`, which says how and on what data.

/** Seconds that a unit of work takes one thread. */
export const measuredCosts = {
  readLas: 3.19e-8,
  readLaz: 3.29e-7,
  readLazBytes: 5.39e-8,
  startDecoding: 0.128,
  openFile: 0.00151,
  outlierCells: 2.43e-8,
  windowCells: 6.17e-9,
  edgeCells: 1.94e-8,
  areaCells: 1.14e-8,
  refillCells: 2.35e-8,
  continuedCells: 1.03e-7,
  levelCells: 1.34e-8,
  smoothCells: 5.18e-8,
  smoothHoles: 1.36e-8,
  toleranceCells: 9.85e-9,
  startEncoding: 0.0378,
  classify: 5.9e-8,
  writeLas: 4.99e-9,
  writeLaz: 1.53e-7,
  writeLazBytes: 1.41e-8,
  writePly: 1e-7,
  finishFile: 0.0015,
  reproject: 1.23e-7,
  scene: 0.0277,
}
