// Bodies that nobody will read: of requests that are answered before all of it has come.
//
// Node throws the rest of such a body away for as long as it comes, and keeps the connection for the next request. So
// small rests are left to Node, for a moment. A large one is not read at all: the answer says that the connection
// ends, and it does, a moment later, since to close it at once would make most clients report a broken connection
// instead of the answer.
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** A body declared no longer than this is thrown away, in bytes. */
const smallBodyBytes = 64 * 1024
/** How long a client may take to finish, or to read the answer and close, in milliseconds. */
export const lingerMs = 1000

export function announcesBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/** To be called before the answer is sent, where the body of the request will not be read to its end. */
export function giveUpBody(request: FastifyRequest, reply: FastifyReply): void {
  const { raw } = request
  if (raw.complete || !announcesBody(raw)) return
  const { socket } = raw
  // Chunked, there is no telling.
  if (Number(raw.headers['content-length'] ?? Number.POSITIVE_INFINITY) > smallBodyBytes) {
    reply.header('connection', 'close')
    // A body of which something was asked for is not thrown away by Node, but read as far as its buffer goes.
    if (raw.readableFlowing === null) raw.read(0)
    // What Node calls once the answer is written.
    socket.destroySoon = () => {
      // Once more later: Node may have put off a `resume` of its own to the end of this turn.
      socket.pause()
      setImmediate(() => socket.pause())
      endSlowly(socket)
    }
    return
  }
  reply.raw.once('finish', () => {
    const timer = setTimeout(() => {
      if (!raw.complete) socket.destroy()
    }, lingerMs)
    socket.once('close', () => clearTimeout(timer))
  })
}

/** Ends our side; the other one may read what it was told before it finds the connection closed. */
export function endSlowly(socket: Socket, lastWords = ''): void {
  socket.end(lastWords)
  const timer = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimeout(timer))
}
