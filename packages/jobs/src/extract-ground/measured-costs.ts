// Written by `node bench/truth/calibrate.ts --write`, which says how and on what data.

/** Seconds that a unit of work takes one thread. */
export const measuredCosts = {
  readLas: 3.19e-8,
  readLaz: 3.29e-7,
  readLazBytes: 5.39e-8,
  startDecoding: 0.128,
  openFile: 0.00151,
  outlierCells: 2.5e-8,
  windowCells: 6.41e-9,
  edgeCells: 2.4e-8,
  areaCells: 1e-8,
  refillCells: 2.5e-8,
  continuedCells: 1.2e-7,
  levelCells: 1.4e-8,
  smoothCells: 2e-8,
  smoothHoles: 8e-8,
  toleranceCells: 6e-9,
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
