// Says something again until it has been heard: a database that is away for a while must not cost the work of hours.
import { setTimeout as delay } from 'node:timers/promises'

export interface InsistOptions {
  /** Ends the trying; the last error counts then. */
  signal: AbortSignal
  onError: (error: unknown) => void
  /** Which errors pass; default all. */
  passes?: (error: unknown) => boolean
  /** Pauses grow from one second to this, in milliseconds. */
  longestPauseMs?: number
  /** After so long the last error counts, in milliseconds. */
  withinMs?: number
}

/** `say` may be repeated without harm. */
export async function insist<T>(say: () => Promise<T>, options: InsistOptions): Promise<T> {
  const { signal, onError, passes = () => true, longestPauseMs = 30_000, withinMs = 10 * 60_000 } = options
  const began = performance.now()
  for (let pauseMs = Math.min(1000, longestPauseMs); ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    try {
      return await say()
    } catch (error) {
      if (signal.aborted || !passes(error) || performance.now() - began > withinMs) throw error
      onError(error)
      await delay(pauseMs, undefined, { signal }).catch(() => undefined) // told to stop: one last time
    }
  }
}
