// Why the job of the demo gave no results.
import type { Job } from '@alidade/contract'

export function describeFailure({ state, executionInformation }: Job): string[] {
  const errors = executionInformation?.errors ?? []
  return [
    `The demo failed: its job ended as ${state}${errors.length === 0 ? ', without an error.' : '.'}`,
    ...errors.map(({ code, title, message }) => `   ${code} (${title}): ${message}`),
  ]
}
