// PhotoCollection: photos and orthotiles, the devices that took them, and where these stood.
import { numbered } from './scene-collections.ts'
import { point2D, point3D } from './scene-geometry.ts'
import { optional, record, type ShapeValue } from './scene-shape.ts'
import { number, text, wholeNumber } from './scene-values.ts'

const photo = record({
  ImagePath: text,
  DeviceId: optional(wholeNumber),
  PoseId: optional(wholeNumber),
  /** Of an orthotile: its upper left corner. */
  Location: optional(record({ UlX: number, UlY: number })),
  /** An image of depths; of an orthotile the surface model. */
  DepthPath: optional(text),
  NearDepth: optional(number),
  MedianDepth: optional(number),
  FarDepth: optional(number),
})
export type ScenePhoto = ShapeValue<typeof photo>

const device = record({
  /** `perspective` or `orthotile`; others are not known. */
  Type: text,
  /** In pixels. */
  Dimensions: record({ width: number, height: number }),
  Band: optional(text),
  /** In pixels, from the upper left. */
  PrincipalPoint: optional(point2D),
  /** In pixels. */
  FocalLength: optional(number),
  RadialDistortion: optional(record({ k1: number, k2: number, k3: number })),
  TangentialDistortion: optional(record({ p1: number, p2: number })),
  AspectRatio: optional(number),
  Skew: optional(number),
  /** Of an orthotile, in units of the reference system; the height is negative. */
  PixelSize: optional(record({ Width: number, Height: number })),
  NoData: optional(number),
})
export type SceneDevice = ShapeValue<typeof device>

const pose = record({
  Center: optional(point3D),
  /** In radians. Absent where the position alone is known. */
  Rotation: optional(record({ omega: number, phi: number, kappa: number })),
})
export type ScenePose = ShapeValue<typeof pose>

export const photoCollection = record({
  SRSId: optional(wholeNumber),
  Devices: optional(numbered(device)),
  Poses: optional(numbered(pose)),
  Photos: numbered(photo),
})
export type PhotoCollection = ShapeValue<typeof photoCollection>
