// From an HTTP answer to an object of the documented shape, or to a ServiceError that says what came instead.
import type { ErrorDetail } from '@alidade/contract'
import { ServiceError, serviceError } from './service-error.ts'

/** An answer whose body has been read. */
export interface Answer {
  readonly request: string
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** What must not show up in an error, should the body repeat it. */
  readonly secret: string
  /** When it came, milliseconds since 1970. */
  readonly receivedAt: number
}

/** The member `name` of the JSON object in the body; it must be an object itself. */
export function objectIn<T extends object>(answer: Answer, name: string): T {
  const value = bodyObject(answer)[name]
  if (!isObject(value)) throw unexpectedAnswer(answer, `a JSON object with an object "${name}"`)
  return value as T
}

/** The member `name` of the JSON object in the body; it must be an array. */
export function arrayIn<T>(answer: Answer, name: string): T[] {
  const value = bodyObject(answer)[name]
  if (!Array.isArray(value)) throw unexpectedAnswer(answer, `a JSON object with an array "${name}"`)
  return value
}

export function bodyObject(answer: Answer): Record<string, unknown> {
  const body = parseJson(answer.text)
  if (!isObject(body)) throw unexpectedAnswer(answer, 'a JSON object')
  return body
}

/** For a success that is not of the documented shape. */
export function unexpectedAnswer(answer: Answer, expected: string): ServiceError {
  return new ServiceError({
    ...commonFields(answer),
    code: 'UnexpectedAnswer',
    message: `${answer.request}: expected ${expected}, got ${describeBody(answer)}`,
  })
}

/** For a status that is no success. Takes from the body what is there: no member of it is certain to be. */
export function errorFrom(answer: Answer): ServiceError {
  const body = parseJson(answer.text)
  const error = isObject(body) && isObject(body.error) ? body.error : {}
  const code = textOf(error.code)
  const message = textOf(error.message)
  return serviceError({
    ...commonFields(answer),
    code: code ?? 'UnexpectedAnswer',
    message: message ?? `${answer.request} failed with ${describeBody(answer)}`,
    target: textOf(error.target),
    details: detailsOf(error.details),
  })
}

/** Seconds to wait by the `Retry-After` header: whole seconds or a date, RFC 9110 section 10.2.3. */
export function retryAfterSeconds(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after')?.trim()
  if (!value) return undefined
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value)
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000))
}

const excerptLength = 200

/**
 * The beginning of a body that somebody else wrote, fit for a log: one line, no control characters, and without
 * `secret`, bearer tokens and the signatures of container URLs.
 */
export function excerpt(text: string, secret: string): string {
  const start = text.slice(0, 16_384)
  const clean = (secret === '' ? start : start.replaceAll(secret, '[removed]'))
    .replace(/\beyJ[\w-]+\.[\w-]*(\.[\w-]*)?/g, '[removed]')
    .replace(/\b(bearer\s+)[\w.~+/=-]+/gi, '$1[removed]')
    .replace(/\b(sig=)[^&\s"'<>]+/gi, '$1[removed]')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
  return clean.length > excerptLength ? `${clean.slice(0, excerptLength).toWellFormed()}...` : clean
}

function describeBody(answer: Answer): string {
  const start = excerpt(answer.text, answer.secret)
  const type = answer.headers.get('content-type')?.split(';')[0]
  if (start === '') return `status ${answer.status} and an empty body`
  return `status ${answer.status} and ${type ? `${type} ` : ''}${JSON.stringify(start)}`
}

function commonFields(answer: Answer) {
  return {
    request: answer.request,
    status: answer.status,
    retryAfterSeconds: retryAfterSeconds(answer.headers, answer.receivedAt),
    correlationId: answer.headers.get('x-correlation-id') ?? undefined,
  }
}

function detailsOf(value: unknown): ErrorDetail[] {
  if (!Array.isArray(value)) return []
  return value.filter(isObject).map((entry) => {
    const target = textOf(entry.target)
    const detail = { code: textOf(entry.code) ?? '', message: textOf(entry.message) ?? '' }
    return target === undefined ? detail : { ...detail, target }
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON, or cut: for the caller both are "not of the documented shape".
    return undefined
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
