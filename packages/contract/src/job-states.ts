// The states of a job, as stored and as v1 shows them.
//
// Five states and two facts are enough for both versions of the API. v2 tells `Queued` from `Active` by whether a
// worker has started (`startedDateTime`), and `TerminatingOnCancel` from `Cancelled` by whether computing has stopped.

export const jobStates = ['unsubmitted', 'active', 'success', 'failed', 'cancelled'] as const
export type JobState = (typeof jobStates)[number]

/** As v2 shows them. */
export const jobV2States = [
  'Queued',
  'Active',
  'Success',
  'Failed',
  'TerminatingOnCancel',
  'TerminatingOnFailure',
  'Cancelled',
] as const
export type JobV2State = (typeof jobV2States)[number]

/** States after which nothing changes any more. */
export const finalStates = ['success', 'failed', 'cancelled'] as const satisfies readonly JobState[]

export function isFinal(state: JobState): boolean {
  return (finalStates as readonly JobState[]).includes(state)
}

/** For the `default` branch of a `switch` that the compiler should prove complete. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected value ${JSON.stringify(value)}`)
}
