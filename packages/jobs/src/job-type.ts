// What a job type is to the engine: a look at the headers, what a run is going to cost, and the run.
// A job knows nothing of HTTP, tables or queues. It counts what it has done; the engine makes a percentage of it.
import type { Kept } from '@alidade/analysis'
import type { JobMessage, JobTypeDeclaration } from '@alidade/contract'
import type { ByteSource, FileVersion } from '@alidade/formats'

/** A plain file, or the consecutive pieces of one (a blob that was committed from blocks). */
export interface FileSegment {
  path: string
  sizeBytes: number
  /** Which file it has to be, where others may write to it. */
  version?: FileVersion
}

/** One input file on this machine. */
export interface InputFile {
  /** Name inside its reality data, e.g. `march.laz`. */
  name: string
  segments: FileSegment[]
  /** Definition of the CRS that a scene states for this file (`EPSG:32632`, WKT); the file's own wins. */
  sceneCrs?: string | undefined
  /** Its bytes are LAS whatever its name says: it was brought into it. */
  isLas?: true
  /** How many points were expected of it when the run was planned, before it was brought into LAS. */
  plannedPoints?: number
  /** The file of waveforms beside it, `march.wdp` of `march.las`. */
  waveforms?: FileSegment[]
}

/** The detector that an input names, as it was held fast when the job was created. */
export interface InputDetector {
  /** Of the library; absent: the files of a reality data. */
  library?: { name: string; version: string } | undefined
  /** What it is made of, where that is not part of the service: an archive, a model, or the files of one. */
  files?: InputFile[] | undefined
}

/** A requested output: a folder of this attempt alone. */
export interface OutputFolder {
  /** Absolute path for a file of this name inside the output. */
  path(fileName: string): string
  /** What its files are called, without their ends, where nothing else names them. */
  name: string
  /** What the `References` of a scene in another output call this one: `rds:<guid>`, or a path from folder to folder. */
  reference: string
}

/** Counting of one part of a step. Counts are real units (points, tiles, bytes), never time. */
export interface StepProgress {
  /** `ahead`: what parts that are yet to come turn out to cost, where no header tells it. */
  advance(count: number, ahead?: readonly PartCost[]): void
}

export interface PartCost
  extends Pick<PlannedPart, 'step' | 'part' | 'secondsEach'>,
    Partial<Pick<PlannedPart, 'total'>> {}

export interface StepReport {
  step: string
  /** Which part of the step; absent where the step is all of a piece. */
  part?: string | undefined
  /** Units done in this part, at most `total`. */
  done: number
  total: number
  unit: string
  ahead?: readonly PartCost[] | undefined
}

export interface Progress<Step extends string = string> {
  /**
   * Begins a step, or the next part of it. Steps come in their declared order, parts in that of the plan, and none begins
   * twice. A total of 0 counts as done.
   */
  begin(step: Step, work: { part?: string; total: number; unit: string }): StepProgress
}

/** A stretch of a run in which equal counts take equal time, and what it costs. */
export interface PlannedPart<Step extends string = string> {
  step: Step
  part?: string
  /** Expected count, 0 for what may not be needed. The run may find another one. */
  total: number
  /** Time of a unit as measured on some machine: only what it is to that of the other parts matters. */
  secondsEach: number
  /** How many files are written in it that are published afterwards; absent: not told. */
  files?: number
}

/** What is known of a run before it starts. */
export interface PlannedRun {
  inputs: Record<string, InspectedFile[]>
  /** Internal names. */
  outputs: string[]
  threads: number
  /** As the run gets them. */
  options?: JobContext['options']
  detectors?: JobContext['detectors']
  memoryLimitMegabytes?: number | undefined
}

export interface JobContext<Step extends string = string> {
  /** Files of every input, by internal name. */
  inputs: Record<string, InputFile[]>
  /** By the internal names of the inputs that are detectors. */
  detectors?: Record<string, InputDetector>
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
  /** What it may take, in 1e6 bytes: beyond that it is ended. Absent: nobody looks. */
  memoryLimitMegabytes?: number | undefined
  /**
   * Where the results of long parts outlive this attempt, of this job with these inputs, options and code. Absent where
   * the run is too short to be worth it. What is taken from it counts as done at once.
   */
  kept?: Kept | undefined
  warn(warning: JobMessage): void
}

/** What the headers of the input files tell before anything is run. */
export interface Inspection {
  /** Each names the input or the option at fault by its internal name, or the output that cannot be made. */
  faults: { input?: string; output?: string; option?: string; error: JobMessage }[]
  warnings: JobMessage[]
  /** What results and scratch take on the disk at most, as far as headers tell. */
  resultBytes: number
  /** What the run is going to take at its peak, as far as headers tell; 0: they do not. */
  memoryMegabytes: number
}

/** Files of an input whose bytes are reached through a source, local or remote. */
export interface InspectedFile {
  name: string
  source: ByteSource
  sceneCrs?: string | undefined
  /** As of an InputFile. */
  isLas?: true
  plannedPoints?: number
  /** Likewise; before the run only sizes count. */
  waveforms?: FileSegment[]
}

/** A part of a divided run, which any agent takes. */
export interface Tile {
  name: string
  /** Of those that the dividing wrote, the files that it reads. */
  files: string[]
  /** Of the inputs of the job, by internal name, the names of the files that it reads. */
  inputs: Record<string, string[]>
  /** Expected time, in the seconds of `PlannedPart`. */
  seconds: number
  /** Whatever else has to be known of it; JSON. */
  facts: Record<string, unknown>
}

/** What a run was divided into. */
export interface Divided {
  /** At least one, in the order in which they had best be begun; with what each takes at its peak. */
  tiles: (Tile & { memoryMegabytes: number })[]
  /** Expected time of merging them. */
  mergeSeconds: number
}

export interface WorkFolder {
  /** Absolute path for a file of this name. */
  path(fileName: string): string
}

/** By name. */
export type WorkFiles = Record<string, InputFile>

export interface TileContext<Step extends string = string>
  extends Omit<JobContext<Step>, 'outputs' | 'kept'> {
  tile: Tile
  /** Those that the tile names. */
  files: WorkFiles
  results: WorkFolder
}

export interface MergeContext<Step extends string = string> extends JobContext<Step> {
  /** All that the dividing wrote. */
  divided: WorkFiles
  /** In the order in which they were made, each with its results. */
  tiles: { tile: Tile; results: WorkFiles }[]
}

/**
 * What comes after the dividing, as a part of its last step that is never begun there. A dividing attempt that finds out what
 * its tiles are going to take tells it with this.
 */
export const laterPart = 'later'

/**
 * How a large run is divided among agents: one attempt divides it, any agent takes any tile, one merges them. Whoever works on
 * something may be lost, and it is done again from the same files; so each of the three makes the same bytes of the same
 * files, whatever the number of agents and threads.
 */
export interface Division<Step extends string = string> {
  /** Whether the run is to be divided because it has more points, told from headers alone. */
  isLarge(run: PlannedRun, fromPoints: number): Promise<boolean>
  /** The parts of the dividing in order, and what comes after it: about how many tiles, and the time of all on one agent. */
  planDivide(
    run: PlannedRun,
    fromPoints: number,
  ): Promise<{ parts: PlannedPart<Step>[]; tiles: number; laterSeconds: number }>
  /** Tiles may be smaller where jobs of so few points are divided, if results do not depend on their edges. */
  divide(context: JobContext<Step>, shared: WorkFolder, fromPoints: number): Promise<Divided>
  planTile(tile: Tile, run: Pick<PlannedRun, 'detectors' | 'threads'>): PlannedPart<Step>[]
  runTile(context: TileContext<Step>): Promise<void>
  planMerge(run: PlannedRun, tiles: Tile[]): Promise<PlannedPart<Step>[]>
  merge(context: MergeContext<Step>): Promise<void>
}

export interface JobType<Step extends string = string> {
  declaration: JobTypeDeclaration
  /** Absent where no run is ever divided. */
  division?: Division<Step>
  /**
   * The parts of a run in order, with their costs by measured rates and what headers tell. A file that cannot be read
   * costs nothing here: the run will say what is wrong with it.
   */
  plan(run: PlannedRun): Promise<PlannedPart<Step>[]>
  /** What is wrong with values that have their declared type, by internal name; looks at nothing else. */
  optionFaults?(options: JobContext['options']): { option: string; problem: string }[]
  /** Reads headers only, in at most two seconds. `outputs` and the names of `options` are internal. */
  inspect(
    inputs: Record<string, InspectedFile[]>,
    outputs: string[],
    signal: AbortSignal,
    options: JobContext['options'],
    detectors?: JobContext['detectors'],
  ): Promise<Inspection>
  run(context: JobContext<Step>): Promise<void>
}
