// Written by `node bench/truth/calibrate.ts --type segmentation3D --write`, which says how and on what data.

/** Seconds that a unit of work takes one thread: of points, then of samples off the ground. */
export const measuredCosts = {
  decode: 9.24e-8,
  thin: 2.02e-7,
  measure: 0.00000378,
  classify: 2.78e-7,
  objects3D: 0.00000161,
  lines3D: 0,
  polygons3D: 0.00000121,
}
