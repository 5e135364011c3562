// What both versions of the API do with a detector and its versions once they are there.
import { type Answer, objectIn, unexpectedAnswer } from './answer.ts'
import type { CallOptions } from './jobs.ts'
import { pathSegment, type Send } from './send.ts'

/** Names may be `cracks` or `@scope/cracks`. Every call rejects with a ServiceError if the service refuses it. */
export interface DetectorVersionCalls {
  /** With all its versions. */
  delete(name: string, options?: CallOptions): Promise<void>
  deleteVersion(name: string, version: string, options?: CallOptions): Promise<void>
  /** Has the service look at what was uploaded; an InvalidRequestError says what is wrong with it. */
  complete(name: string, version: string, options?: CallOptions): Promise<void>
  /** From then on every tenant of the service sees the version. */
  publish(name: string, version: string, options?: CallOptions): Promise<void>
  unpublish(name: string, version: string, options?: CallOptions): Promise<void>
}

/** Where the file of a new version goes; see `pushBlob` of `@alidade/client/node`. Keep it out of logs. */
export interface UploadUrl {
  readonly uploadUrl: string
}

export function detectorPath(base: string, name: string): string {
  return `${base}/detectors/${pathSegment(name)}`
}

export function createDetectorVersionCalls(send: Send, base: string, versions: string): DetectorVersionCalls {
  const versionPath = (name: string, version: string) =>
    `${detectorPath(base, name)}/${versions}/${pathSegment(version)}`
  const act =
    (action: string): DetectorVersionCalls['complete'] =>
    async (name, version, { signal } = {}) => {
      await send({ method: 'POST', path: `${versionPath(name, version)}/${action}`, signal })
    }
  return {
    async delete(name, { signal } = {}) {
      await send({ method: 'DELETE', path: detectorPath(base, name), signal })
    },
    async deleteVersion(name, version, { signal } = {}) {
      await send({ method: 'DELETE', path: versionPath(name, version), signal })
    },
    complete: act('complete'),
    publish: act('publish'),
    unpublish: act('unpublish'),
  }
}

export function uploadUrlIn(answer: Answer): string {
  const href = objectIn<{ uploadUrl?: { href?: unknown } | null }>(answer, '_links').uploadUrl?.href
  if (typeof href === 'string' && URL.canParse(href)) return href
  throw unexpectedAnswer(answer, 'a URL in _links.uploadUrl.href')
}
