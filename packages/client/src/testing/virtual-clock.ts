// A clock that stands still until somebody sleeps, and then jumps.
import type { Clock } from '../clock.ts'

export interface VirtualClock extends Clock {
  /** Every sleep so far, in seconds. */
  readonly sleptSeconds: number[]
}

export function virtualClock(now = Date.UTC(2026, 3, 2, 8)): VirtualClock {
  const sleptSeconds: number[] = []
  return {
    sleptSeconds,
    now: () => now,
    async sleep(milliseconds, signal) {
      signal?.throwIfAborted()
      sleptSeconds.push(milliseconds / 1000)
      now += milliseconds
    },
  }
}
