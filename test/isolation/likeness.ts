// What must be alike in two answers, one about a thing of another tenant and one about nothing. Here, and nowhere else, is
// said what may differ.
import type { IncomingHttpHeaders } from 'node:http'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

/** Headers that are there in both, with values of their own in every answer of the service. */
const ownHeaders = ['date', 'x-correlation-id', 'x-ms-request-id', 'etag', 'last-modified']

/** In this order. What was created has a random id, and says when; errors of blobs name their request. */
const ownTexts: [RegExp, string][] = [
  [/RequestId:[\w-]+|Time:[\w:.-]+/g, '<request>'],
  [/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, '<guid>'],
  [/\d{4}-\d\d-\d\dT\d\d(:|%3A)\d\d(:|%3A)\d\d(\.\d+)?Z/g, '<time>'],
  [/sig=[\w-]+/g, 'sig=<signature>'],
]

/** An answer without what may differ. `asked` are the ids of the request, which an answer may repeat. */
export function likeness({ status, headers, text }: Answer, asked: readonly string[]) {
  const named = Object.entries(headers).map(([name, value]) => [
    name,
    ownHeaders.includes(name) ? '<own>' : value,
  ])
  return { status, headers: Object.fromEntries(named), text: withoutOwn(withoutAsked(text, asked)) }
}

export function withoutAsked(text: string, asked: readonly string[]): string {
  return asked
    .flatMap((id) => [id, encodeURIComponent(id)])
    .reduce((rest, id) => rest.replaceAll(new RegExp(escaped(id), 'gi'), '<asked>'), text)
}

function escaped(id: string): string {
  return id.replace(/[^\w-]/g, String.raw`\$&`)
}

function withoutOwn(text: string): string {
  return ownTexts.reduce((rest, [pattern, name]) => rest.replaceAll(pattern, name), text)
}
