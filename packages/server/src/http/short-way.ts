// The short way for questions that are asked all day long: past the router, the hooks and their objects, which cost more
// than the answers. Whatever is unusual about a request leads it the long way, where it is answered alike, or refused.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Operation } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import type { Caller } from '../auth/caller.ts'
import { correlationIdOf } from './correlation-id.ts'

export interface ShortAnswer {
  /** Names and values by turns. */
  headers: string[]
  body: string
}

export interface ShortWay {
  operation: Operation
  /** What the path holds of this operation's, without a query. */
  path: RegExp
  /** Status 200 with a JSON body, at once or later; undefined: the long way. */
  answer: (
    caller: Caller,
    match: RegExpExecArray,
  ) => ShortAnswer | undefined | Promise<ShortAnswer | undefined>
}

/** Headers by which a request asks for something else than the answer, or brings more than the question. */
const unusualHeaders = ['if-none-match', 'origin', 'content-length', 'transfer-encoding', 'expect', 'upgrade']

/** Opens `way` for the requests that come over the network to an app made by `buildApp`, and are HTTP/1.1. */
export function openShortWay(app: FastifyInstance, { operation, path, answer }: ShortWay): void {
  const { door, answered, readiness, server } = app
  const route = operation.path
  const inThisTurn = endOfTurn()
  const [longWay] = server.listeners('request') as [
    (request: IncomingMessage, response: ServerResponse) => void,
  ]

  server.removeAllListeners('request')
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const match = request.method === operation.method ? path.exec(request.url ?? '') : null
    if (match === null || isUnusual(request) || readiness?.draining || !server.listening)
      return longWay(request, response)
    const caller = door.known(request.headers.authorization, operation)
    if (caller === undefined) return longWay(request, response)

    const beganMs = performance.now()
    const send = (found: ShortAnswer | undefined) => {
      // Only what is answered here is counted here.
      if (found === undefined || !door.count(caller)) return longWay(request, response)
      const id = correlationIdOf(request)
      const { headers, body } = found
      const about = ['content-type', 'application/json; charset=utf-8', 'content-length']
      const length = String(Buffer.byteLength(body))
      response.writeHead(200, ['x-correlation-id', id, ...headers, ...about, length])
      response.end(body)
      const milliseconds = performance.now() - beganMs
      const { method = '', url = '' } = request
      answered.tell({
        id,
        method,
        url,
        route,
        status: 200,
        milliseconds,
        client: caller.clientId,
        fault: undefined,
      })
    }
    const found = answer(caller, match)
    if (found instanceof Promise) void found.then(send, () => longWay(request, response))
    else inThisTurn(() => send(found))
  })
}

/**
 * Calls what is given to it in one turn of the event loop one after the other at the turn's end. Answers that go out
 * together wake their receivers once; each by itself, it would wake one after each question read, which costs a third
 * of a whole request where client and server share a machine.
 */
function endOfTurn(): (send: () => void) => void {
  let waiting: (() => void)[] = []
  const sendAll = () => {
    const ready = waiting
    waiting = []
    for (const send of ready) send()
  }
  return (send) => {
    if (waiting.push(send) === 1) setImmediate(sendAll)
  }
}

function isUnusual({ httpVersion, headers }: IncomingMessage): boolean {
  if (httpVersion !== '1.1' || headers.host === undefined) return true
  for (const name of unusualHeaders) if (headers[name] !== undefined) return true
  return false
}
