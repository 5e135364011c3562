// Progress of `alidade run` on standard error: a bar that moves on a terminal, elsewhere a line when
// a step begins and at most one for every five percent.
import type { StepReport } from '@alidade/jobs'

const barWidth = 30
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
  let shownStep = ''
  let shownPercent = 0
  let line = ''
  function write(percent: number, text: string): void {
    const number = `${String(percent).padStart(3)} %`
    if (out.isTTY) {
      const filled = Math.round((percent / 100) * barWidth)
      out.write(`\r\x1b[2K[${'#'.repeat(filled).padEnd(barWidth, '.')}] ${number}  ${text}`)
      line = text
    } else {
      out.write(`${number}  ${text}\n`)
    }
  }
  return {
    show: ({ percentage, step, done, total, unit }) => {
      // 100 is for results that lie in their place.
      const percent = Math.min(99, Math.floor(percentage))
      if (!out.isTTY && step === shownStep && percent < shownPercent + percentPerLine) return
      shownStep = step
      shownPercent = percent
      write(percent, `${step}  ${done.toLocaleString('en')} of ${total.toLocaleString('en')} ${unit}`)
    },
    finish: () => write(100, 'done'),
    end: () => {
      if (line !== '') out.write('\n')
      line = ''
    },
  }
}
