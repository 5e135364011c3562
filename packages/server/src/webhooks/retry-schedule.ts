// When an event is sent again: soon, then ever later, up to once an hour, for a day.

const firstWaitMs = 2000
const factor = 3
const longestWaitMs = 3600_000
/** How long after an event it is still sent. */
export const retryWindowMs = 24 * 3600_000

/** When to try again after the attempt with this number, counted from 1; undefined: never. */
export function nextAttemptAt(attempt: number, failedAt: Date, enqueuedAt: Date): Date | undefined {
  const waitMs = Math.min(longestWaitMs, firstWaitMs * factor ** (attempt - 1))
  const next = new Date(failedAt.getTime() + waitMs)
  return next.getTime() - enqueuedAt.getTime() > retryWindowMs ? undefined : next
}
