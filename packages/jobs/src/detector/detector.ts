// What is known of a detector once its file was looked at: enough to choose it, and to run its model.
import type {
  DetectorLayout,
  DetectorScores,
  DetectorTask,
  PointArrangement,
  PointFeature,
  PointNormalisation,
} from '@alidade/contract'
import type { ZipLimits } from '@alidade/formats'

export interface DetectorLabel {
  id: number
  name: string
  /** Which vector results the class feeds; absent: not said. */
  line?: boolean
  contour?: boolean
  object?: boolean
  /** Class code of points in LAS. */
  classification?: number
}

export interface DetectorInput {
  width?: number
  height?: number
  channels?: number
  points?: number
  features?: PointFeature[]
  arrangement?: PointArrangement
  normalisation?: PointNormalisation
  voxelSizeMetres?: number
  blockSizeMetres?: number
  overlapMetres?: number
}

export interface DetectorManifestFacts {
  task: DetectorTask
  /** Absent: to be told from the shapes of the outputs. */
  layout?: DetectorLayout
  scores?: DetectorScores
  labels: DetectorLabel[]
  input: DetectorInput
}

export interface DetectorDescription extends DetectorManifestFacts {
  /** Name of the ONNX file in the archive; absent: the file is the model. */
  model?: string
  modelBytes: number
  opset: number
  operators: string[]
}

/** What was declared of the version before its file came. */
export interface DeclaredDetector {
  task: DetectorTask
  /** For a model alone whose metadata is silent: the names of its classes, in the order of their numbers from 0. */
  labels: readonly string[]
}

export interface DetectorLimits extends ZipLimits {
  /** Of the archive, or of the model alone. */
  readonly mostFileBytes: number
}

export const defaultDetectorLimits: DetectorLimits = {
  mostFileBytes: 2e9,
  mostEntries: 1000,
  mostBytes: 4e9,
  largestRatio: 100,
}

/** Of manifest, metadata.xml and labels.xml; each is read whole. */
export const mostManifestBytes = 1024 * 1024
