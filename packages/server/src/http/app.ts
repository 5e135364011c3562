// The HTTP shell: everything that is the same for every request, whatever route it finds or fails to find.
import cors from '@fastify/cors'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import { type Logger, pino } from 'pino'
import type { TokenVerifier } from '../auth/caller.ts'
import { AzureStorageError } from '../blobs/azure-fault.ts'
import { isDatabaseAway } from '../store/database-away.ts'
import { isOutOfSpace } from '../store/reviving-pglite.ts'
import { AnsweredRequests } from './answered-requests.ts'
import { ApiError } from './api-error.ts'
import { answerClientError } from './client-error.ts'
import { correlationIdOf } from './correlation-id.ts'
import { serveDocuments } from './documents.ts'
import { openDoor } from './door.ts'
import { KnownPaths } from './known-paths.ts'
import { type OperationsOptions, serveOperations } from './operations-routes.ts'
import { addBodyParsers } from './request-body.ts'
import { OneLinePerRequest, RequestLog } from './request-log.ts'
import { giveUpBody } from './unread-body.ts'

export interface AppOptions extends OperationsOptions {
  verifier: TokenVerifier
  /** Requests per minute and client id; 0: no limit. */
  rateLimitPerMinute: number
  /** Tokens of one address that may fail within a minute before the address is refused unread; default 600. */
  failuresPerMinute?: number
  /** Which proxies' X-Forwarded-For is believed: none, all, or a list of addresses and networks. */
  trustProxy: boolean | string
  /** Base of the URLs that answers carry, without a slash at the end. */
  publicUrl: () => string
  /** Origins that browsers may call from; undefined: no CORS. */
  corsOrigins: string[] | '*' | undefined
  now: () => Date
  log: Logger | false
  /** How long the head of a request, and a JSON body, may take to come, in milliseconds; default 15 s and 30 s. */
  timeouts?: { headMs?: number; bodyMs?: number }
  /** Registers the operations, with `registerOperation`. */
  routes: (app: FastifyInstance) => Promise<void>
}

declare module 'fastify' {
  interface FastifyInstance {
    answered: AnsweredRequests
    readiness: OperationsOptions['readiness']
  }
}

/** An app that is ready to listen. Errors of every kind are answered as `ErrorResponse` of the contract. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { headMs = 15_000, bodyMs } = options.timeouts ?? {}
  const log = options.log === false ? pino({ level: 'silent' }) : options.log
  const answered = new AnsweredRequests(log, options.metrics?.requests)
  const app: FastifyInstance = Fastify({
    loggerInstance: log as FastifyBaseLogger,
    childLoggerFactory: (log, bindings, _options, request) =>
      new RequestLog(log, bindings, request.url ?? '') as unknown as FastifyBaseLogger,
    logController: new OneLinePerRequest(answered),
    trustProxy: options.trustProxy,
    requestIdHeader: false,
    genReqId: correlationIdOf,
    return503OnClosing: false,
    clientErrorHandler: (error, socket) => answerClientError(error, socket, log),
    frameworkErrors: (error, request, reply) => answerError(error, request, reply as FastifyReply),
    // Node's own answer to a request without Host is no JSON; ours is given below.
    http: {
      requireHostHeader: false,
      headersTimeout: headMs,
      connectionsCheckingInterval: Math.min(5000, headMs / 4),
    },
    // No limit to a request as a whole: an upload may take hours, as long as bytes come.
    requestTimeout: 0,
    routerOptions: {
      caseSensitive: false,
      ignoreTrailingSlash: true,
      ignoreDuplicateSlashes: true,
      // Node refuses longer request heads before this is reached.
      maxParamLength: 16 * 1024,
    },
  })
  // Node would answer 417 without a body; an expectation other than 100-continue may as well be passed over.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))

  const knownPaths = new KnownPaths()
  app.addHook('onRoute', ({ method, url }) => {
    // The plugin for CORS answers preflights on every path there could be; that makes none of them exist.
    if (url !== '*') knownPaths.add(method, url)
  })
  app.decorate('door', openDoor(options))
  app.decorate('answered', answered)
  app.decorate('readiness', options.readiness)
  app.decorateRequest('caller')
  addBodyParsers(app, bodyMs)
  app.setErrorHandler(answerError)

  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-correlation-id', request.id)
    // These have no body that means anything, so nobody will read it.
    if (request.raw.method === 'GET' || request.raw.method === 'HEAD') giveUpBody(request, reply)
    if (options.readiness?.draining) reply.header('connection', 'close')
    if (request.raw.httpVersion === '1.1' && request.raw.headers.host === undefined) {
      done(new ApiError('BadRequest', 'The Host header is missing.', { target: 'Host' }))
    } else {
      done()
    }
  })

  // In a hook and not in the handler of unknown paths: that one would read the body first.
  const answerUnrouted = (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => {
    const allowed = knownPaths.methodsOf(request.raw.url ?? '')
    if (allowed.length === 0) return done(new ApiError('NotFound', 'Nothing is found at this path.'))
    const allow = [...allowed, 'OPTIONS'].join(', ')
    if (request.method === 'OPTIONS') {
      reply.code(204).header('allow', allow).send()
      return
    }
    const message = `Method ${request.method} is not allowed here; allowed: ${allow}.`
    done(new ApiError('MethodNotAllowed', message, { headers: { allow } }))
  }
  if (options.corsOrigins !== undefined) {
    app.addHook('onRequest', (request, reply, done) => {
      // Without this header it is no preflight but the question what the path allows.
      const preflight = request.headers['access-control-request-method'] !== undefined
      if (request.method === 'OPTIONS' && !preflight) answerUnrouted(request, reply, done)
      else done()
    })
    await app.register(cors, {
      origin: options.corsOrigins,
      exposedHeaders,
      methods: ['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE'],
      strictPreflight: false,
      maxAge: 600,
    })
  }
  app.addHook('onRequest', (request, reply, done) => {
    if (request.is404) answerUnrouted(request, reply, done)
    else done()
  })
  app.setNotFoundHandler(() => {
    throw new ApiError('NotFound', 'Nothing is found at this path.')
  })

  serveOperations(app, options)
  await serveDocuments(app, options)
  await options.routes(app)
  await app.ready()
  return app
}

/** What browsers may read of an answer beside the few headers that are always readable. */
const exposedHeaders = [
  'ETag',
  'Location',
  'Retry-After',
  'WWW-Authenticate',
  'x-correlation-id',
  'ITwinPlatform-RateLimited-Tier',
  'ITwinPlatform-RateLimited-API',
  'ITwinPlatform-RateLimited-Operation',
  'ITwinPlatform-RateLimited-Application',
  'x-ms-request-id',
  'x-ms-version',
  'x-ms-error-code',
  'x-ms-blob-type',
  'x-ms-creation-time',
  'Content-MD5',
  'Last-Modified',
  'Accept-Ranges',
  'Content-Range',
]

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const answer = asApiError(error, request)
  giveUpBody(request, reply)
  if (answer.headers !== undefined) reply.headers(answer.headers)
  reply
    .code(answer.status)
    .header('x-correlation-id', request.id)
    .header('cache-control', 'no-store')
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify(answer.body()))
}

function asApiError(error: unknown, request: FastifyRequest): ApiError {
  if (error instanceof ApiError) return error
  switch ((error as { code?: string } | null)?.code) {
    case 'FST_ERR_BAD_URL':
      return new ApiError('BadRequest', 'The path holds a percent-escape that is not valid UTF-8.')
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new ApiError('BadRequest', 'A segment of the path is too long.')
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new ApiError('UnsupportedMediaType', 'The request body must be application/json.', {
        target: 'Content-Type',
      })
  }
  if (isOutOfSpace(error)) {
    request.log.error({ err: error }, 'the database has no space to write')
    const message = 'The disk of the service is full; what was asked for was not done. Try again later.'
    return new ApiError('ServiceUnavailable', message, { headers: { 'retry-after': '60' } })
  }
  if (isDatabaseAway(error)) {
    request.log.error({ err: error }, 'the database cannot be reached')
    const message = 'The database of the service cannot be reached. Try again later.'
    return new ApiError('ServiceUnavailable', message, { headers: { 'retry-after': '5' } })
  }
  if (error instanceof AzureStorageError) {
    request.log.error({ err: error }, 'the account of the blobs cannot be used')
    const message = 'The storage of uploads and results cannot be reached. Try again later.'
    return new ApiError('ServiceUnavailable', message, { headers: { 'retry-after': '5' } })
  }
  request.log.error({ err: error }, 'a request failed in an unexpected way')
  return new ApiError('InternalServerError', `Something went wrong here; it is logged as ${request.id}.`)
}
