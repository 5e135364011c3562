// Written by `node bench/truth/calibrate.ts --type segmentation3D --write`, which says how and on what data.

/**
 * Seconds that a unit of work takes one thread: of points for `decode`, `heights`, `thin`, `assign` and `give`; of cells of the raster of
 * buildings that are passed over for `footprints`; of cells of buildings and samples on them for `polygons3D`; of lines for `lines3D`;
 * else of samples off the ground. `polesApart` and `objectsApart` come to `poles` and `objects3D` for each metre that points lie apart.
 */
export const measuredCosts = {
  decode: 2e-8,
  heights: 7e-8,
  thin: 8e-8,
  measure: 0.0000035,
  roofs: 2.2e-7,
  footprints: 1.9e-8,
  wires: 4.5e-7,
  poles: 1e-7,
  polesApart: 4e-7,
  assign: 1.8e-8,
  give: 2e-8,
  objects3D: 2.2e-7,
  objectsApart: 3.5e-7,
  lines3D: 1e-4,
  polygons3D: 7e-7,
}
