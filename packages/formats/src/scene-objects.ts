// Labels, and the objects and segmentations that bear them.
import { keyed, numbered } from './scene-collections.ts'
import { box2D, box3D, rotation3 } from './scene-geometry.ts'
import { optional, record, type ShapeValue } from './scene-shape.ts'
import { flag, number, text, wholeNumber } from './scene-values.ts'

const label = record({
  Name: text,
  /** What the label is for: lines, outlines of areas, objects. */
  Line: optional(flag),
  Contour: optional(flag),
  Object: optional(flag),
})
export type SceneLabel = ShapeValue<typeof label>
export const labels = numbered(label)

export const labelInfo = record({
  /** A key of the labels, as a number. */
  LabelId: wholeNumber,
  /** 0 to 1. Absent where somebody knew. */
  Confidence: optional(number),
})

const textInfo = record({ Text: text, Orientation: optional(number) })

const object2D = record({
  LabelInfo: labelInfo,
  Box2D: box2D,
  TextInfo: optional(textInfo),
})
export type SceneObject2D = ShapeValue<typeof object2D>
/** By photo, then by object. */
export const objects2D = numbered(keyed(object2D))

const object3D = record({
  LabelInfo: labelInfo,
  RotatedBox3D: record({ Box3D: box3D, Rotation: rotation3 }),
  TextInfo: optional(textInfo),
  /** In place of that of all objects: 4.0 may say it of each. */
  SRSId: optional(wholeNumber),
})
export type SceneObject3D = ShapeValue<typeof object3D>
export const objects3D = record({
  SRSId: optional(wholeNumber),
  Objects: keyed(object3D),
})

/** By photo: an image whose values are labels. */
export const segmentation2D = numbered(record({ Path: text }))

/** A point cloud whose classes are labels. */
export const segmentation3D = record({ SRSId: optional(wholeNumber), Path: text })
