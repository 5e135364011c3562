// A job as the store keeps it, before any API version has put its own names on it.
import type { Tile } from '@alidade/jobs'
import type { ContainerKey } from '../blobs/blob-store.ts'
import type { ApiVersion, CostParameters, JobMessage, JobState, JobTypeName } from '@alidade/contract'

/** A reality data bound to an input or output, by the internal name of `@alidade/contract`'s declaration. */
export interface Binding {
  name: string
  /** Of inputs that are a file in the iTwin's bucket: `bkt:` and its path. */
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
  /** As a client of v1 sent them, to be echoed. Undefined: none were sent, or v2 created the job. */
  optionsSent: Record<string, unknown> | undefined
  costParameters: CostParameters | undefined
  /** Of this job alone, counted over all attempts; 0 for none. Undefined: the limit of the service holds. */
  timeLimitMinutes?: number | undefined
}

/** Settings as a request brings them: outputs by name, their reality data do not exist yet. */
export interface RequestedSettings extends Omit<JobSettings, 'outputs'> {
  outputs: string[]
}

/** A tile that is done, and where its files are. */
export interface TileRecord {
  tile: Tile
  container: ContainerKey
}

export interface JobRecord extends JobSettings {
  id: string
  /** The API versions that can show it: those with a name for all of its settings. */
  versions: readonly ApiVersion[]
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
  /** Cancelled or failed, and the agent that was at work has promised until then to stop its computing. */
  terminatingUntil: Date | undefined
  exitCode: number | undefined
  processingUnits: number | undefined
  errors: JobMessage[]
  warnings: JobMessage[]
  /** Of a tile: the job that it is a part of. */
  tileOf?: string
  tile?: Tile
  /** Of a divided job and of its tiles: the attempt that divided it. The job is claimed again to be merged. */
  dividedAttempt?: number
}

/** What GET progress needs to know. */
export type ProgressRecord = Pick<
  JobRecord,
  'state' | 'percentage' | 'step' | 'startedAt' | 'endedAt' | 'terminatingUntil' | 'versions'
>

export interface Owner {
  org: string
  userId: string
  email: string
  clientId: string
}
