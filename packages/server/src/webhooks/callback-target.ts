// From the URL that a client named to the addresses that may be connected to: looked up once, every one of them checked.
// Asked at creation and before each attempt, since names change their minds.
import { hostRefusedMessage, maxCallbackUrlLength } from '@alidade/contract'
import type { AddressRules } from './address-rules.ts'
import { addressesOf, type ResolveHost } from './resolve-host.ts'

export interface CallbackTarget {
  url: URL
  /** All addresses of its host, each of them checked: whoever connects, connects to one of these. */
  addresses: string[]
}

export interface TargetRefusal {
  fault: 'AddressRefused' | 'NameNotResolved'
  /** For the client. */
  message: string
}

export interface TargetRules {
  addresses: AddressRules
  resolve: ResolveHost
}

export async function callbackTarget(
  text: string,
  { addresses: rules, resolve }: TargetRules,
): Promise<CallbackTarget | TargetRefusal> {
  const refused = (expected: string): TargetRefusal => ({
    fault: 'AddressRefused',
    message: `Property 'callbackUrl' must ${expected}.`,
  })
  const url = text.length <= maxCallbackUrlLength ? URL.parse(text) : null
  // The parser drops what is invisible: what is checked is to be what was written.
  if (url === null || /[^\x21-\x7e]/.test(text)) return refused('be a URL of ASCII characters')
  if (!['http:', 'https:'].includes(url.protocol)) return refused('be an https URL')
  if (url.username !== '' || url.password !== '') return refused('not carry a user or a password')
  if (url.hash !== '') return refused('not carry a fragment')
  if (url.port === '0') return refused('name a port that can be connected to')
  if (url.hostname.endsWith('.')) return refused('name its host without a dot at the end')

  const addresses = await addressesOf(url, resolve)
  if (addresses.length === 0) return { fault: 'NameNotResolved', message: hostRefusedMessage }
  if (!addresses.every((address) => rules.reaches(address))) {
    return { fault: 'AddressRefused', message: hostRefusedMessage }
  }
  if (url.protocol === 'http:' && !addresses.every((address) => rules.allowed(address))) {
    return refused('be an https URL; http only where the operator allows the network')
  }
  return { url, addresses }
}
