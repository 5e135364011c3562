// From an operation of the contract to a route: who may call it, how often, with what; then the handler.
import type { Operation } from '@alidade/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Caller } from '../auth/caller.ts'
import { ApiError, faultError } from './api-error.ts'
import { type ApiFamily, apiFamily } from './api-family.ts'
import type {} from './door.ts'
import { bodyFaults, parameterFaults } from './request-faults.ts'
import {
  headerReader,
  type ParameterReader,
  pathReader,
  queryDecodes,
  queryReader,
} from './request-parameters.ts'

type StaticOr<Schema, Otherwise> = Schema extends TSchema ? Static<Schema> : Otherwise
type Declared<O extends Operation, Key extends keyof Operation> =
  O extends Record<Key, infer S> ? S : undefined

/** What a handler is given: everything checked against the operation's schemas. */
export interface OperationRequest<O extends Operation> {
  caller: Caller
  params: StaticOr<Declared<O, 'params'>, Record<never, never>>
  query: StaticOr<Declared<O, 'query'>, Record<never, never>>
  headers: StaticOr<Declared<O, 'headers'>, Record<never, never>>
  body: StaticOr<Declared<O, 'body'>, undefined>
  request: FastifyRequest
}

/** What a handler returns: one of the declared statuses, with its body where it has one. */
export type OperationReply<O extends Operation> = {
  [Status in keyof O['responses'] & number]: O['responses'][Status] extends { schema: infer Schema }
    ? { status: Status; body: StaticOr<Schema, never>; headers?: Record<string, string> }
    : { status: Status; body?: undefined; headers?: Record<string, string> }
}[keyof O['responses'] & number]

/**
 * A conditional type, though there is nothing to decide: only then does the compiler put the operation in before it
 * looks at a handler written in place, so that `status: 200` there is 200 and not any number.
 */
export type OperationHandler<O extends Operation> = O extends Operation
  ? (request: OperationRequest<O>) => Promise<OperationReply<O>> | OperationReply<O>
  : never

export interface OperationRouteOptions {
  /** Message on top of the faults of a request, e.g. `Cannot create job.` */
  faultMessage?: string
  /** Status of these faults, where it is not that of the family's code. */
  faultStatus?: number
}

/**
 * Registers `operation` on an app made by `buildApp`. Before the handler runs, in this order: the token (401) and its
 * scopes (401), the rate limit (429), the body's media type and syntax (415, 413, 400), then parameters and body
 * against the schemas (one error, a detail for each fault).
 */
export function registerOperation<const O extends Operation>(
  app: FastifyInstance,
  operation: O,
  handler: OperationHandler<O>,
  options: OperationRouteOptions = {},
): void {
  const family = apiFamily(operation.path)
  const read = requestReader(operation, family, options)
  const { door } = app

  const respond = async (request: FastifyRequest, reply: FastifyReply) => {
    const input = { ...read(request), caller: request.caller, request } as unknown as OperationRequest<O>
    send(reply, await handler(input))
    return reply
  }

  for (const url of [operation.path, ...(operation.aliases ?? [])]) {
    app.route({
      method: operation.method,
      url,
      onRequest: (request, _reply, done) => door.enter(request, operation, family, done),
      handler: respond,
    })
  }
}

/**
 * An answer is meant for its caller alone and holds what may have changed a moment later; container URLs are as good as
 * keys. A handler whose answer may be kept and asked for again says so itself.
 */
const cacheControl = 'no-store'

function send(
  reply: FastifyReply,
  answer: { status: number; body?: unknown; headers?: Record<string, string> },
) {
  reply.code(answer.status).header('cache-control', cacheControl)
  if (answer.headers !== undefined) reply.headers(answer.headers)
  if (answer.body === undefined) {
    reply.send()
    return
  }
  // What the handler returns is what is sent: a serializer made from the schema would silently drop what the schema
  // does not name, and for bodies of this size it is no faster.
  reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(answer.body))
}

function requestReader(
  operation: Operation,
  family: ApiFamily,
  { faultMessage = 'The request is invalid.', faultStatus }: OperationRouteOptions,
) {
  const params = parameterCheck(operation.params, pathReader)
  const query = parameterCheck(operation.query, queryReader)
  const headers = parameterCheck(operation.headers, headerReader)
  const body = operation.body === undefined ? undefined : Compile(operation.body)

  return (request: FastifyRequest) => {
    if (!queryDecodes(request.raw.url ?? '')) {
      throw new ApiError('BadRequest', 'The query holds a percent-escape that is not valid UTF-8.')
    }
    const read = {
      params: params.read(request.params as Record<string, unknown>),
      query: query.read(request.query as Record<string, unknown>),
      headers: headers.read(request.headers),
      body: body === undefined ? undefined : request.body,
    }
    const faults = [
      ...params.faults(read.params),
      ...query.faults(read.query),
      ...headers.faults(read.headers),
      ...(body === undefined || body.Check(read.body) ? [] : missingOr(read.body, body.Errors(read.body))),
    ]
    if (faults.length > 0) throw faultError(family.faultCode, faultMessage, faults, faultStatus)
    return read
  }
}

function missingOr(body: unknown, errors: Parameters<typeof bodyFaults>[0]) {
  if (body !== undefined) return bodyFaults(errors, body)
  return [{ code: 'InvalidRequestBody', message: 'A JSON object is required as the request body.' }]
}

const nothing = {}

function parameterCheck(schema: TSchema | undefined, readerOf: (schema: TSchema) => ParameterReader) {
  if (schema === undefined) return { read: () => nothing, faults: () => [] }
  const read = readerOf(schema)
  const validator = Compile(schema)
  return {
    read,
    faults: (value: unknown) =>
      validator.Check(value) ? [] : parameterFaults(validator.Errors(value), value),
  }
}
