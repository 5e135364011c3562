// List Blobs, page by page.
import type { BlobContainer } from './blob-container.ts'
import { childOf, readXml, type XmlElement } from './read-xml.ts'

export interface ListedBlob {
  readonly name: string
  readonly sizeBytes: number
  /** Quoted as in HTTP. */
  readonly etag: string
  /** Base64 MD5 of the content, where the writer gave it. */
  readonly contentMd5?: string
}

export interface BlobListPage {
  readonly blobs: readonly ListedBlob[]
  readonly nextMarker?: string
}

export async function* listBlobs(
  container: BlobContainer,
  { prefix, signal }: { prefix?: string | undefined; signal: AbortSignal },
): AsyncGenerator<ListedBlob, void, undefined> {
  for (let marker: string | undefined, first = true; first || marker !== undefined; first = false) {
    const query: Record<string, string> = { restype: 'container', comp: 'list' }
    if (prefix !== undefined) query.prefix = prefix
    if (marker !== undefined) query.marker = marker
    const call = { method: 'GET', query, expect: 200, signal } as const
    const page = parseBlobList(await container.request({ ...call, read: (response) => response.text() }))
    yield* page.blobs
    if (page.nextMarker === marker && marker !== undefined) {
      throw new SyntaxError('list of blobs: the next page is this page again')
    }
    marker = page.nextMarker
  }
}

/** Throws SyntaxError if it is not the XML of List Blobs, or a blob lacks name, length or ETag. */
export function parseBlobList(text: string): BlobListPage {
  const root = readXml(text)
  const list = childOf(root, 'Blobs')
  if (root.name !== 'EnumerationResults' || !list) {
    throw new SyntaxError(`list of blobs: expected <EnumerationResults> with <Blobs>, got <${root.name}>`)
  }
  const blobs = list.children.filter(({ name }) => name === 'Blob').map(parseBlob)
  const nextMarker = childOf(root, 'NextMarker')?.text
  return nextMarker ? { blobs, nextMarker } : { blobs }
}

function parseBlob(blob: XmlElement): ListedBlob {
  const element = childOf(blob, 'Name')
  const properties = childOf(blob, 'Properties')
  // Names with characters that XML cannot carry come percent-encoded and say so.
  const name = element?.attributes.Encoded === 'true' ? decodeURIComponent(element.text) : element?.text
  const length = childOf(properties, 'Content-Length')?.text ?? ''
  const etag = childOf(properties, 'Etag')?.text
  const sizeBytes = /^\d+$/.test(length) ? Number(length) : Number.NaN
  if (!name || !etag || !Number.isSafeInteger(sizeBytes)) {
    throw new SyntaxError(
      `list of blobs: expected name, Content-Length and Etag, got ${JSON.stringify({ name, length, etag })}`,
    )
  }
  // Azure quotes the ETag in headers and not in lists.
  const listed = { name, sizeBytes, etag: etag.startsWith('"') ? etag : `"${etag}"` }
  const contentMd5 = childOf(properties, 'Content-MD5')?.text
  return contentMd5 ? { ...listed, contentMd5 } : listed
}
