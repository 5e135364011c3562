// What Fastify logs, in our words: one line for each request, and lines within a request that name it.
import { type FastifyBaseLogger, type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import { type AnsweredRequests, jobIdOf } from './answered-requests.ts'
import { withoutSecrets } from './without-secrets.ts'

/** Says of a request what is said once it is answered, and nothing before. */
export class OneLinePerRequest extends LogController {
  readonly #answered: AnsweredRequests

  constructor(answered: AnsweredRequests) {
    super({ requestIdLogLabel: 'correlationId' })
    this.#answered = answered
  }

  override incomingRequest(): void {}
  override routeNotFound(): void {}

  override requestCompleted(error: Error | null, request: FastifyRequest, reply: FastifyReply): void {
    const { id, raw } = request
    this.#answered.tell({
      id,
      method: raw.method ?? '',
      url: raw.url ?? '',
      route: request.routeOptions.url,
      status: reply.raw.statusCode,
      milliseconds: reply.elapsedTime,
      client: (request.caller as { clientId: string } | undefined)?.clientId,
      fault: error?.message, // Fastify gives undefined too
    })
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
