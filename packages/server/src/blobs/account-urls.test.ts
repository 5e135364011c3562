import { expect, test } from 'vitest'
import { accountUrls } from './account-urls.ts'

/** URLs from an API that gives these answers, one after the other. */
function onApi(...answers: [status: number, body?: string][]) {
  const clock = { now: new Date('2026-11-01T12:00:00Z') }
  const asked: string[] = []
  const fetch: typeof globalThis.fetch = async (input) => {
    asked.push(String(input))
    const [status, body] = answers[asked.length - 1]!
    return new Response(body ?? null, { status })
  }
  const urls = accountUrls(fetch, () => clock.now)
  const urlOf = (id: string, anew = false) =>
    urls.urlOf(id, `https://api/alidade-blobs/${id}?sig=x`, { anew })
  return { clock, asked, urlOf }
}

test('a URL is kept for half of its hour, and asked for again when it was refused', async () => {
  const { clock, asked, urlOf } = onApi([200, 'first'], [200, 'other'], [200, 'second'], [200, 'third'])
  expect([await urlOf('a'), await urlOf('a'), await urlOf('b')]).toEqual(['first', 'first', 'other'])
  clock.now = new Date('2026-11-01T12:30:00Z')
  expect(await urlOf('a')).toBe('second')
  expect(await urlOf('a', true)).toBe('third')
  expect(asked).toHaveLength(4)
  expect(asked[0]).toBe('https://api/alidade-blobs/a?sig=x&comp=url')
})

test('where the API has the files itself nobody asks twice', async () => {
  const { asked, urlOf } = onApi([204])
  expect([await urlOf('a'), await urlOf('b', true)]).toEqual([undefined, undefined])
  expect(asked).toHaveLength(1)
})

test('an API that cannot tell now may be asked again', async () => {
  const { urlOf } = onApi([503], [200, 'first'])
  await expect(urlOf('a')).rejects.toMatchObject({ name: 'ServiceError', status: 503, retryable: true })
  expect(await urlOf('a')).toBe('first')
})
