/**
 * Answers an error in the Azure form, also while the client is still sending a body that nobody wants.
 * Closing at once would reset the connection, and most clients would report that instead of the answer. So
 * the answer is sent, then what still comes is thrown away for a moment, then the connection ends.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AzureError } from './azure-error.ts'
import { errorXml } from './azure-xml.ts'

const lingerMilliseconds = 1000
const lingerBytes = 16 * 1024 * 1024

export async function refuseRequest(
  request: FastifyRequest,
  reply: FastifyReply,
  error: AzureError,
  now: Date,
): Promise<void> {
  const requestId = String(reply.getHeader('x-ms-request-id') ?? '')
  const body = Buffer.from(request.method === 'HEAD' ? '' : errorXml(error, requestId, now))
  reply.code(error.status).headers({ ...error.headers, 'x-ms-error-code': error.code })
  // A body that is read to its end, or was never announced, leaves the connection clean.
  const announced =
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0
  if (!announced || request.raw.complete) {
    if (body.length > 0) reply.header('content-type', 'application/xml')
    await reply.send(body.length > 0 ? body : undefined)
    return
  }
  reply.hijack()
  const { raw } = reply
  if (raw.destroyed || request.raw.destroyed) {
    raw.destroy()
    return
  }
  raw.writeHead(error.status, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'application/xml',
    'content-length': body.length,
    connection: 'close',
  })
  raw.write(body)
  await discard(request)
  raw.end()
}

/** Until the body ends, or it was long or large enough. */
function discard({ raw }: FastifyRequest): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0
    const onData = (chunk: Buffer) => {
      bytes += chunk.byteLength
      if (bytes > lingerBytes) finish()
    }
    const finish = () => {
      clearTimeout(timer)
      raw.off('data', onData).off('end', finish).off('close', finish).off('error', finish)
      raw.pause()
      resolve()
    }
    const timer = setTimeout(finish, lingerMilliseconds)
    raw.on('data', onData).on('end', finish).on('close', finish).on('error', finish)
    raw.resume()
  })
}
