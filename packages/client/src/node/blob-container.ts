// Requests to a container URL in the Azure Blob dialect: signature renewed when it is refused, everything that may
// get better tried again with growing pauses.
import { raceAbort, startDeadline } from '../abort.ts'
import { excerpt, retryAfterSeconds } from '../answer.ts'
import type { Clock } from '../clock.ts'
import { readText } from '../read-text.ts'
import { ServiceError, serviceError } from '../service-error.ts'

/**
 * Gives a container URL with a signature. Asked at the start and again when the service refuses the signature,
 * so it must ask the API each time: `() => client.realityData.writeAccess(id)`.
 */
export type ContainerUrlProvider = (request: { readonly signal: AbortSignal }) => string | Promise<string>

/** Bytes of a known size that can be had again for another try, or a text. */
export type BlobBody = string | { readonly sizeBytes: number; pieces(): AsyncIterable<Uint8Array> }

export interface BlobCall<T> {
  readonly method: 'GET' | 'PUT' | 'DELETE'
  /** Name of the blob; without it the container itself is meant. */
  readonly name?: string
  readonly query?: Record<string, string>
  readonly headers?: Record<string, string>
  readonly body?: BlobBody
  /** The one status that is a success. */
  readonly expect: number
  /** Reads the body; an answer that breaks off here is tried again as a whole. */
  readonly read: (response: Response) => Promise<T>
  readonly signal: AbortSignal
}

export interface BlobContainer {
  request<T>(call: BlobCall<T>): Promise<T>
  /** Address of the container without its signature: what names it for good. */
  address(signal: AbortSignal): Promise<string>
}

export interface BlobContainerOptions {
  readonly fetch: typeof globalThis.fetch
  readonly clock: Clock
  /** How often a request is tried before its error counts. */
  readonly maxAttempts: number
}

/** For one request with its body; 8 MB at 14 kB/s. */
const timeoutSeconds = 600
const longestPauseSeconds = 30
/** A signature is renewed this long before it expires, or when a tenth of its life is left. */
const longestRenewalMilliseconds = 5 * 60 * 1000

export function openContainer(
  provider: ContainerUrlProvider,
  { fetch, clock, maxAttempts }: BlobContainerOptions,
): BlobContainer {
  let current: Promise<{ url: URL; renewAt: number }> | undefined

  /** One renewal for all requests that met the same refusal, or come when the signature is about to expire. */
  async function containerUrl(signal: AbortSignal, refused?: URL | undefined): Promise<URL> {
    const before = current
    const renewed = async () => {
      const known = await before?.catch(() => undefined)
      if (known && known.url !== refused && clock.now() < known.renewAt) return known
      const url = parseContainerUrl(await provider({ signal }))
      return { url, renewAt: renewalTime(url, clock.now()) }
    }
    current = renewed()
    return (await current).url
  }

  async function attempt<T>(call: BlobCall<T>, container: URL): Promise<T> {
    const url = blobUrl(container, call.name, call.query)
    const request = `${call.method} ${url.pathname}`
    const deadline = startDeadline(call.signal, timeoutSeconds)
    let status: number | undefined
    let unreadable: { reason: unknown } | undefined
    const onUnreadable = (reason: unknown) => {
      unreadable = { reason }
    }
    try {
      const init = requestInit(call, deadline.signal, onUnreadable)
      const response = await raceAbort(fetch(url, init), deadline.signal)
      status = response.status
      if (status !== call.expect) throw await refusal(request, response, clock.now(), call.expect)
      // Not raced: the signal ends the body, and the reader must be done before its file is closed.
      return await call.read(response)
    } catch (cause) {
      if (call.signal.aborted) throw call.signal.reason
      // Our own side of it, which does not get better by trying again.
      if (unreadable) throw unreadable.reason
      if (cause instanceof ServiceError) throw cause
      const code = deadline.timedOut() ? 'RequestTimedOut' : 'NetworkError'
      const message = `${request}: ${cause instanceof Error ? cause.message : cause}`
      throw new ServiceError({ request, code, message, status, cause })
    } finally {
      deadline.dispose()
    }
  }

  return {
    async address(signal) {
      const { origin, pathname } = await containerUrl(signal)
      return origin + pathname
    },
    async request(call) {
      let refused: URL | undefined
      for (let tried = 1; ; tried++) {
        call.signal.throwIfAborted()
        let url: URL | undefined
        try {
          url = await raceAbort(containerUrl(call.signal, refused), call.signal)
          return await attempt(call, url)
        } catch (error) {
          if (!(error instanceof ServiceError)) throw error
          const signatureRefused = url !== undefined && (error.status === 403 || error.status === 401)
          if (signatureRefused && refused === undefined) {
            refused = url
            continue
          }
          if (!error.retryable || tried >= maxAttempts) throw error
          refused = undefined
          const pause = Math.min(2 ** (tried - 1), longestPauseSeconds)
          const seconds = Math.max(pause, error.retryAfterSeconds ?? 0)
          await raceAbort(clock.sleep(seconds * 1000, call.signal), call.signal)
        }
      }
    },
  }
}

function requestInit(
  { method, headers: given, body }: BlobCall<unknown>,
  signal: AbortSignal,
  onUnreadable: (reason: unknown) => void,
): RequestInit {
  const headers = { 'x-ms-version': '2021-12-02', ...given }
  if (body === undefined) return { method, headers, signal }
  if (typeof body === 'string') return { method, headers, signal, body }
  // A body in pieces goes out as they come, and not in chunks of the protocol, which the dialect does not take.
  const stream = ReadableStream.from(noted(body.pieces(), onUnreadable))
  const length = { 'content-length': String(body.sizeBytes) }
  return { method, headers: { ...headers, ...length }, signal, body: stream, duplex: 'half' }
}

async function* noted<T>(pieces: AsyncIterable<T>, onFault: (reason: unknown) => void): AsyncGenerator<T> {
  try {
    yield* pieces
  } catch (reason) {
    onFault(reason)
    throw reason
  }
}

/** Puts the name of a blob between path and signature; every segment is escaped, slashes stay. */
export function blobUrl(container: URL, name: string | undefined, query: Record<string, string> = {}): URL {
  const url = new URL(container)
  if (name !== undefined) {
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${name.split('/').map(encodeURIComponent).join('/')}`
  }
  // Not by searchParams.set: that would write the signature anew, and a signature is compared as it is.
  const added = new URLSearchParams(query).toString()
  url.search = [url.search.replace(/^\?/, ''), added].filter((part) => part !== '').join('&')
  return url
}

function parseContainerUrl(value: unknown): URL {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  // The value itself stays out of the message: it holds a signature.
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new TypeError('the container URL provider gave no http(s) URL')
  }
  return url
}

/**
 * When to ask for the next signature, in milliseconds since 1970: a block that is refused because its signature has
 * just expired was sent for nothing. By a clock that is wrong the signature may have expired already; then it is only
 * renewed when the service refuses it.
 */
function renewalTime(url: URL, now: number): number {
  const expiresAt = Date.parse(url.searchParams.get('se') ?? '')
  const left = expiresAt - now
  return left > 0 ? expiresAt - Math.min(left / 10, longestRenewalMilliseconds) : Number.POSITIVE_INFINITY
}

async function refusal(
  request: string,
  response: Response,
  now: number,
  expected: number,
): Promise<ServiceError> {
  const text = await readText(response, 16_384)
  const code = response.headers.get('x-ms-error-code') ?? /<Code>(\w+)<\/Code>/.exec(text)?.[1]
  const said = /<Message>([^<]*)<\/Message>/.exec(text)?.[1] ?? text
  const words = excerpt(said, '')
  return serviceError({
    request,
    status: response.status,
    code: code ?? 'UnexpectedAnswer',
    message: `${request}: expected status ${expected}, got ${response.status}${words ? `: ${words}` : ''}`,
    retryAfterSeconds: retryAfterSeconds(response.headers, now),
    correlationId:
      response.headers.get('x-correlation-id') ?? response.headers.get('x-ms-request-id') ?? undefined,
  })
}
