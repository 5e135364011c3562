// What a job type is to the engine: declared steps with weights, a look at the headers, and the run.
// A job knows nothing of HTTP, tables or queues. It counts what it has done; the engine makes a percentage of it.
import type { JobMessage, JobTypeDeclaration } from '@alidade/contract'
import type { ByteSource } from '@alidade/formats'

/** A plain file, or the consecutive pieces of one (a blob that was committed from blocks). */
export interface FileSegment {
  path: string
  sizeBytes: number
}

/** One input file on this machine. */
export interface InputFile {
  /** Name inside its reality data, e.g. `march.laz`. */
  name: string
  segments: FileSegment[]
  /** Definition of the CRS that a scene states for this file (`EPSG:32632`, WKT); the file's own wins. */
  sceneCrs?: string | undefined
}

/** A requested output: a folder of this attempt alone. */
export interface OutputFolder {
  /** Absolute path for a file of this name inside the output. */
  path(fileName: string): string
}

/** Counting of one step. Counts are real units (points, tiles, bytes), never time. */
export interface StepProgress {
  advance(count: number): void
}

export interface StepReport {
  step: string
  /** Units done in this step, at most `total`. */
  done: number
  total: number
  unit: string
}

export interface Progress<Step extends string = string> {
  /** Begins a step; steps come in their declared order and none begins twice. A total of 0 counts as done. */
  begin(step: Step, work: { total: number; unit: string }): StepProgress
}

export interface JobContext<Step extends string = string> {
  /** Files of every input, by internal name. */
  inputs: Record<string, InputFile[]>
  /** Typed options by internal name; those the client left out are absent. */
  options: Record<string, number | boolean | string>
  /** Folders of the requested outputs, by internal name. */
  outputs: Record<string, OutputFolder>
  progress: Progress<Step>
  /** Honoured at least once a second. */
  signal: AbortSignal
  /** A folder of this attempt alone, removed after it. */
  scratch: string
  /** How many threads this job may keep busy. */
  threads: number
  warn(warning: JobMessage): void
}

/** What the headers of the input files tell before anything is run. */
export interface Inspection {
  /** Each names the input at fault by its internal name, or the output that cannot be made. */
  faults: { input?: string; output?: string; error: JobMessage }[]
  warnings: JobMessage[]
  /** What results and scratch take on the disk at most, as far as headers tell. */
  resultBytes: number
}

/** Files of an input whose bytes are reached through a source, local or remote. */
export interface InspectedFile {
  name: string
  source: ByteSource
  sceneCrs?: string | undefined
}

export interface JobType<Step extends string = string> {
  declaration: JobTypeDeclaration
  /** Share of a run's time that each step takes, in any unit, measured. In order; `Prepare_Production` comes first. */
  steps: Readonly<Record<Step, number>>
  /** Reads headers only, in at most two seconds. `outputs` are internal names. */
  inspect(
    inputs: Record<string, InspectedFile[]>,
    outputs: string[],
    signal: AbortSignal,
  ): Promise<Inspection>
  run(context: JobContext<Step>): Promise<void>
}
