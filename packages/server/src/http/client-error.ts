// Requests that Node's parser refuses never become a request: they are answered on the bare socket.
import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Logger } from 'pino'
import { ApiError } from './api-error.ts'
import { endSlowly } from './unread-body.ts'

const reasons: Record<number, string> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Content Too Large',
  431: 'Request Header Fields Too Large',
}

/** Answers with our error object, logs it and closes; a socket that is gone or already answering is only closed. */
export function answerClientError(error: Error & { code?: string }, socket: Socket, log: Logger): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const fault = clientFault(error.code)
  const correlationId = randomUUID()
  // What came is not logged: it may be half a request, token and all.
  log.info({ correlationId, status: fault.status, fault: error.code }, 'request refused')
  const body = JSON.stringify(fault.body())
  endSlowly(
    socket,
    `HTTP/1.1 ${fault.status} ${reasons[fault.status]}\r\n` +
      'Content-Type: application/json; charset=utf-8\r\n' +
      `Content-Length: ${Buffer.byteLength(body)}\r\n` +
      `x-correlation-id: ${correlationId}\r\n` +
      'Connection: close\r\n\r\n' +
      body,
  )
}

function clientFault(code: string | undefined): ApiError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new ApiError('RequestTimeout', 'The request did not arrive in time.')
    case 'HPE_HEADER_OVERFLOW':
      return new ApiError('HeadersTooLarge', 'The URL and headers of the request are too long together.')
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new ApiError('RequestTooLarge', 'The chunk extensions of the request are too long.')
    default:
      return new ApiError('BadRequest', 'The request is not valid HTTP.')
  }
}
