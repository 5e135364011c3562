// Times that both versions of the API know of a job.

/** The most that a timer of Node can wait for is 24.8 days. */
export const largestTimeLimitMinutes = 35_000

/** How long after its end a job's progress is served, in milliseconds: 30 days. */
export const progressRetentionMs = 30 * 24 * 60 * 60 * 1000

/** Gaps between polls that clients are asked to keep, in seconds; the last one repeats. */
export const pollIntervalsSeconds = [15, 30, 60, 120] as const
