// Progress of `alidade run` on standard error: on a terminal whenever something is counted, elsewhere when a step
// begins and at most once for every five percent.
import type { StepReport } from '@alidade/jobs'
import { statusLine } from './status-line.ts'

const percentPerLine = 5

export interface RunProgress {
  /** `percentage` is exact; 100 only says that the runner has counted everything. */
  show(progress: StepReport & { percentage: number }): void
  /** Everything is in its place. */
  finish(): void
  /** Ends the line of the bar, so that what follows begins on its own. */
  end(): void
}

export function runProgress(out: NodeJS.WritableStream & { isTTY?: boolean }): RunProgress {
  const line = statusLine(out)
  let shownStep = ''
  let shownPercent = 0
  return {
    show: ({ percentage, step, done, total, unit }) => {
      // 100 is for results that lie in their place.
      const percent = Math.min(99, Math.floor(percentage))
      if (!out.isTTY && step === shownStep && percent < shownPercent + percentPerLine) return
      shownStep = step
      shownPercent = percent
      line.show(percent, `${step}  ${done.toLocaleString('en')} of ${total.toLocaleString('en')} ${unit}`)
    },
    finish: () => line.show(100, 'done'),
    end: line.end,
  }
}
