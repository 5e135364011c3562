// Published clients have the host of the cloud written into them. This is the one thing that is replaced: requests to
// that host go to a service under test, with path, query, headers and body as the client made them.
const cloudOrigin = 'https://api.bentley.com'

export interface SentRequest {
  method: string
  /** Path and query as the client spelled them. */
  path: string
  headers: Headers
  status: number
}

export interface RedirectedCloud {
  /** Every request that was meant for the cloud, in order. */
  readonly sent: readonly SentRequest[]
  /** Puts the global fetch back. */
  restore(): void
}

/** From here on the global fetch reaches `serviceUrl` where it was told the cloud; other hosts are left alone. */
export function redirectCloud(serviceUrl: string): RedirectedCloud {
  const original = globalThis.fetch
  const sent: SentRequest[] = []
  globalThis.fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    if (url.origin !== cloudOrigin) return original(input, init)
    if (input instanceof Request) throw new TypeError('expected a URL and its options, got a Request')
    const path = url.href.slice(cloudOrigin.length)
    // A redirect would hide a spelling that the service does not know.
    const answer = await original(serviceUrl + path, { ...init, redirect: 'error' })
    sent.push({
      method: init?.method ?? 'GET',
      path,
      headers: new Headers(init?.headers),
      status: answer.status,
    })
    return answer
  }
  return {
    sent,
    restore: () => {
      globalThis.fetch = original
    },
  }
}
