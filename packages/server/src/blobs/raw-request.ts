/** Sends a request whose path is exactly as given; `fetch` would resolve dots and escapes. For tests. */
import { type IncomingHttpHeaders, request as httpRequest } from 'node:http'
import { buffer } from 'node:stream/consumers'

export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface RawRequest {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string | Uint8Array
}

/** `url` is `http://host:port/path`, its path is not touched. */
export function rawRequest(
  url: string,
  { method = 'GET', headers = {}, body }: RawRequest = {},
): Promise<RawAnswer> {
  const [, host, port, path] = /^http:\/\/([^:/]+):(\d+)(\/.*)$/s.exec(url) ?? []
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host, port, path, method, headers, agent: false }, (response) => {
      buffer(response).then(
        (data) => resolve({ status: response.statusCode!, headers: response.headers, body: data }),
        reject,
      )
    })
    request.on('error', reject)
    request.end(body)
  })
}
