// The counting side of progress: keeps the order of the steps and thins out what goes over IPC.
import type { PartCost, Progress, StepReport } from '@alidade/jobs'

/** Counts are sent at most this often, in milliseconds; the first and the last of a part always. */
const reportIntervalMs = 100

export function countProgress(
  steps: readonly string[],
  report: (report: StepReport) => void,
  now: () => number = () => performance.now(),
): Progress {
  let current = -1
  /** Parts of the current step that have begun; the last one is counted. */
  let parts: (string | undefined)[] = []
  return {
    begin(step, { part, total, unit }) {
      const index = steps.indexOf(step)
      const isNext = index > current || (index === current && part !== undefined && !parts.includes(part))
      if (index < 0 || !isNext)
        throw new RangeError(`${nameOf(step, part)} cannot begin after '${steps[current]}'`)
      parts = index === current ? [...parts, part] : [part]
      current = index
      let done = 0
      let reportedAt = now()
      const send = (ahead?: readonly PartCost[]) =>
        report({ step, ...(part !== undefined && { part }), done, total, unit, ...(ahead && { ahead }) })
      send()
      return {
        advance(count, ahead) {
          if (current !== index || parts.at(-1) !== part)
            throw new RangeError(`${nameOf(step, part)} has ended`)
          const before = done
          done = Math.min(total, done + count)
          const at = now()
          if (ahead || (done === total && before < total) || at - reportedAt >= reportIntervalMs) {
            reportedAt = at
            send(ahead)
          }
        },
      }
    },
  }
}

function nameOf(step: string, part: string | undefined): string {
  return part === undefined ? `step '${step}'` : `part '${part}' of step '${step}'`
}
