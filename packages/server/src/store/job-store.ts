// The port to the job rows, which are the truth about every job.
import type { JobMessage } from '@alidade/contract'
import type { Divided } from '@alidade/jobs'
import type { ContainerKey } from '../blobs/blob-store.ts'
import type { JobQuery } from './job-filter.ts'
import type { JobRecord, Owner, ProgressRecord, RequestedSettings, TileRecord } from './job-record.ts'

/** What came of a request to change a job; `refused` carries the job as it is. */
export type Change = { job: JobRecord; changed: boolean } | { refused: JobRecord } | undefined

/** What one attempt is allowed to say; every statement it makes is void once it is not the current one. */
export interface Attempt {
  jobId: string
  attempt: number
}

/** What the headers of its inputs tell of a job. */
export interface JobNeeds {
  /** Its peak; undefined or 0: unknown. */
  memoryMegabytes?: number | undefined
  /** Ids of the reality data that hold its input files, those that scenes refer to among them. */
  reads?: readonly string[] | undefined
}

/** Which jobs an agent can take. */
export interface Capacity {
  /** The most memory that it gives to one job; default: as much as it takes. */
  memoryLimitMegabytes?: number
  /** Ids of the jobs that it works on; they are not handed to it again, should their leases have lapsed. */
  working?: readonly string[]
}

/** What an attempt has divided its job into. */
export interface DividedJob extends Divided {
  /** How many tiles an agent works on at a time. */
  places: number
  processingUnits: number
}

/** The side that the API uses. Undefined always means: no such job in this tenant. */
export interface JobRequests {
  /** Creates the job, unsubmitted, and its empty output reality data, in one transaction. The iTwin must be claimed. */
  create(owner: Owner, iTwinId: string, settings: RequestedSettings): Promise<JobRecord>
  /** The same and submitted, in one transaction. */
  createSubmitted(
    owner: Owner,
    iTwinId: string,
    settings: RequestedSettings,
    warnings: JobMessage[],
    needs?: JobNeeds,
  ): Promise<JobRecord>
  get(org: string, id: string): Promise<JobRecord | undefined>
  /** At most `top` jobs, newest first, and whether more follow. */
  list(query: JobQuery): Promise<{ jobs: JobRecord[]; more: boolean }>
  /** Allowed while unsubmitted. Outputs that stay keep their reality data, new ones get one, the others lose it. */
  changeSettings(org: string, id: string, settings: RequestedSettings): Promise<Change>
  /** unsubmitted -> active, and waiting for an agent, in one transaction; already active counts as unchanged. */
  submit(org: string, id: string, warnings: JobMessage[], needs?: JobNeeds): Promise<Change>
  /** active -> cancelled, the lease of an agent at work stays until `release`; already cancelled counts as unchanged. */
  cancel(org: string, id: string): Promise<Change>
  /** Allowed while unsubmitted; removes the row and its output reality data. */
  delete(org: string, id: string): Promise<Change>
  /** Served from memory, and at once, where this process is the only writer. */
  progress(org: string, id: string): ProgressRecord | undefined | Promise<ProgressRecord | undefined>
}

export interface SuccessFacts {
  processingUnits: number
  /** Outputs that turned out to be of another type, or to have another root document or none. */
  results?: readonly { realityDataId: string; type: string; rootDocument: string | undefined }[] | undefined
}

/** The side that agents use. `false` and `undefined` mean: this attempt is not the current one, stop. */
export interface JobWork {
  /**
   * Takes the job or tile whose turn it is for `agent`, for ten seconds, and begins an attempt: one that waits, or one
   * whose agent was not heard of in time, which counts as a loss. Undefined when there is none for it.
   */
  claim(agent: string, capacity?: Capacity): Promise<JobRecord | undefined>
  /**
   * Renews the lease, and tells whether the job is still active. A lease that has lapsed, because this machine slept or
   * was too busy, does no harm as long as nobody else has begun an attempt.
   */
  heartbeat(attempt: Attempt): Promise<boolean>
  /** Percentage is raised, never lowered. */
  report(
    attempt: Attempt,
    progress: { percentage: number; step: string; warnings?: JobMessage[] },
  ): Promise<boolean>
  /**
   * Ends the attempt with tiles that any agent takes; when all of them have succeeded the job waits to be claimed again.
   * A tile that fails fails the job.
   */
  divide(attempt: Attempt, divided: DividedJob): Promise<boolean>
  /** The tiles of a job in the order in which they were made. */
  tiles(jobId: string): Promise<TileRecord[]>
  /** Removes what is left of tiles whose job has ended, as long as nobody works on them. */
  forgetTiles(): Promise<void>
  /** active -> success: binds the outputs that this attempt wrote, in the same transaction. */
  succeed(attempt: Attempt, facts: SuccessFacts): Promise<boolean>
  /** active -> failed. The lease stays until `release`. */
  fail(attempt: Attempt, errors: JobMessage[]): Promise<boolean>
  /**
   * Gives the job back to the queue. With a `loss` its worker was lost in the midst of it; a job that has lost as many
   * as it may fails as `WorkerLost`. Returns what became of the job.
   */
  retry(attempt: Attempt, loss?: { cause: string }): Promise<'active' | 'failed' | undefined>
  /** The computing of an attempt whose job was cancelled or has failed has stopped, and nothing of it is left. */
  release(attempt: Attempt): Promise<void>
  /**
   * Called by an agent as it starts: gives back, as lost, what its predecessor of the same name had under way. Returns
   * the ids of these jobs.
   */
  recover(agent: string): Promise<string[]>
  /**
   * Those of the containers that nobody needs: neither bound to a reality data nor written by the current attempt of an
   * active job, by the attempt that divided it, or by one of its tiles. List first and ask afterwards, then what is begun in between is safe.
   */
  unneeded(containers: readonly ContainerKey[]): Promise<ContainerKey[]>
  /** Those of the jobs that are active, whoever works on them. */
  underWay(jobIds: readonly string[]): Promise<string[]>
  /** Calls back when a job is put on the queue (undefined), or was cancelled or has failed for one of its tiles (its id). */
  onChange(callback: (cancelledJobId: string | undefined) => void): Promise<() => Promise<void>>
}

export interface JobStore extends JobRequests, JobWork {}
