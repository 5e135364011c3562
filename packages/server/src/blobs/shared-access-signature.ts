/**
 * Signed URLs of containers, and of single blobs: whoever holds one may do what it says, there, until it expires. The query
 * has the parameter names of Azure's service SAS, so that storage SDKs pass it on; what is signed is our own
 * text.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

/** A subset of `racwdl` in this order, Azure's: read, add, create, write, delete, list. */
export type ContainerPermissions = string

export interface SignContainerOptions {
  readonly containerId: string
  readonly permissions: ContainerPermissions
  readonly now: Date
  /** Default: one hour after `now`; storage clients renew after 50 minutes. */
  readonly expiresAt?: Date
  readonly startsAt?: Date
  /** Refuse it over plain http. Default false. */
  readonly httpsOnly?: boolean
  /** It holds for the blob of this name alone. */
  readonly blobName?: string
}

export type SignatureRefusal =
  | 'missing'
  | 'duplicated'
  | 'malformed'
  | 'signature does not match'
  | 'not yet valid'
  | 'expired'

export type SignatureCheck =
  | { readonly ok: true; readonly permissions: ReadonlySet<string>; readonly httpsOnly: boolean }
  | { readonly ok: false; readonly reason: SignatureRefusal }

export const signatureLifetimeMilliseconds = 60 * 60 * 1000

const version = '2024-11-04'
const parameterNames = ['sv', 'sr', 'sp', 'st', 'se', 'spr', 'sig'] as const

interface SignedFields {
  readonly sv: string
  readonly sp: string
  readonly st: string
  readonly se: string
  readonly spr: string
}

/** The query string, without `?`. The first key signs; throws unless every key has 32 bytes. */
export function signContainer(keys: readonly Uint8Array[], options: SignContainerOptions): string {
  const { containerId, permissions, now, startsAt, httpsOnly = false } = options
  const expiresAt = options.expiresAt ?? new Date(now.getTime() + signatureLifetimeMilliseconds)
  if (!isPermissions(permissions)) {
    throw new RangeError(`permissions must be a subset of "racwdl" in this order, got "${permissions}"`)
  }
  checkKeys(keys)
  const fields: SignedFields = {
    sv: version,
    sp: permissions,
    st: startsAt === undefined ? '' : formatTime(startsAt),
    se: formatTime(expiresAt),
    spr: httpsOnly ? 'https' : '',
  }
  const query = new URLSearchParams({
    sv: fields.sv,
    sr: options.blobName === undefined ? 'c' : 'b',
    sp: fields.sp,
  })
  if (fields.st !== '') query.set('st', fields.st)
  query.set('se', fields.se)
  if (fields.spr !== '') query.set('spr', fields.spr)
  query.set('sig', signature(keys[0]!, resource(containerId, options.blobName), fields))
  return query.toString()
}

/** What the query allows in this container, or why it allows nothing. Any of the keys may have signed it. */
export function verifySignature(
  keys: readonly Uint8Array[],
  containerId: string,
  query: URLSearchParams,
  now: Date,
  blobName?: string,
): SignatureCheck {
  checkKeys(keys)
  const refuse = (reason: SignatureRefusal): SignatureCheck => ({ ok: false, reason })
  if (parameterNames.some((name) => query.getAll(name).length > 1)) return refuse('duplicated')
  const { sv, sr, sp, st = '', se, spr = '', sig } = Object.fromEntries(query)
  if (sv === undefined || sr === undefined || sp === undefined || se === undefined || sig === undefined) {
    return refuse('missing')
  }
  const starts = st === '' ? Number.NEGATIVE_INFINITY : parseTime(st)
  const expires = parseTime(se)
  const wellFormed =
    /^\d{4}-\d{2}-\d{2}$/.test(sv) &&
    (sr === 'c' || sr === 'b') &&
    isPermissions(sp) &&
    ['', 'https', 'https,http'].includes(spr) &&
    !Number.isNaN(starts) &&
    !Number.isNaN(expires) &&
    /^[\w-]{43}$/.test(sig)
  if (!wellFormed) return refuse('malformed')

  const fields: SignedFields = { sv, sp, st, se, spr }
  let matches = false
  // Every key is tried, so that the time taken does not tell which one signed.
  for (const key of keys) {
    const expected = Buffer.from(
      signature(key, resource(containerId, sr === 'b' ? (blobName ?? '') : undefined), fields),
    )
    if (timingSafeEqual(expected, Buffer.from(sig))) matches = true
  }
  if (!matches) return refuse('signature does not match')
  // Times are judged last: a forger learns nothing from them.
  if (now.getTime() < starts) return refuse('not yet valid')
  if (now.getTime() >= expires) return refuse('expired')
  return { ok: true, permissions: new Set(sp), httpsOnly: spr === 'https' }
}

/** What is signed for; the name of a blob is encoded, so that it holds no line break. */
function resource(containerId: string, blobName: string | undefined): string[] {
  const id = containerId.toLowerCase()
  return blobName === undefined
    ? ['alidade-container', 'c', id]
    : ['alidade-blob', 'b', id, encodeURIComponent(blobName)]
}

/** None of the fields can hold a line break, so the text has one reading only. */
function signature(key: Uint8Array, [kind, ...of]: string[], { sv, sp, st, se, spr }: SignedFields): string {
  const text = [kind, sv, ...of, sp, st, se, spr].join('\n')
  // base64url: some clients turn the "+" of base64 into a space on the way.
  return createHmac('sha256', key).update(text).digest('base64url')
}

function isPermissions(text: string): boolean {
  return text !== '' && /^r?a?c?w?d?l?$/.test(text)
}

function checkKeys(keys: readonly Uint8Array[]): void {
  if (keys.length === 0) throw new RangeError('at least one signing key is needed')
  for (const key of keys) {
    if (key.byteLength !== 32) throw new RangeError(`a signing key must have 32 bytes, got ${key.byteLength}`)
  }
}

function formatTime(time: Date): string {
  return time.toISOString().replace(/\.\d{3}Z$/, 'Z')
}

/** NaN for anything but `YYYY-MM-DDTHH:MM:SSZ`. */
function parseTime(text: string): number {
  const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(text) ? Date.parse(text) : Number.NaN
  // 2025-02-31 parses as a day of March; such a text was not written by us.
  return !Number.isNaN(time) && formatTime(new Date(time)) === text ? time : Number.NaN
}
