// Request bodies: which media types are taken, how long and how large they may be, and JSON without its traps.
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from './api-error.ts'

/** Largest JSON body that is read, in bytes. */
export const bodyLimitBytes = 1024 * 1024

/** How long a body may take to come, in milliseconds. JSON is short; files go to the blob routes. */
export const bodyTimeoutMs = 30_000

/** Deepest nesting of a JSON body; nothing in the contract comes near it. */
const maxDepth = 64

/**
 * Takes `application/json` and every `+json` type, with or without parameters, and JSON without a content type. An
 * empty body is no body, whatever its type. Anything else is 415. A scope that takes other bodies (blobs) registers
 * parsers of its own.
 */
export function addBodyParsers(app: FastifyInstance, timeoutMs = bodyTimeoutMs): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    /^application\/(?:[\w!#$&^.+-]+\+)?json(?:\s*;|$)/i,
    async (_request: FastifyRequest, body: IncomingMessage) => parse(await readText(body, timeoutMs)),
  )
  app.addContentTypeParser('*', async (request: FastifyRequest, body: IncomingMessage) => {
    const text = await readText(body, timeoutMs)
    if (text.length > 0 && request.headers['content-type'] !== undefined) throw unsupported(request)
    return parse(text)
  })
}

/** The whole body, or the error that refuses it; of one that is too large no more is read than tells so. */
function readText(body: IncomingMessage, timeoutMs: number): Promise<string> {
  const tooLarge = () =>
    new ApiError('RequestTooLarge', `The request body is larger than ${bodyLimitBytes} bytes.`)
  if (Number(body.headers['content-length'] ?? 0) > bodyLimitBytes) return Promise.reject(tooLarge())
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const stop = () => {
      clearTimeout(timer)
      body.off('data', onData).off('end', onEnd).off('close', onClose)
    }
    const refuse = (error: ApiError) => {
      stop()
      // Whatever else comes stays where it is: the connection ends with the answer.
      body.pause()
      body.socket.pause()
      reject(error)
    }
    const onData = (chunk: Buffer) => {
      bytes += chunk.byteLength
      if (bytes > bodyLimitBytes) refuse(tooLarge())
      else chunks.push(chunk)
    }
    const onEnd = () => {
      stop()
      resolve(Buffer.concat(chunks).toString())
    }
    const onClose = () => refuse(new ApiError('BadRequest', 'The request body broke off.'))
    const timer = setTimeout(() => {
      const message = `The request body did not come within ${timeoutMs / 1000} s.`
      refuse(new ApiError('RequestTimeout', message, { headers: { connection: 'close' } }))
    }, timeoutMs)
    // A client that is gone is told nothing: `close` follows.
    body.on('error', () => undefined)
    body.on('data', onData).on('end', onEnd).on('close', onClose)
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
