// The log of the service: JSON lines on standard error.
import { type Logger, pino } from 'pino'
import { LineBuffer } from './line-buffer.ts'

/** A logger whose lines are all written when the process exits, whatever the reason, a kill aside. */
export function openLog(level: string): Logger {
  const lines = new LineBuffer(process.stderr.fd)
  process.once('exit', () => lines.flush())
  return pino({ level, base: null }, lines)
}
