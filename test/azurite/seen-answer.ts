// An answer as clients of the dialect look at it: what changes from run to run, and from server to server, is reduced to
// its shape.
import type { RawAnswer } from '../../packages/server/src/blobs/raw-request.ts'

/** Aspects of an answer by name: `status`, `code`, `body`, and each header under its own. */
export type SeenAnswer = Readonly<Record<string, string>>

/** Headers that are not compared, and why. */
export const headersLeftAside: Readonly<Record<string, string>> = {
  connection: 'of the connection, not of the blob',
  'keep-alive': 'of the connection, not of the blob',
  'transfer-encoding': 'of the connection, not of the blob',
  date: 'of the connection, not of the blob',
  server: 'names the product',
  vary: 'for browsers: CORS of an account',
  'x-content-type-options': "ours alone: uploads are strangers' files on the origin of the service",
  'content-security-policy': "ours alone: uploads are strangers' files on the origin of the service",
  'cache-control': 'ours always keeps shared caches off, since a signed URL has no Authorization header',
  'x-ms-server-encrypted':
    'Azurite says true of what it does not encrypt; ours does not encrypt and says false',
  'x-ms-request-server-encrypted': 'as x-ms-server-encrypted',
  'x-ms-content-crc64': 'a checksum that no client of the service reads',
  'x-ms-version-id': 'versions of blobs are not kept',
  'x-ms-is-current-version': 'versions of blobs are not kept',
  'x-ms-access-tier': 'there is one kind of disk',
  'x-ms-access-tier-inferred': 'there is one kind of disk',
  'x-ms-access-tier-change-time': 'there is one kind of disk',
  'x-ms-has-immutability-policy': 'policies of accounts',
  'x-ms-has-legal-hold': 'policies of accounts',
  'x-ms-default-encryption-scope': 'policies of accounts',
  'x-ms-deny-encryption-scope-override': 'policies of accounts',
  'x-ms-snapshot': 'snapshots are not kept',
}

const shapes: Readonly<Record<string, RegExp>> = {
  etag: /^"0x[0-9A-F]+"$/,
  'last-modified': /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/,
  'x-ms-creation-time': /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/,
  'x-ms-request-id': /^[0-9a-f-]{36}$/,
  'x-ms-version': /^\d{4}-\d\d-\d\d$/,
}

export function seenAnswer({ status, headers, body }: RawAnswer): SeenAnswer {
  const seen: Record<string, string> = { status: String(status) }
  for (const [name, value] of Object.entries(headers)) {
    if (headersLeftAside[name] !== undefined) continue
    // Azurite forgets it in refusals.
    if (name === 'x-ms-version' && status >= 300) continue
    // Of a body that does not come.
    if (status === 304 && name === 'content-type') continue
    const text = String(value)
    const shape = shapes[name]
    seen[name] = shape === undefined ? text : shape.test(text) ? 'well-formed' : `malformed: ${text}`
  }
  const text = body.toString()
  if (!/xml/.test(headers['content-type'] ?? '') || (status === 200 && !text.includes('<EnumerationResults')))
    return { ...seen, body: text }
  const parts = xmlParts(text)
  // Messages are for people, and lengths follow from them.
  delete seen['content-length']
  if (status >= 400) return { ...seen, body: parts.filter((part) => part.startsWith('Code=')).join() }
  return { ...seen, body: parts.filter((part) => !leftAside.test(part)).join('\n') }
}

/** Elements of listings that are not compared, for the reasons of their headers; Azurite also repeats defaults. */
const leftAside =
  /^(ServiceEndpoint|ContainerName|ServerEncrypted|AccessTier(Inferred|ChangeTime)?|Content-MD5)=|^MaxResults=5000$|^Marker=$/

/** `Name=text` of every leaf and attribute, in order; times and tags as their shape. */
function xmlParts(xml: string): string[] {
  const parts: string[] = []
  for (const [, opened, attributes, text = ''] of xml.matchAll(
    /<([A-Za-z][\w-]*)((?:\s+[\w:]+="[^"]*")*)\s*(?:\/>|>([^<]*)(?=<))/g,
  )) {
    for (const [, name, value] of attributes!.matchAll(/([\w:]+)="([^"]*)"/g)) parts.push(`${name}=${value}`)
    const varies = /^(Etag|Last-Modified|Creation-Time)$/.test(opened!)
    if (varies) parts.push(`${opened}=${text === '' ? '' : 'there'}`)
    else if (/Marker$/.test(opened!)) parts.push(`${opened}=${text === '' ? '' : 'there'}`)
    else if (text.trim() !== '' || opened === 'Blobs') parts.push(`${opened}=${text}`)
  }
  return parts
}
