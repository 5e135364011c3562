// Progress for people: one line that moves on a terminal, one line for each change elsewhere.
import type { Progress } from '@alidade/contract'

const barWidth = 30

export interface ProgressLine {
  show(progress: Pick<Progress, 'percentage' | 'state' | 'step'>): void
  /** Leaves the moving line, so that what follows starts on one of its own. */
  end(): void
}

export function progressLine(out: { write(text: string): unknown; isTTY?: boolean }): ProgressLine {
  let moving = false
  return {
    show: ({ percentage, state, step }) => {
      const filled = Math.floor((percentage / 100) * barWidth)
      const bar = '#'.repeat(filled).padEnd(barWidth, '.')
      const text = `   [${bar}] ${String(percentage).padStart(3)} %  ${state}  ${step}`.trimEnd()
      out.write(out.isTTY ? `\r\x1b[2K${text}` : `${text}\n`)
      moving = out.isTTY === true
    },
    end: () => {
      if (moving) out.write('\n')
      moving = false
    },
  }
}
