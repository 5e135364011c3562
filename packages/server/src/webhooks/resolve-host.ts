// The addresses of a host, by DNS alone. The resolver of the system would look into more places, but on one of the four
// threads that reading and writing files shares: a name server that does not answer would stop uploads.
import { Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'

/** All addresses of a host name; none where it has none. */
export type ResolveHost = (host: string) => Promise<string[]>

const timeoutMs = 1500
const tries = 2

export interface ResolveOptions {
  /** Asked instead of those of the system, e.g. `127.0.0.1:5353`. */
  servers?: readonly string[]
  /** Each name server is tried, more than once: all of it ends after so long. Default 4 s. */
  longestMs?: number
}

export async function resolveHost(
  host: string,
  { servers, longestMs = 4000 }: ResolveOptions = {},
): Promise<string[]> {
  // RFC 6761: nobody asks a name server about it.
  if (host === 'localhost' || host.endsWith('.localhost')) return ['127.0.0.1', '::1']
  const resolver = new Resolver({ timeout: timeoutMs, tries })
  if (servers !== undefined) resolver.setServers(servers)
  const timer = setTimeout(() => resolver.cancel(), longestMs)
  const found = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
  clearTimeout(timer)
  return found.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
}

/** The host of a URL, without the brackets of an IPv6 address. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '')
}

/** The same for a host that is an address already: the address itself. */
export async function addressesOf(url: URL, resolve: ResolveHost): Promise<string[]> {
  const host = hostOf(url)
  return isIP(host) === 0 ? resolve(host.toLowerCase()) : [host]
}
