// One line in the log for each request, without anything that opens a door: no token, no signature of a SAS.
import { type FastifyBaseLogger, type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import { type Logger, symbols } from 'pino'
import { withoutSecrets } from './without-secrets.ts'

const jobInPath = /^[^?]*\/jobs\/+([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=[/?]|$)/i

/** The job that a request is about, by its path: every line of such a request names it. */
export function jobIdOf(url: string): string | undefined {
  return jobInPath.exec(url)?.[1]
}

/**
 * Says what Fastify logs of a request: one line, when it is answered. The line is put together here and handed to the
 * stream of the logger. `info()` with an object and a general-purpose destination cost 10 to 20 us of processor time a
 * request, a third of all that GET progress took; this and `cli/line-buffer.ts` cost 3 to 8 (two busy cores,
 * `bench/progress-route.ts` with and without a log).
 */
export class OneLinePerRequest extends LogController {
  readonly #log: Logger | undefined
  readonly #stream: { write(line: string): unknown } | undefined
  /** What the logger itself puts into every line, with a comma in front where there is any. */
  readonly #bindings: string

  constructor(log: Logger | undefined) {
    super({ requestIdLogLabel: 'correlationId' })
    this.#log = log
    this.#stream = (log as unknown as Record<symbol, { write(line: string): unknown }> | undefined)?.[
      symbols.streamSym
    ]
    const bindings = JSON.stringify(log?.bindings() ?? {}).slice(1, -1)
    this.#bindings = bindings === '' ? '' : `,${bindings}`
  }

  override incomingRequest(): void {}
  override routeNotFound(): void {}

  override requestCompleted(error: Error | null, request: FastifyRequest, reply: FastifyReply): void {
    if (this.#log === undefined || !this.#log.isLevelEnabled('info')) return
    const { id, raw } = request
    const fault = error?.message // Fastify gives undefined too
    const client = (request.caller as { clientId: string } | undefined)?.clientId
    const url = raw.url ?? ''
    const jobId = jobIdOf(url)
    this.#stream?.write(
      `{"level":30,"time":${Date.now()}${this.#bindings},"correlationId":${JSON.stringify(id)},` +
        `${jobId === undefined ? '' : `"jobId":"${jobId}",`}` +
        `"method":${JSON.stringify(raw.method)},"url":${JSON.stringify(withoutSecrets(url))},` +
        `"status":${reply.raw.statusCode},"milliseconds":${Math.round(reply.elapsedTime * 100) / 100}` +
        `${client === undefined ? '' : `,"client":${JSON.stringify(client)}`}` +
        `${fault === undefined ? '' : `,"fault":${JSON.stringify(withoutSecrets(fault))}`},"msg":"request"}\n`,
    )
  }
}

/**
 * `request.log`, whose lines carry the correlation id and the job. The child logger is made when a line is written: most requests
 * write none, and making it costs more than the whole line of the request.
 */
export class RequestLog {
  readonly #parent: FastifyBaseLogger
  readonly #bindings: Record<string, unknown>
  readonly #url: string
  #child: FastifyBaseLogger | undefined

  constructor(parent: FastifyBaseLogger, bindings: Record<string, unknown>, url: string) {
    this.#parent = parent
    this.#bindings = bindings
    this.#url = url
  }

  #log(): FastifyBaseLogger {
    if (this.#child === undefined) {
      const jobId = jobIdOf(this.#url)
      const bindings = jobId === undefined ? this.#bindings : { ...this.#bindings, jobId }
      this.#child = this.#parent.child(bindings, { serializers })
    }
    return this.#child
  }

  get level(): string {
    return this.#parent.level
  }
  child(...parts: Parameters<FastifyBaseLogger['child']>): FastifyBaseLogger {
    return this.#log().child(...parts)
  }
  fatal(...parts: [never]): void {
    this.#log().fatal(...parts)
  }
  error(...parts: [never]): void {
    this.#log().error(...parts)
  }
  warn(...parts: [never]): void {
    this.#log().warn(...parts)
  }
  info(...parts: [never]): void {
    this.#log().info(...parts)
  }
  debug(...parts: [never]): void {
    this.#log().debug(...parts)
  }
  trace(...parts: [never]): void {
    this.#log().trace(...parts)
  }
  silent(): void {}
}

/** Fastify logs whole requests and answers in rare cases; of those only what is harmless goes into a line. */
const serializers = {
  req: (request: FastifyRequest) => ({
    method: request.raw.method,
    url: withoutSecrets(request.raw.url ?? ''),
  }),
  res: (reply: FastifyReply) => ({ status: reply.raw?.statusCode ?? reply.statusCode }),
}
