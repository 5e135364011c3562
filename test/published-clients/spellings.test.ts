// Paths, headers and parameters of Reality Management in every spelling that some published client uses.
import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, inject, test } from 'vitest'

const base = '/reality-management/reality-data'
const iTwinId = randomUUID()
const authorization = inject('authorization')
let id: string

beforeAll(async () => {
  const { status, json } = await ask('POST', `${base}/`, {}, { displayName: 'spelled', type: 'LAS', iTwinId })
  expect(status).toBe(201)
  id = json.realityData.id
})

async function ask(method: string, path: string, headers: Record<string, string> = {}, body?: object) {
  const answer = await fetch(inject('serviceUrl') + path, {
    method,
    redirect: 'error',
    headers: { authorization, 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  return { status: answer.status, json: text === '' ? undefined : JSON.parse(text) }
}

describe.each([{}, { prefer: 'return=minimal' }, { Prefer: 'return=representation' }])(
  'with the headers %j',
  (headers) => {
    test.each(['readaccess', 'readAccess', 'readaccess/', 'readAccess/', `readAccess?iTwinId=${iTwinId}`])(
      'read access is got by %s',
      async (path) => {
        const { status, json } = await ask('GET', `${base}/${id}/${path}`, headers)
        expect(status).toBe(200)
        expect(json).toEqual({
          type: 'AzureBlobSasUrl',
          access: 'Read',
          _links: { containerUrl: { href: expect.stringContaining(`/alidade-blobs/${id}?`) } },
        })
      },
    )

    test.each(['writeaccess', 'writeAccess', 'writeaccess/', 'writeAccess/'])(
      'write access is got by %s',
      async (path) => {
        const { status, json } = await ask('GET', `${base}/${id}/${path}`, headers)
        expect({ status, access: json.access }).toEqual({ status: 200, access: 'Write' })
      },
    )

    test.each(['', '/', `?iTwinId=${iTwinId}`, `/?iTwinId=${iTwinId}`])(
      'a reality data is got whole by its id and %j',
      async (rest) => {
        const { status, json } = await ask('GET', `${base}/${id}${rest}`, headers)
        expect(status).toBe(200)
        expect(json.realityData).toMatchObject({ id, displayName: 'spelled', authoring: false, size: 0 })
      },
    )

    test.each([
      `?iTwinId=${iTwinId}`,
      `/?iTwinId=${iTwinId}&%24top=10&continuationToken=`,
      `?itwinid=${iTwinId}&$orderby=displayName`,
      `?iTwinId=${iTwinId}&types=LAS&types=LAZ`,
      `/?iTwinId=${iTwinId}&types=LAS,LAZ&$orderBy=displayName+desc`,
    ])('it is listed by %s', async (query) => {
      const { status, json } = await ask('GET', base + query, headers)
      expect({ status, ids: json.realityData.map((one: { id: string }) => one.id) }).toEqual({
        status: 200,
        ids: [id],
      })
      expect('_links' in json).toBe(false)
      expect('size' in json.realityData[0]).toBe(headers.Prefer === 'return=representation')
    })

    test.each(['itwins', 'iTwins', 'iTwins/'])('its iTwins are got by %s', async (path) => {
      expect((await ask('GET', `${base}/${id}/${path}`, headers)).json).toEqual({ iTwins: [iTwinId] })
    })
  },
)

test('the authoring flag is set and cleared as uploaders do, with the iTwin in the body', async () => {
  for (const authoring of [true, false]) {
    const { status, json } = await ask('PATCH', `${base}/${id}/`, {}, { authoring, iTwinId })
    expect({ status, authoring: json.realityData.authoring }).toEqual({ status: 200, authoring })
  }
})

test('explicit nulls mean absent and none comes back', async () => {
  const { status, json } = await ask(
    'POST',
    base,
    {},
    { displayName: 'of gaps', type: 'LAS', iTwinId, description: null, tags: null, extent: null, crs: null },
  )
  expect(status).toBe(201)
  expect(JSON.stringify(json)).not.toContain('null')
})
