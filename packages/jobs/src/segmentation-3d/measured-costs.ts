// Written by `node bench/truth/calibrate.ts --type segmentation3D --write`, which says how and on what data.

/** Seconds that a unit of work takes one thread: of points, then of samples off the ground. */
export const measuredCosts = {
  decode: 3e-8,
  thin: 1.9e-7,
  measure: 0.0000037,
  classify: 9e-7,
  objects3D: 8e-7,
  lines3D: 3e-8,
  polygons3D: 3.3e-7,
}
