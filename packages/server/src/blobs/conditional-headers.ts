/**
 * The conditional headers of HTTP, RFC 9110 section 13. Times are compared in whole seconds, as HTTP has
 * them.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { BlobProperties, WriteCondition } from './blob-store.ts'

type Validators = Pick<BlobProperties, 'etag' | 'lastModified'>

/** `go on` honours a Range header, `whole` ignores it because If-Range names another version. */
export type ReadDecision = 'go on' | 'whole' | 'not modified' | 'failed'

/** In the order of section 13.2.2. */
export function decideRead(headers: IncomingHttpHeaders, current: Validators): ReadDecision {
  const ifMatch = headers['if-match']
  const ifNoneMatch = headers['if-none-match']
  if (ifMatch !== undefined) {
    if (!namesVersion(ifMatch, current)) return 'failed'
  } else if (isBefore(headers['if-unmodified-since'], current)) {
    return 'failed'
  }
  if (ifNoneMatch !== undefined) {
    if (namesVersion(ifNoneMatch, current)) return 'not modified'
  } else {
    const since = headers['if-modified-since']
    if (since !== undefined && !Number.isNaN(Date.parse(since)) && !isBefore(since, current))
      return 'not modified'
  }
  const ifRange = headers['if-range']
  if (typeof ifRange !== 'string') return 'go on'
  const sameVersion = ifRange.startsWith('"')
    ? ifRange === current.etag
    : Date.parse(ifRange) === wholeSeconds(current.lastModified)
  return sameVersion ? 'go on' : 'whole'
}

/** What the store decides when it commits; it takes a single ETag or `*`. */
export function writeConditionOf(headers: IncomingHttpHeaders): WriteCondition {
  const ifMatch = headers['if-match']
  const ifNoneMatch = headers['if-none-match']
  return {
    ...(ifMatch !== undefined && { ifMatch: quoted(ifMatch) }),
    ...(ifNoneMatch !== undefined && { ifNoneMatch: quoted(ifNoneMatch) }),
    ...timeOf('ifModifiedSince', headers['if-modified-since']),
    ...timeOf('ifUnmodifiedSince', headers['if-unmodified-since']),
  }
}

/** A time that cannot be read is ignored, as section 13.1.3 wants it. */
function timeOf(name: 'ifModifiedSince' | 'ifUnmodifiedSince', header: string | undefined): WriteCondition {
  const time = new Date(header ?? Number.NaN)
  return Number.isNaN(time.getTime()) ? {} : { [name]: time }
}

function quoted(header: string): string {
  const etag = header.trim()
  return etag === '*' || etag.startsWith('"') ? etag : `"${etag}"`
}

/** Clients of this dialect send ETags with and without their quotes. */
function namesVersion(header: string, { etag }: Validators): boolean {
  const bare = etag.replaceAll('"', '')
  return header
    .split(',')
    .map((each) => each.trim().replace(/^W\//, '').replaceAll('"', ''))
    .some((each) => each === '*' || each === bare)
}

function isBefore(time: string | undefined, { lastModified }: Validators): boolean {
  return time !== undefined && Date.parse(time) < wholeSeconds(lastModified)
}

export function wholeSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1000) * 1000
}
