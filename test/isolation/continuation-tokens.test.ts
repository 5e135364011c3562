// The tokens of lists: that of another tenant, or of another list, is as good as one that somebody made up.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { changesNothing, compare, type Matrix, openMatrix, type Side } from './matrix.ts'
import { positions } from './queries.ts'
import type { DocumentedRoute } from './routes.ts'
import type { Tenant } from './tenants.ts'

const leastCells = 125
let matrix: Matrix
let lists: DocumentedRoute[]

beforeAll(async () => {
  matrix = await openMatrix()
  for (const tenant of [matrix.owner, matrix.stranger]) {
    for (let i = 0; i < 5; i++) await tenant.submittedJob()
  }
  lists = matrix.routes.filter(({ method, query }) => method === 'GET' && query.includes(positions))
})
afterAll(() => matrix?.stop())

const filters: Record<string, (tenant: Tenant) => string> = {
  '/realitydataanalysis/jobs': ({ iTwinId }) => `$filter=iTwinId%20eq%20${iTwinId}&`,
  '/reality-analysis/jobs': ({ iTwinId }) => `$filter=iTwinId%20eq%20${iTwinId}&`,
  '/reality-management/reality-data': ({ iTwinId }) => `iTwinId=${iTwinId}&`,
}

/** Of the second page of a list of two things a page. */
async function tokenOf({ path }: DocumentedRoute, tenant: Tenant): Promise<string> {
  const { _links } = await tenant.make('GET', `${path}?${filterOf(path, tenant)}$top=2`)
  return new URL(_links.next.href).searchParams.get(positions)!
}

function filterOf(path: string, tenant: Tenant): string {
  const filter = filters[path]
  if (filter === undefined)
    throw new RangeError(`no filter for ${path}: add it to continuation-tokens.test.ts`)
  return filter(tenant)
}

/** With one bit changed in what is said, and in the signature. */
function forged(token: string): string[] {
  const dot = token.indexOf('.')
  return [4, dot + 4].map((i) => token.slice(0, i) + (token[i] === 'A' ? 'B' : 'A') + token.slice(i + 1))
}

test('a token of another tenant, of another list, or a forged one, is answered like one that was never issued', async () => {
  const { service, owner, stranger } = matrix
  expect(lists.length).toBeGreaterThanOrEqual(3)
  for (const route of lists) {
    const others = lists.filter(({ path }) => path !== route.path)
    const foreign = await tokenOf(route, owner)
    const tokens: Record<string, string> = {
      'of another tenant': foreign,
      'of another tenant, forged': forged(foreign)[0]!,
      'of another tenant, signature forged': forged(foreign)[1]!,
      'own, forged': forged(await tokenOf(route, stranger))[0]!,
    }
    for (const other of others) {
      tokens[`own, of ${other.path}`] = await tokenOf(other, stranger)
      tokens[`of another tenant and ${other.path}`] = await tokenOf(other, owner)
    }
    const admin = await service.authorization({ org: stranger.org, subject: 'root', role: 'admin' })
    for (const authorization of [stranger.authorization, admin]) {
      for (const filter of ['', filterOf(route.path, stranger), filterOf(route.path, owner)]) {
        if (filter === '' && route.path === '/reality-analysis/jobs') continue
        const ask = async (token: string): Promise<Side> => {
          const answer = await service.ask('GET', `${route.path}?${filter}${positions}=${token}`, {
            authorization,
          })
          return { answers: [answer], asked: [] }
        }
        const never = await ask('e30.AAAAAAAAAAAAAAAAAAAAAA')
        expect(never.answers[0]!.status).toBe(422)
        await changesNothing(matrix, async () => {
          for (const [name, token] of Object.entries(tokens)) {
            compare(matrix, `${route.name} with a token ${name}`, await ask(token), never)
          }
        })
      }
    }
    // Whose it is goes on with it.
    const page = await owner.make(
      'GET',
      `${route.path}?${filterOf(route.path, owner)}${positions}=${foreign}`,
    )
    expect(Object.values<unknown[]>(page)[0]).toHaveLength(2)
  }
})

test(`at least ${leastCells} tokens were compared`, () => {
  expect(matrix.cells).toBeGreaterThanOrEqual(leastCells)
})
