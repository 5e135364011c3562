// A percentage with a text: a bar that moves on a terminal, elsewhere a line each time.
const barWidth = 30

export interface StatusLine {
  show(percent: number, text: string): void
  /** Ends the line of the bar, so that what follows begins on its own. */
  end(): void
}

export function statusLine(out: NodeJS.WritableStream & { isTTY?: boolean }): StatusLine {
  let moving = false
  return {
    show(percent, text) {
      const number = `${String(percent).padStart(3)} %`
      if (!out.isTTY) return void out.write(`${number}  ${text}\n`)
      const filled = Math.round((percent / 100) * barWidth)
      out.write(`\r\x1b[2K[${'#'.repeat(filled).padEnd(barWidth, '.')}] ${number}  ${text}`)
      moving = true
    },
    end() {
      if (moving) out.write('\n')
      moving = false
    },
  }
}
