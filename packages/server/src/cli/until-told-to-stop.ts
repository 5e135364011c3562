// Waits for the end of a long-running command: a signal, or an error that nobody caught.
//
// Our own, because the libraries for it take every second signal for impatience: under `npm start` one Ctrl-C arrives
// two or three times, from the terminal and from each process above us that passes it on.
import type { Logger } from 'pino'

export interface StopOptions {
  /** Ends everything in good order. */
  stop: () => Promise<void>
  log: Logger
  /** How long that may take, in milliseconds. */
  graceMs?: number
  /** Signals that come sooner after the first are the same one, in milliseconds. */
  sameSignalMs?: number
}

/** The exit code: 0 after a signal, 1 after an error. A second, later signal ends the process at once. */
export function untilToldToStop({
  stop,
  log,
  graceMs = 30_000,
  sameSignalMs = 2000,
}: StopOptions): Promise<number> {
  return new Promise((done) => {
    let toldAt: number | undefined
    const finish = (code: number) => {
      if (toldAt !== undefined) return
      toldAt = performance.now()
      setTimeout(() => {
        log.error({ graceMs }, 'did not stop in time')
        process.exit(1)
      }, graceMs).unref()
      stop().then(
        () => done(code),
        (error: unknown) => {
          log.error({ err: error }, 'did not stop in good order')
          done(1)
        },
      )
    }
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        if (toldAt !== undefined && performance.now() - toldAt > sameSignalMs) process.exit(1)
        if (toldAt === undefined) log.info({ signal: name }, 'stopping')
        finish(0)
      })
    }
    const fail = (error: unknown) => {
      log.error({ err: error }, 'the service ends because of an error that nobody caught')
      finish(1)
    }
    process.on('uncaughtException', fail)
    process.on('unhandledRejection', fail)
  })
}
