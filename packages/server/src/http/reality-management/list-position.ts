// Where a list of reality data goes on: signed, so that a client can neither forge a position nor change what is
// listed, and bound to its tenant.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { RealityDataPosition } from '../../store/reality-data-store.ts'

export interface ListPosition {
  after: RealityDataPosition
  /** Page size, kept when the next request names none. */
  top: number
  /** The parameters of the first page, as they came. */
  parameters: Record<string, string>
}

const signatureBytes = 16

/** `<payload>.<signature>`, both base64url. `key` is secret and the same in every process that serves the list. */
export function positionToken(
  { after, top, parameters }: ListPosition,
  org: string,
  key: Uint8Array,
): string {
  const payload = { k: after.key, i: after.id, n: top, p: parameters }
  const text = Buffer.from(JSON.stringify(payload)).toString('base64url')
  return `${text}.${signature(text, org, key).toString('base64url')}`
}

/** The position in a token that was made for the same tenant; undefined for anything else. */
export function readPositionToken(token: string, org: string, key: Uint8Array): ListPosition | undefined {
  const dot = token.indexOf('.')
  if (dot < 0) return undefined
  const text = token.slice(0, dot)
  const given = Buffer.from(token.slice(dot + 1), 'base64url')
  if (given.length !== signatureBytes || !timingSafeEqual(given, signature(text, org, key))) return undefined
  // The signature proves that this is our own JSON.
  const { k, i, n, p } = JSON.parse(Buffer.from(text, 'base64url').toString()) as {
    k: string
    i: string
    n: number
    p: Record<string, string>
  }
  return { after: { key: k, id: i }, top: n, parameters: p }
}

function signature(text: string, org: string, key: Uint8Array): Buffer {
  // `text` is base64url, so the line break ends it whatever the tenant is called.
  const signed = `reality data list\n${text}\n${org}`
  return createHmac('sha256', key).update(signed).digest().subarray(0, signatureBytes)
}
