// What agent and runner say to each other over IPC.
import type { JobMessage, JobTypeName } from '@alidade/contract'
import type { Divided, InputDetector, InputFile, StepReport, Tile, WorkFiles } from '@alidade/jobs'

/** Everything a runner is told. It gets no database, no keys and no network address. */
export interface Task {
  type: JobTypeName
  /** Files by internal input name. */
  inputs: Record<string, InputFile[]>
  /** By the internal names of the inputs that are detectors. */
  detectors?: Record<string, InputDetector>
  options: Record<string, number | boolean | string>
  /** Each requested output, by internal name. */
  outputs: Record<string, TaskOutput>
  scratch: string
  threads: number
  /** The task ends as `OutOfMemory` when the runner's resident memory passes this, in 1e6 bytes. */
  memoryLimitMegabytes: number
  /** Where results of long parts are kept for the next attempt; absent: nowhere. */
  kept?: {
    folder: string
    /** Of the job, its inputs and its options; the runner adds its code. */
    fingerprint: string
    leaveBytes: number
    blockPoints: number
  }
  /** Absent: the whole of the job. */
  work?: PartOfJob
  /** What an error of our own is found under in the log, or where else it is told. */
  loggedAs: string
}

/** What there is to do of a divided job; folders exist and are empty. */
export type PartOfJob =
  | { kind: 'divide'; shared: string; fromPoints: number }
  | { kind: 'tile'; tile: Tile; files: WorkFiles; results: string }
  | { kind: 'merge'; divided: WorkFiles; tiles: { tile: Tile; results: WorkFiles }[] }

export interface TaskOutput {
  /** Absolute path; the folder exists and is empty. */
  folder: string
  name: string
  reference: string
}

export type ToRunner = { kind: 'run'; task: Task } | { kind: 'cancel' }

export type FromRunner =
  /** How many of the pieces that it needs (`@alidade/jobs/load`). */
  | { kind: 'loaded'; pieces: number }
  | { kind: 'ready' }
  | { kind: 'progress'; report: StepReport }
  | { kind: 'warning'; warning: JobMessage }
  /** What an earlier attempt had kept under this name was taken over, or not believed. */
  | { kind: 'kept'; name: string; outcome: 'taken' | 'refused' }
  /** With what a run was divided into. */
  | { kind: 'done'; divided?: Divided }
  | { kind: 'cancelled' }
  | { kind: 'failed'; error: JobMessage; detail: string }
