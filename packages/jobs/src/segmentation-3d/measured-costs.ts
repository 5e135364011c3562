// Written by `node bench/truth/calibrate.ts --type segmentation3D --write`, which says how and on what data.

/** Seconds that a unit of work takes one thread: of points, then of samples off the ground. */
export const measuredCosts = {
  decode: 8.61e-8,
  thin: 1.81e-7,
  measure: 0.00000344,
  classify: 2.31e-7,
  objects3D: 0.0000013,
  lines3D: 0,
  polygons3D: 0.00000115,
}
