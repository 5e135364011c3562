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
    async (_request: FastifyRequest, text: string) => parse(text),
  )
  app.addContentTypeParser('*', { parseAs: 'string' }, async (request: FastifyRequest, text: string) => {
    if (text.length > 0 && request.headers['content-type'] !== undefined) throw unsupported(request)
    return parse(text)
  })
}

/** Undefined for an empty text. */
function parse(text: string): unknown {
  try {
    // A byte order mark is no JSON, yet some tools on Windows write one.
    const json = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
    return json.trim() === '' ? undefined : withoutNulls(JSON.parse(json), 0)
  } catch (error) {
    if (error instanceof ApiError) throw error
    throw new ApiError('BadRequest', 'The request body is not valid JSON.', { cause: error })
  }
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
