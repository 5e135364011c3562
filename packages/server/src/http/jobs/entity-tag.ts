/**
 * Whether If-None-Match names `etag`: alone, in a list, as a weak tag, or by `*` (RFC 9110, 13.1.2). Our tags begin
 * and end with a quote and hold none, so what contains one names it.
 */
export function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  return ifNoneMatch.includes(etag) || ifNoneMatch.trim() === '*'
}
