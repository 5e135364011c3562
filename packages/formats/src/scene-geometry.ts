// Points, boxes and rotations, as every section of a scene writes them.
import { record, type ShapeValue } from './scene-shape.ts'
import { number } from './scene-values.ts'

export const point2D = record({ x: number, y: number })
export type Point2D = ShapeValue<typeof point2D>

export const point3D = record({ x: number, y: number, z: number })
export type Point3D = ShapeValue<typeof point3D>

/** Of a photo: shares of its width and height, 0 to 1, from the upper left. Detectors overshoot by a little. */
export const box2D = record({ xmin: number, ymin: number, xmax: number, ymax: number })
export type Box2D = ShapeValue<typeof box2D>

export const box3D = record({
  ...{ xmin: number, ymin: number, zmin: number },
  ...{ xmax: number, ymax: number, zmax: number },
})
export type Box3D = ShapeValue<typeof box3D>

/** Row-major, about the centre of the box, from the box to the reference system. */
export const rotation3 = record({
  ...{ M_00: number, M_01: number, M_02: number },
  ...{ M_10: number, M_11: number, M_12: number },
  ...{ M_20: number, M_21: number, M_22: number },
})
export type Rotation3 = ShapeValue<typeof rotation3>
