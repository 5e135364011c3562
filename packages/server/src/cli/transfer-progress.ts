// Progress of a push or pull on standard error: a bar that moves ten times a second on a terminal, elsewhere a line for
// every ten percent.
import type { TransferProgress } from '@alidade/client/node'
import type { Io } from './main.ts'
import { statusLine } from './status-line.ts'

const percentPerLine = 10
const redrawMs = 100

export interface ShownTransfer {
  show(progress: TransferProgress): void
  end(): void
}

export function transferProgress(out: Io['stderr']): ShownTransfer {
  const line = statusLine(out)
  let shownPercent = -percentPerLine
  let shownAt = Number.NEGATIVE_INFINITY
  return {
    show(progress) {
      const { doneBytes, totalBytes, doneFiles, totalFiles } = progress
      const ended = doneFiles === totalFiles
      const percent = totalBytes === 0 ? 100 : Math.floor((100 * doneBytes) / totalBytes)
      const due = out.isTTY
        ? performance.now() >= shownAt + redrawMs
        : percent >= shownPercent + percentPerLine && percent < 100
      if (!due && !ended) return
      shownPercent = percent
      shownAt = performance.now()
      line.show(percent, describe(progress))
    },
    end: line.end,
  }
}

function describe({
  doneBytes,
  totalBytes,
  doneFiles,
  totalFiles,
  bytesPerSecond,
}: TransferProgress): string {
  const bytes = `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`
  const files = totalFiles === 1 ? '' : `  ${doneFiles} of ${totalFiles} files`
  return `${bytes}${files}  ${formatBytes(bytesPerSecond)}/s`
}

const units = ['B', 'kB', 'MB', 'GB', 'TB']

/** Three digits at least, e.g. `12.3 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  for (; value >= 999.5 && unit < units.length - 1; unit++) value /= 1000
  const digits = unit === 0 || value >= 99.95 ? 0 : 1
  return `${value.toFixed(digits)} ${units[unit]}`
}
