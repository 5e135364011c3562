// Request bodies: which media types are taken, and JSON without its traps.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from './api-error.ts'

/** Largest JSON body that is read, in bytes. */
export const bodyLimitBytes = 1024 * 1024

/** Deepest nesting of a JSON body; nothing in the contract comes near it. */
const maxDepth = 64

/**
 * Takes `application/json` and every `+json` type, with or without parameters, and JSON without a content type. An
 * empty body is no body, whatever its type. Anything else is 415. A scope that takes other bodies (blobs) registers
 * parsers of its own.
 */
export function addBodyParsers(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    /^application\/(?:[\w!#$&^.+-]+\+)?json(?:\s*;|$)/i,
    { parseAs: 'string' },
    (_request, text, done) => parse(String(text), done),
  )
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, text, done) => {
    if (text.length > 0 && request.headers['content-type'] !== undefined) done(unsupported(request))
    else parse(String(text), done)
  })
}

function parse(text: string, done: (error: Error | null, body?: unknown) => void): void {
  if (text.trim() === '') return done(null, undefined)
  let body: unknown
  try {
    // A byte order mark is no JSON, yet some tools on Windows write one.
    body = withoutNulls(JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text), 0)
  } catch (error) {
    return done(error instanceof ApiError ? error : malformed(error))
  }
  done(null, body)
}

function malformed(cause: unknown): ApiError {
  return new ApiError('BadRequest', 'The request body is not valid JSON.', { cause })
}

function unsupported(request: FastifyRequest): ApiError {
  const came = String(request.headers['content-type']).slice(0, 100)
  return new ApiError('UnsupportedMediaType', `The request body must be application/json, got '${came}'.`, {
    target: 'Content-Type',
  })
}

/**
 * A copy in which members that are null are absent, as several clients mean them. `__proto__` is left out: as a
 * member of a plain object it would be an ordinary property here and something else wherever it is assigned.
 */
function withoutNulls(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return depth === 0 ? (value ?? undefined) : value
  if (depth >= maxDepth) {
    throw new ApiError('BadRequest', `The request body is nested deeper than ${maxDepth} levels.`)
  }
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item, depth + 1))
  const copy: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value)) {
    if (member !== null && name !== '__proto__') copy[name] = withoutNulls(member, depth + 1)
  }
  return copy
}
