// Annotations: what was seen in the photos and clouds of a scene, by whom or what ever.
import { lines2D, lines3D } from './scene-lines.ts'
import { labels, objects2D, objects3D, segmentation2D, segmentation3D } from './scene-objects.ts'
import { polygons2D, polygons3D } from './scene-polygons.ts'
import { optional, record, type ShapeValue } from './scene-shape.ts'

export const annotations = record({
  Labels: optional(labels),
  Objects2D: optional(objects2D),
  Segmentation2D: optional(segmentation2D),
  Segmentation3D: optional(segmentation3D),
  Objects3D: optional(objects3D),
  Lines2D: optional(lines2D),
  Lines3D: optional(lines3D),
  Polygons2D: optional(polygons2D),
  Polygons3D: optional(polygons3D),
})
export type SceneAnnotations = ShapeValue<typeof annotations>
