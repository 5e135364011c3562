// The log of the service: JSON lines on standard error.
import { type Logger, pino } from 'pino'
import { withoutSecrets } from '../http/without-secrets.ts'
import { LineBuffer } from './line-buffer.ts'

/**
 * A logger whose lines are all written when the process exits, whatever the reason, a kill aside. Secrets are taken out
 * of every line, whoever wrote it: an error of a library may carry the URL that it was about.
 */
export function openLog(level: string): Logger {
  const lines = new LineBuffer(process.stderr.fd)
  process.once('exit', () => lines.flush())
  return pino({ level, base: null }, { write: (line: string) => lines.write(withoutSecrets(line)) })
}
