// A job as the store keeps it, before any API version has put its own names on it.
import type { CostParameters, JobMessage, JobState, JobTypeName } from '@alidade/contract'

/** A reality data bound to an input or output, by the internal name of `@alidade/contract`'s declaration. */
export interface Binding {
  name: string
  realityDataId: string
  /** Of an input that is a detector, which `realityDataId` names as the client did. */
  detector?: DetectorPin
}

/** The detector that a job was created with: what it runs with, whatever becomes of the name or the files meanwhile. */
export interface DetectorPin {
  /** Of the library; absent: a reality data of type ContextDetector. */
  library?: { name: string; version: string; versionId: string }
  /** Of the file of the version, or of the files of the reality data; in hexadecimal digits. */
  sha256: string
}

export interface JobSettings {
  type: JobTypeName
  name: string
  inputs: Binding[]
  outputs: Binding[]
  /** Typed, by internal name. */
  options: Record<string, number | boolean | string>
  /** As the client sent them, under the names of its API version; echoed. Undefined: none were sent. */
  optionsSent: Record<string, unknown> | undefined
  costParameters: CostParameters | undefined
  /** Of this job alone, counted over all attempts; 0 for none. Undefined: the limit of the service holds. */
  timeLimitMinutes?: number | undefined
}

/** Settings as a request brings them: outputs by name, their reality data do not exist yet. */
export interface RequestedSettings extends Omit<JobSettings, 'outputs'> {
  outputs: string[]
}

export interface JobRecord extends JobSettings {
  id: string
  /** The tenant. Every query carries it. */
  org: string
  userId: string
  email: string
  clientId: string
  iTwinId: string
  state: JobState
  /** Exact share of the work done, 0 to 100; never decreases. The wire rounds down. */
  percentage: number
  /** Empty before submission. */
  step: string
  /** How often work on it was begun; 0 before the first time. Fences what a lost attempt still sends. */
  attempt: number
  createdAt: Date
  modifiedAt: Date
  submittedAt: Date | undefined
  startedAt: Date | undefined
  endedAt: Date | undefined
  exitCode: number | undefined
  processingUnits: number | undefined
  errors: JobMessage[]
  warnings: JobMessage[]
}

/** What GET progress needs to know. */
export interface ProgressRecord {
  state: JobRecord['state']
  percentage: number
  step: string
  endedAt: Date | undefined
}

export interface Owner {
  org: string
  userId: string
  email: string
  clientId: string
}
