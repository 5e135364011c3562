// What agent and runner say to each other over IPC.
import type { JobMessage, JobTypeName } from '@alidade/contract'
import type { InputFile, StepReport } from '@alidade/jobs'

/** Everything a runner is told. It gets no database, no keys and no network address. */
export interface Task {
  type: JobTypeName
  /** Files by internal input name. */
  inputs: Record<string, InputFile[]>
  options: Record<string, number | boolean | string>
  /** Absolute folder of each requested output, by internal name; they exist and are empty. */
  outputs: Record<string, string>
  scratch: string
  threads: number
  /** What an error of our own is found under in the log, or where else it is told. */
  loggedAs: string
}

export type ToRunner = { kind: 'run'; task: Task } | { kind: 'cancel' }

export type FromRunner =
  | { kind: 'ready' }
  | { kind: 'progress'; report: StepReport }
  | { kind: 'warning'; warning: JobMessage }
  | { kind: 'done' }
  | { kind: 'cancelled' }
  | { kind: 'failed'; error: JobMessage; detail: string }
