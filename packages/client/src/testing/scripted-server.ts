// A real HTTP server on loopback whose answers the test writes down.
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface ScriptedAnswer {
  readonly status?: number
  readonly headers?: Record<string, string>
  /** Objects are sent as JSON. */
  readonly body?: unknown
  /** Promise this many bytes more than are sent, then cut the connection. */
  readonly cut?: number
  /** Cut the connection without any answer. */
  readonly hangUp?: boolean
  /** Never answer. */
  readonly silent?: boolean
}

export interface ScriptedServer extends AsyncDisposable {
  readonly url: string
  readonly requests: SeenRequest[]
}

/** Answers the n-th request with the n-th entry, or with what the function says. A request too many gets a 418. */
export async function startScriptedServer(
  script: readonly ScriptedAnswer[] | ((request: SeenRequest, index: number) => ScriptedAnswer),
): Promise<ScriptedServer> {
  const requests: SeenRequest[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const seen = { method, url, headers, body: Buffer.concat(chunks).toString() }
      const index = requests.push(seen) - 1
      const answer = typeof script === 'function' ? script(seen, index) : (script[index] ?? { status: 418 })
      if (answer.silent) return
      if (answer.hangUp) return request.socket.destroy()
      const body = Buffer.from(
        typeof answer.body === 'object' ? JSON.stringify(answer.body) : `${answer.body ?? ''}`,
      )
      const { status = 200, cut } = answer
      const length = cut === undefined ? {} : { 'content-length': String(body.length + cut) }
      response.writeHead(status, { ...length, ...answer.headers })
      if (cut === undefined) return response.end(body)
      response.write(body, () => request.socket.destroy())
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
