/**
 * Takes container, blob name and query out of the URL as it was sent: a router folds case and slashes, and
 * both belong to a blob's name.
 */
import { AzureError } from './azure-error.ts'

export interface BlobUrl {
  readonly containerId: string
  /** As the client spelled it, decoded once; undefined when the URL names the container. */
  readonly name: string | undefined
  readonly query: URLSearchParams
}

/** Throws `InvalidUri` where the escapes are not UTF-8. */
export function parseBlobUrl(url: string): BlobUrl {
  const queryStart = url.indexOf('?')
  const path = queryStart === -1 ? url : url.slice(0, queryStart)
  const query = new URLSearchParams(queryStart === -1 ? '' : url.slice(queryStart + 1))
  const match = /\/alidade-blobs\/+([^/]+)(?:\/(.*))?$/is.exec(path)
  if (!match) throw new AzureError('InvalidUri', 'the URL names no container')
  const containerId = decode(match[1]!).toLowerCase()
  const rest = match[2] ?? ''
  // Clients that join with one slash too many still mean the container.
  const name = /^\/*$/.test(rest) ? undefined : decode(rest)
  return { containerId, name, query }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw new AzureError('InvalidUri', 'the URL holds a percent escape that is not UTF-8', { cause })
  }
}
