/** The XML bodies of the Azure Blob dialect: errors and listings. */
import type { AzureError } from './azure-error.ts'
import type { BlobPage, BlobProperties } from './blob-store.ts'

const declaration = '<?xml version="1.0" encoding="utf-8"?>'

export function errorXml({ code, message }: AzureError, requestId: string, now: Date): string {
  const text = `${message}\nRequestId:${requestId}\nTime:${now.toISOString()}`
  return `${declaration}<Error>${element('Code', code)}${element('Message', text)}</Error>`
}

export interface Listing {
  readonly serviceEndpoint: string
  readonly containerId: string
  readonly prefix: string
  readonly marker: string
  readonly maxResults: number | undefined
  readonly page: BlobPage
}

export function listingXml(listing: Listing): string {
  const { serviceEndpoint, containerId, prefix, marker, maxResults, page } = listing
  const attributes = `ServiceEndpoint="${escapeXml(serviceEndpoint)}" ContainerName="${escapeXml(containerId)}"`
  return [
    `${declaration}<EnumerationResults ${attributes}>`,
    prefix === '' ? '' : element('Prefix', prefix),
    marker === '' ? '' : element('Marker', marker),
    maxResults === undefined ? '' : element('MaxResults', String(maxResults)),
    '<Blobs>',
    ...page.blobs.map(blobXml),
    '</Blobs>',
    page.nextMarker === undefined ? '<NextMarker />' : element('NextMarker', page.nextMarker),
    '</EnumerationResults>',
  ].join('')
}

function blobXml(blob: BlobProperties): string {
  return [
    '<Blob>',
    nameXml(blob.name),
    '<Properties>',
    element('Creation-Time', blob.createdAt.toUTCString()),
    element('Last-Modified', blob.lastModified.toUTCString()),
    element('Etag', blob.etag.replaceAll('"', '')),
    element('Content-Length', String(blob.sizeBytes)),
    element('Content-Type', blob.contentType),
    element('Content-Encoding', blob.contentEncoding ?? ''),
    '<Content-Language />',
    element('Content-MD5', blob.contentMd5 ?? ''),
    '<Cache-Control /><Content-Disposition />',
    '<BlobType>BlockBlob</BlobType><LeaseStatus>unlocked</LeaseStatus><LeaseState>available</LeaseState>',
    '<ServerEncrypted>false</ServerEncrypted>',
    '</Properties>',
    '</Blob>',
  ].join('')
}

/** White space at the ends does not survive every XML parser, so such names go percent-encoded. */
function nameXml(name: string): string {
  return name.trim() === name
    ? element('Name', name)
    : `<Name Encoded="true">${encodeURIComponent(name)}</Name>`
}

function element(tag: string, text: string): string {
  return text === '' ? `<${tag} />` : `<${tag}>${escapeXml(text)}</${tag}>`
}

/** Also drops what XML 1.0 (2.2) cannot carry. */
export function escapeXml(text: string): string {
  return (
    text
      .toWellFormed()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is dropped
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  )
}
