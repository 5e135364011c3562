// One request to the API: address, token, time limit, and every kind of failure as a ServiceError.
import { raceAbort, startDeadline } from './abort.ts'
import { type Answer, errorFrom } from './answer.ts'
import type { Clock } from './clock.ts'
import { readText } from './read-text.ts'
import { ServiceError } from './service-error.ts'
import { authorizationHeader, type TokenProvider } from './token.ts'

export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below the base URL, beginning with `/`, with every segment escaped. */
  readonly path: string
  /** Undefined values are left out, arrays repeat the key. */
  readonly query?: Record<string, string | number | readonly string[] | undefined> | URLSearchParams
  /** Sent as JSON; members that are undefined are left out. */
  readonly body?: unknown
  readonly headers?: Record<string, string>
  /** How often to come again after 429 and 503, if not as often as `SendOptions` says. */
  readonly maxRetries?: number
  readonly signal?: AbortSignal | undefined
}

/** Resolves with any 2xx and 304; everything else is a ServiceError, an abort the signal's reason. */
export type Send = (call: Call) => Promise<Answer>

export interface SendOptions {
  readonly baseUrl: string | URL
  readonly token: TokenProvider
  readonly fetch: typeof globalThis.fetch
  readonly clock: Clock
  /** Limit for one request with its answer. */
  readonly timeoutSeconds: number
  /** How often to come again after 429 and 503. */
  readonly maxRetries: number
}

/** The version of the API is that of the path; Reality Management has one alone. */
const mediaTypeFor = (path: string) =>
  `application/vnd.bentley.itwin-platform.${path.startsWith('/reality-analysis/') ? 'v2' : 'v1'}+json`

/** No answer of this API comes near. A success that is longer fails as cut JSON. */
const longestBody = { success: 64 * 2 ** 20, error: 64 * 2 ** 10 }

/** Pauses after 429 and 503 without Retry-After begin with a second and double up to this. */
const longestPauseSeconds = 30
/** Whoever is told to come again later than this decides for himself. */
const longestRetryAfterSeconds = 120

export function createSend({ baseUrl, token, fetch, clock, timeoutSeconds, maxRetries }: SendOptions): Send {
  const base = parseBaseUrl(baseUrl)

  return async function send(call) {
    for (let retries = 0; ; retries++) {
      const first = await attempt(call, false)
      const answer = first.status === 401 ? await attempt(call, true) : first
      if (answer.status === 304 || (answer.status >= 200 && answer.status < 300)) return answer
      const error = errorFrom(answer)
      // Both say that nothing was done, so that a POST may be repeated like any other.
      const busy = answer.status === 429 || answer.status === 503
      const seconds = error.retryAfterSeconds ?? Math.min(2 ** retries, longestPauseSeconds)
      if (!busy || retries >= (call.maxRetries ?? maxRetries) || seconds > longestRetryAfterSeconds)
        throw error
      await raceAbort(clock.sleep(seconds * 1000, call.signal), call.signal)
    }
  }

  async function attempt(call: Call, refresh: boolean): Promise<Answer> {
    call.signal?.throwIfAborted()
    const url = addressOf(base, call)
    const request = `${call.method} ${url.pathname}`
    const deadline = startDeadline(call.signal, timeoutSeconds)
    const { signal } = deadline
    let status: number | undefined
    const failure = (code: string, what: string, cause: unknown): unknown => {
      if (call.signal?.aborted) return call.signal.reason
      if (!deadline.timedOut()) return new ServiceError({ request, code, message: what, status, cause })
      const message = `${request}: no complete answer within ${timeoutSeconds} s`
      return new ServiceError({ request, code: 'RequestTimedOut', message, status, cause })
    }
    try {
      const given = await raceAbort(
        (async () => token(call.signal ? { refresh, signal: call.signal } : { refresh }))(),
        signal,
      ).catch((cause) => {
        throw failure('TokenUnavailable', `${request}: the token provider failed: ${reasonOf(cause)}`, cause)
      })
      const authorization = authorizationHeader(given)
      try {
        const response = await raceAbort(fetch(url, requestInit(call, authorization, signal)), signal)
        status = response.status
        const limit = response.ok ? longestBody.success : longestBody.error
        const text = await raceAbort(readText(response, limit), signal)
        const secret = authorization.slice('Bearer '.length)
        return { request, status, headers: response.headers, text, secret, receivedAt: clock.now() }
      } catch (cause) {
        const came = status === undefined ? 'no answer' : `the answer with status ${status} broke off`
        throw failure('NetworkError', `${request}: ${came}: ${reasonOf(cause)}`, cause)
      }
    } finally {
      deadline.dispose()
    }
  }
}

/** One escaped path segment. Ids that would change the path they stand in are refused. */
export function pathSegment(id: string): string {
  if (typeof id !== 'string' || id === '' || id === '.' || id === '..') {
    throw new TypeError(`expected an id, got ${JSON.stringify(id)}`)
  }
  return encodeURIComponent(id)
}

function parseBaseUrl(value: string | URL): string {
  const url = new URL(value)
  const plain = url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (!/^https?:$/.test(url.protocol) || !plain) {
    throw new TypeError(
      `baseUrl must be http(s)://host[:port][/path] and nothing more, got one with ${url.protocol}`,
    )
  }
  return url.href.replace(/\/+$/, '')
}

function addressOf(base: string, { path, query }: Call): URL {
  const url = new URL(base + path)
  if (query instanceof URLSearchParams) {
    url.search = query.toString()
    return url
  }
  for (const [key, value] of Object.entries(query ?? {})) {
    const values = Array.isArray(value) ? value : [value]
    for (const one of values) if (one !== undefined) url.searchParams.append(key, String(one))
  }
  return url
}

function requestInit(call: Call, authorization: string, signal: AbortSignal): RequestInit {
  const headers: Record<string, string> = { ...call.headers, accept: mediaTypeFor(call.path), authorization }
  if (call.body === undefined) return { method: call.method, headers, signal }
  headers['content-type'] = 'application/json'
  return { method: call.method, headers, signal, body: JSON.stringify(call.body) }
}

/** Platforms wrap the telling part ("ECONNREFUSED") in a cause of "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const inner = error.cause instanceof Error ? error.cause : undefined
  const innerText = inner && (inner.message || ('code' in inner ? String(inner.code) : inner.name))
  return innerText ? `${error.message} (${innerText})` : error.message
}
