// Abort signals without leftovers: every listener that is added here is removed when the work is over. The
// platform's `fetch` and `AbortSignal.any` leave that to the garbage collector, which a wait of days would feel.

/** Settles like `work`, or rejects with the signal's reason as soon as it is aborted. */
export async function raceAbort<T>(work: T | Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  let stop: () => void = () => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

export interface Deadline {
  /** Aborted by the outer signal or when the time is over. */
  readonly signal: AbortSignal
  /** Whether it was the time. */
  timedOut(): boolean
  /** Removes listener and timer. */
  dispose(): void
}

/** A signal for one request: aborted by `outer`, or after `seconds` (0 = no limit). */
export function startDeadline(outer: AbortSignal | undefined, seconds: number): Deadline {
  const controller = new AbortController()
  let timedOut = false
  const forward = () => controller.abort(outer?.reason)
  if (outer?.aborted) forward()
  outer?.addEventListener('abort', forward, { once: true })
  const expire = () => {
    timedOut = true
    controller.abort(new Error(`no answer within ${seconds} s`))
  }
  const timer = seconds > 0 ? setTimeout(expire, seconds * 1000) : undefined
  return {
    signal: controller.signal,
    timedOut: () => timedOut,
    dispose() {
      clearTimeout(timer)
      outer?.removeEventListener('abort', forward)
    },
  }
}
