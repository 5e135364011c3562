// What the thread that runs a model and the one that shows it points say to each other.
import type { PointClasses, ScoreOptions } from '@alidade/analysis'

export interface InferenceData extends Pick<ScoreOptions, 'byClass' | 'areLogits'> {
  /** Of the ONNX file. */
  path: string
  /** Places of the scores of each label. */
  labels: number[]
}

export interface InferenceTask {
  /** Sizes of the tensor. */
  sizes: number[]
  values: Float32Array<ArrayBuffer>
  points: number
  /** Points whose classes are wanted, from the first on; 0: only whether the model runs. */
  wanted: number
}

export type InferenceRequest = InferenceTask | 'leave'

export interface RunClasses extends PointClasses {
  /** That the engine took of its core, where no classes were wanted. */
  readonly seconds: number
}

export type InferenceReport =
  | { kind: 'ready' }
  | ({ kind: 'found' } & RunClasses)
  /** What the engine said, or what is wrong with what came out. */
  | { kind: 'failed'; problem: string }
