/**
 * The body of an upload as the store takes it: cut off at a limit and given up when no byte comes for a
 * while. The socket stays usable when the reader stops early, so that a refusal can still be sent.
 */
import type { IncomingMessage } from 'node:http'
import { AzureError } from './azure-error.ts'

export interface BodyLimits {
  readonly maxBytes: number
  /** Only waiting for the client counts, not a slow disk. */
  readonly idleMilliseconds: number
}

/** The declared length, undefined for a chunked body. Throws `RequestBodyTooLarge` before a byte is read. */
export function declaredBytes(request: IncomingMessage, maxBytes: number): number | undefined {
  const header = request.headers['content-length']
  if (header === undefined) return request.headers['transfer-encoding'] === undefined ? 0 : undefined
  const bytes = Number(header)
  if (bytes > maxBytes) throw tooLarge(maxBytes)
  return bytes
}

/**
 * Throws `RequestBodyTooLarge` and `OperationTimedOut`; a connection that breaks throws what the socket says.
 */
export async function* readBody(request: IncomingMessage, limits: BodyLimits): AsyncGenerator<Buffer> {
  const { maxBytes, idleMilliseconds } = limits
  const chunks = request.iterator({ destroyOnReturn: false })
  let bytes = 0
  for (;;) {
    const next = await nextWithin(chunks, idleMilliseconds)
    if (next.done) return
    bytes += next.value.byteLength
    if (bytes > maxBytes) throw tooLarge(maxBytes)
    yield next.value
  }
}

function nextWithin(
  chunks: AsyncIterator<Buffer, undefined>,
  idleMilliseconds: number,
): Promise<IteratorResult<Buffer, undefined>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new AzureError('OperationTimedOut', `no byte came for ${idleMilliseconds / 1000} s`))
    }, idleMilliseconds)
    chunks
      .next()
      .then(resolve, reject)
      .finally(() => clearTimeout(timer))
  })
}

/** The whole of a small body. */
export async function readSmallBody(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  declaredBytes(request, limits.maxBytes)
  const chunks: Buffer[] = []
  for await (const chunk of readBody(request, limits)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function tooLarge(maxBytes: number): AzureError {
  return new AzureError(
    'RequestBodyTooLarge',
    `the body is larger than the ${maxBytes} bytes that are allowed`,
  )
}
