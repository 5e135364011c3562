// What is kept of every request that was answered: one line in the log, without anything that opens a door (no token, no
// signature of a SAS), and a count in the metrics.
import { type Logger, symbols } from 'pino'
import type { RequestDurations } from './request-durations.ts'
import { withoutSecrets } from './without-secrets.ts'

export interface AnsweredRequest {
  /** The correlation id. */
  id: string
  method: string
  url: string
  /** The pattern of the path; undefined where none fits. */
  route: string | undefined
  status: number
  milliseconds: number
  /** The client id, where a token was verified. */
  client: string | undefined
  fault: string | undefined
}

const jobInPath = /^[^?]*?\/jobs\/+([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=[/?]|$)/i

/** The job that a request is about, by its path: every line of such a request names it. */
export function jobIdOf(url: string): string | undefined {
  return jobInPath.exec(url)?.[1]
}

/**
 * The line is put together here and handed to the stream of the logger. `info()` with an object and a general-purpose
 * destination cost 10 to 20 us of processor time a request, a third of all that GET progress took; this and
 * `cli/line-buffer.ts` cost 3 to 5 (two busy cores, `bench/progress-route.ts` with and without a log).
 */
export class AnsweredRequests {
  readonly #log: Logger
  readonly #stream: { write(line: string): unknown } | undefined
  /** What the logger itself puts into every line, with a comma in front where there is any. */
  readonly #bindings: string
  readonly #durations: RequestDurations | undefined

  constructor(log: Logger, durations: RequestDurations | undefined) {
    this.#log = log
    this.#durations = durations
    this.#stream = (log as unknown as Record<symbol, { write(line: string): unknown }>)[symbols.streamSym]
    const bindings = JSON.stringify(log.bindings()).slice(1, -1)
    this.#bindings = bindings === '' ? '' : `,${bindings}`
  }

  tell(answered: AnsweredRequest): void {
    const { route = 'none', method, status, milliseconds } = answered
    this.#durations?.observe(route, method, status, milliseconds / 1000)
    if (this.#log.isLevelEnabled('info')) this.#stream?.write(this.#line(answered))
  }

  #line({ id, method, url, status, milliseconds, client, fault }: AnsweredRequest): string {
    const jobId = jobIdOf(url)
    return (
      `{"level":30,"time":${Date.now()}${this.#bindings},"correlationId":${JSON.stringify(id)},` +
      `${jobId === undefined ? '' : `"jobId":"${jobId}",`}` +
      `"method":${JSON.stringify(method)},"url":${JSON.stringify(withoutSecrets(url))},` +
      `"status":${status},"milliseconds":${Math.round(milliseconds * 100) / 100}` +
      `${client === undefined ? '' : `,"client":${JSON.stringify(client)}`}` +
      `${fault === undefined ? '' : `,"fault":${JSON.stringify(withoutSecrets(fault))}`},"msg":"request"}\n`
    )
  }
}
