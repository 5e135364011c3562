// Whether this process should be sent requests: what a load balancer asks, more often than anybody else.
import type { ErrorDetail } from '@alidade/contract'
import { sharedFor } from './shared-for.ts'

export interface ReadinessCheck {
  /** Code and sentence of the fault when the check fails. */
  code: string
  fault: string
  /** Rejects when it is not so. */
  check: () => Promise<void>
}

export interface Readiness {
  /** Told to stop: from now on answers end their connection. */
  readonly draining: boolean
  drain(): void
  /** Why no requests should come here; empty: they should. */
  faults(): Promise<ErrorDetail[]>
}

/** How long a check may take before it counts as failed, in milliseconds. */
const checkTimeoutMs = 2000
/** How long its outcome is told on, in milliseconds: anybody may ask, and as often as they like. */
const outcomeMs = 500

/** Nobody but the log is told what a check said: it may name folders and hosts. */
export function openReadiness(
  checks: readonly ReadinessCheck[],
  onFault: (code: string, error: unknown) => void,
): Readiness {
  const outcome = sharedFor(outcomeMs, async () => {
    const faults = await Promise.all(
      checks.map(async ({ code, fault, check }): Promise<ErrorDetail[]> => {
        try {
          await inTime(check())
          return []
        } catch (error) {
          onFault(code, error)
          return [{ code, message: fault }]
        }
      }),
    )
    return faults.flat()
  })
  let draining = false
  return {
    get draining() {
      return draining
    },
    drain: () => {
      draining = true
    },
    faults: async () =>
      draining ? [{ code: 'Draining', message: 'The service was told to stop.' }] : outcome(),
  }
}

function inTime(work: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`no outcome within ${checkTimeoutMs} ms`)),
      checkTimeoutMs,
    )
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
