// The id that names a request in its answer and in the logs.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** The client's `x-correlation-id` if it is 1 to 128 printable ASCII characters, else a new UUID. */
export function correlationIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const sent = request.headers['x-correlation-id']
  return typeof sent === 'string' && /^[\x20-\x7e]{1,128}$/.test(sent) ? sent : randomUUID()
}
