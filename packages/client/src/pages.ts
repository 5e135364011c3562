// Lists that come in pages.
import { arrayIn, bodyObject, unexpectedAnswer } from './answer.ts'
import type { Call, Send } from './send.ts'

/**
 * The entries of all pages. Of `_links.next.href` only the query is taken and put to the address of the first
 * page: behind a proxy the service may not know its own address, and a token must not follow a link elsewhere.
 */
export async function* pages<T>(send: Send, first: Call, member: string): AsyncGenerator<T, void, undefined> {
  for (let call: Call | undefined = first, last = ''; call; ) {
    const answer = await send(call)
    yield* arrayIn<T>(answer, member)

    const href = (bodyObject(answer) as { _links?: { next?: { href?: unknown } } | null })._links?.next?.href
    if (typeof href !== 'string' || href === '') return
    const query: URLSearchParams = new URL(href, 'http://relative.invalid').searchParams
    if (query.toString() === last) throw unexpectedAnswer(answer, 'a link to another page than this one')
    last = query.toString()
    call = { ...first, query }
  }
}
