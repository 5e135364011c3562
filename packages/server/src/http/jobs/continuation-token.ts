// Where a list of jobs goes on: signed, so that a client can neither forge a position nor change the filter behind it,
// and bound to its tenant and API version.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { ApiVersion } from '@alidade/contract'

export interface ListPosition {
  /** The last job of the page before. */
  after: { createdAt: Date; id: string }
  /** Page size, kept when the next request names none. */
  top: number
  /** The filter as it was sent; undefined: none. */
  filter: string | undefined
}

/** Whose list it is: the token of one is none for another. */
export interface ListedFor {
  org: string
  version: ApiVersion
}

const signatureBytes = 16

/** `<payload>.<signature>`, both base64url. `key` is secret and the same in every process that serves the list. */
export function continuationToken(
  { after, top, filter }: ListPosition,
  listedFor: ListedFor,
  key: Uint8Array,
): string {
  const payload = {
    t: after.createdAt.toISOString(),
    i: after.id,
    n: top,
    ...(filter !== undefined && { f: filter }),
  }
  const text = Buffer.from(JSON.stringify(payload)).toString('base64url')
  return `${text}.${signature(text, listedFor, key).toString('base64url')}`
}

/** The position in a token that was made with `key` for the same list; undefined for anything else. */
export function readContinuationToken(
  token: string,
  listedFor: ListedFor,
  key: Uint8Array,
): ListPosition | undefined {
  const dot = token.indexOf('.')
  if (dot < 0) return undefined
  const text = token.slice(0, dot)
  const given = Buffer.from(token.slice(dot + 1), 'base64url')
  if (given.length !== signatureBytes || !timingSafeEqual(given, signature(text, listedFor, key)))
    return undefined
  // The signature proves that this is our own JSON.
  const payload = JSON.parse(Buffer.from(text, 'base64url').toString()) as {
    t: string
    i: string
    n: number
    f?: string
  }
  return { after: { createdAt: new Date(payload.t), id: payload.i }, top: payload.n, filter: payload.f }
}

function signature(text: string, { org, version }: ListedFor, key: Uint8Array): Buffer {
  // `text` is base64url, so the line break ends it whatever the tenant is called.
  const signed = `job list ${version}\n${text}\n${org}`
  return createHmac('sha256', key).update(signed).digest().subarray(0, signatureBytes)
}
