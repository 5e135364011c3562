// The log of the service: JSON lines on standard error.
import { type Logger, pino } from 'pino'

/** Lines wait for each other this long, in milliseconds: what a `kill -9` can lose of the log. */
const flushIntervalMs = 200
/** Until so many bytes wait: a system call for every line would cost more than making the line. */
const bufferBytes = 8 * 1024

/** A logger whose lines are all written when the process exits, whatever the reason, a kill aside. */
export function openLog(level: string): Logger {
  // Synchronous, because handing a write to the thread pool costs more than the write.
  const destination = pino.destination({
    dest: 2,
    sync: true,
    minLength: bufferBytes,
    periodicFlush: flushIntervalMs,
  })
  process.once('exit', () => destination.flushSync())
  return pino({ level, base: null }, destination)
}
