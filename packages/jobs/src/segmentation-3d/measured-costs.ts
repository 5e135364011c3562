// Written by `node bench/truth/calibrate.ts --type segmentation3D --write`, which says how and on what data.

/**
 * Seconds that a unit of work takes one thread: of points for `decode`, `heights`, `thin`, `assign` and `give`; of cells of the raster of
 * buildings that are passed over for `footprints`; of cells of buildings and samples on them for `polygons3D`; of lines for `lines3D`;
 * else of samples off the ground. `polesApart` and `objectsApart` come to `poles` and `objects3D` for each metre that points lie apart.
 * That of a line is an estimate: none of the places has enough of them to tell.
 */
export const measuredCosts = {
  decode: 1.86e-8,
  heights: 8.38e-8,
  thin: 1.1e-7,
  measure: 0.00000405,
  roofs: 3.32e-7,
  footprints: 2.8e-8,
  wires: 4.24e-7,
  poles: 1.05e-7,
  polesApart: 3.69e-7,
  assign: 1.78e-8,
  give: 1.06e-7,
  objects3D: 3.54e-7,
  objectsApart: 8.75e-8,
  lines3D: 1e-4,
  polygons3D: 5.44e-7,
}
