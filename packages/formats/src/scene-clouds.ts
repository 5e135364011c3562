// Surfaces and clouds that a scene refers to, and the ways of the scanners that made them.
import { listOf, numbered } from './scene-collections.ts'
import { box3D, point3D } from './scene-geometry.ts'
import { optional, record, type ShapeValue } from './scene-shape.ts'
import { flag, text, wholeNumber } from './scene-values.ts'

const mesh = record({
  Name: optional(text),
  Path: text,
  BoundingBox: optional(box3D),
})
export type SceneMesh = ShapeValue<typeof mesh>

export const meshCollection = record({
  SRSId: optional(wholeNumber),
  Meshes: numbered(mesh),
})
export type MeshCollection = ShapeValue<typeof meshCollection>

const pointCloud = record({
  Name: optional(text),
  Path: text,
  BoundingBox: optional(box3D),
  /** `Static` or `Mobile`. */
  Type: optional(text),
  /** Where the place of the scanner is told: `InFile`, `Center`, `Unknown`. */
  Location: optional(text),
  Center: optional(point3D),
  TrajectoryId: optional(wholeNumber),
  /** In place of that of the collection. */
  SRSId: optional(wholeNumber),
})
export type ScenePointCloud = ShapeValue<typeof pointCloud>

export const pointCloudCollection = record({
  SRSId: optional(wholeNumber),
  PointClouds: numbered(pointCloud),
})
export type PointCloudCollection = ShapeValue<typeof pointCloudCollection>

/** Tables of times and places, in text files. */
const trajectory = record({
  Paths: listOf(text),
  Delimiters: listOf(text),
  CombineConsecutiveDelimiters: flag,
  DecimalSeparator: text,
  LinesToIgnore: wholeNumber,
  TimeColumnId: wholeNumber,
  XColumnId: wholeNumber,
  YColumnId: wholeNumber,
  ZColumnId: wholeNumber,
})
export type SceneTrajectory = ShapeValue<typeof trajectory>

export const trajectoryCollection = record({
  SRSId: optional(wholeNumber),
  Trajectories: numbered(trajectory),
})
export type TrajectoryCollection = ShapeValue<typeof trajectoryCollection>
