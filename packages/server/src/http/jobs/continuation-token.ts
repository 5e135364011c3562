// Where a list of jobs goes on: signed, so that a client can neither forge a position nor change the filter behind it.
import { createHmac, timingSafeEqual } from 'node:crypto'

export interface ListPosition {
  /** The last job of the page before. */
  after: { createdAt: Date; id: string }
  /** Page size, kept when the next request names none. */
  top: number
  /** The filter as it was sent; undefined: none. */
  filter: string | undefined
}

const signatureBytes = 16

/** `<payload>.<signature>`, both base64url. `key` is secret and the same in every process that serves the list. */
export function continuationToken({ after, top, filter }: ListPosition, key: Uint8Array): string {
  const payload = {
    t: after.createdAt.toISOString(),
    i: after.id,
    n: top,
    ...(filter !== undefined && { f: filter }),
  }
  const text = Buffer.from(JSON.stringify(payload)).toString('base64url')
  return `${text}.${signature(text, key).toString('base64url')}`
}

/** The position in a token that was made with `key`; undefined for anything else. */
export function readContinuationToken(token: string, key: Uint8Array): ListPosition | undefined {
  const dot = token.indexOf('.')
  if (dot < 0) return undefined
  const text = token.slice(0, dot)
  const given = Buffer.from(token.slice(dot + 1), 'base64url')
  if (given.length !== signatureBytes || !timingSafeEqual(given, signature(text, key))) return undefined
  // The signature proves that this is our own JSON.
  const payload = JSON.parse(Buffer.from(text, 'base64url').toString()) as {
    t: string
    i: string
    n: number
    f?: string
  }
  return { after: { createdAt: new Date(payload.t), id: payload.i }, top: payload.n, filter: payload.f }
}

function signature(text: string, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update('job list ').update(text).digest().subarray(0, signatureBytes)
}
