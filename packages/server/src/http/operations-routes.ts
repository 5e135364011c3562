// What operators and their programs ask without a token: does the process live, may it be sent requests, its numbers.
import type { FastifyInstance } from 'fastify'
import { ApiError } from './api-error.ts'
import type { Metrics } from './metrics.ts'
import type { Readiness } from './readiness.ts'

export interface OperationsOptions {
  /** Default: always ready. */
  readiness?: Readiness
  /** Default: no /metrics. */
  metrics?: Metrics
}

export function serveOperations(app: FastifyInstance, { readiness, metrics }: OperationsOptions): void {
  // A process that answers at all lives: nothing else is looked at, so that a database that is away does not make
  // somebody restart what is in good order.
  app.get('/healthz', (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'ok' }))

  app.get('/readyz', async (_request, reply) => {
    const details = (await readiness?.faults()) ?? []
    if (details.length > 0) {
      throw new ApiError('ServiceUnavailable', 'The service is not ready for requests.', { details })
    }
    return reply.header('cache-control', 'no-store').send({ status: 'ok' })
  })

  if (metrics === undefined) return
  app.get('/metrics', async (_request, reply) =>
    reply
      .header('content-type', metrics.contentType)
      .header('cache-control', 'no-store')
      .send(await metrics.text()),
  )
}
