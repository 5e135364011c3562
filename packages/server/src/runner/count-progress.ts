// The counting side of progress: keeps the order of the steps and thins out what goes over IPC.
import type { Progress, StepReport } from '@alidade/jobs'

/** Counts are sent at most this often, in milliseconds; the first and the last of a step always. */
const reportIntervalMs = 100

export function countProgress(
  steps: readonly string[],
  report: (report: StepReport) => void,
  now: () => number = () => performance.now(),
): Progress {
  let current = -1
  return {
    begin(step, { total, unit }) {
      const index = steps.indexOf(step)
      if (index <= current) throw new RangeError(`step '${step}' cannot begin after '${steps[current]}'`)
      current = index
      let done = 0
      let reportedAt = now()
      report({ step, done, total, unit })
      return {
        advance(count) {
          if (current !== index) throw new RangeError(`step '${step}' has ended`)
          const before = done
          done = Math.min(total, done + count)
          const at = now()
          if ((done === total && before < total) || at - reportedAt >= reportIntervalMs) {
            reportedAt = at
            report({ step, done, total, unit })
          }
        },
      }
    },
  }
}
