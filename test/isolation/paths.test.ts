// Every route of the service, asked by everybody for what they are not to have, by ids in its path.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { strangersAt } from './callers.ts'
import { changesNothing, compare, type Matrix, openMatrix, type Side, tellsNothing } from './matrix.ts'
import { blobMethods, blobRoutes, type DocumentedRoute, publicRoutes } from './routes.ts'
import { ownValues, pathWith, sampleOf, takesITwin } from './samples.ts'

const leastCells = 860
let matrix: Matrix

beforeAll(async () => {
  matrix = await openMatrix()
})
afterAll(() => matrix?.stop())

test('no route of the app is missing from the matrix, and none is in it that the app does not have', () => {
  const { routes, service } = matrix
  const covered = [
    ...routes.map(({ name }) => name),
    ...publicRoutes.flatMap((path) => [`GET ${path}`, `HEAD ${path}`]),
    ...blobRoutes.flatMap((path) => blobMethods.map((method) => `${method} ${path}`)),
  ]
  const registered = service.registered.map((route) => route.replace(/:(\w+)/g, '{$1}'))
  expect([...covered].sort()).toEqual([...registered].sort())
  expect(takesITwin.filter((name) => !routes.some((route) => route.name === name))).toEqual([])
})

/** The body that the route takes, with nothing in it that is not the asker's own. */
const bodies: Record<string, object> = {
  'PATCH /reality-management/reality-data/{realityDataId}': { displayName: 'mine' },
  'POST /reality-analysis/detectors/{detectorName}/versions': {
    versionNumber: '2.0',
    capabilities: { labels: ['crack'], exports: ['Lines'] },
  },
}

function bodyOf(route: DocumentedRoute, iTwinId: string): object | undefined {
  if (route.body === undefined) return undefined
  const body = bodies[route.name] ?? (route.bodyExample as object)
  return 'iTwinId' in body ? { ...body, iTwinId } : body
}

test('whoever asks for what another tenant has by a path is answered as for what nobody has', async () => {
  const { routes, owner } = matrix
  const toRead = new Map<string, Record<string, string>>()
  for (const route of routes.filter(({ parameters }) => parameters.length > 0)) {
    // What is only read can be asked for again; everything else gets things of its own.
    const kind = `${route.api} ${route.parameters.join()}`
    const reads = route.method === 'GET' || route.method === 'HEAD'
    const things = (reads ? toRead.get(kind) : undefined) ?? (await ownValues(route, owner))
    if (reads) toRead.set(kind, things)
    await changesNothing(matrix, () => fillCells(route, things))
    // They were the owner's all along: otherwise nothing was shown above.
    const body = bodyOf(route, owner.iTwinId)
    const answer = await owner.ask(route.method, pathWith(route, things), { body })
    expect([route.name, answer.status < 300, answer.text]).toEqual([route.name, true, answer.text])
    // What is published everybody may see.
    if (route.path.endsWith('/publish')) {
      await owner.make('POST', pathWith(route, things).replace(/publish$/, 'unpublish'))
    }
  }
}, 120_000)

async function fillCells(route: DocumentedRoute, things: Record<string, string>): Promise<void> {
  const { service, owner, stranger } = matrix
  const names = route.parameters.filter((name) => sampleOf(name).missing !== undefined)
  for (const caller of await strangersAt(route, { service, owner, stranger })) {
    for (const places of caller.admitted ? subsets(names) : [names]) {
      const mixed = places.length < names.length
      const own = mixed ? await ownValues(route, stranger) : things
      const ask = async (values: Record<string, string>): Promise<Side> => {
        const { authorization } = caller
        const body = bodyOf(route, stranger.iTwinId)
        const answer = await service.ask(route.method, pathWith(route, values), { authorization, body })
        return { answers: [answer], asked: Object.values(values).filter((value) => value !== '1.0') }
      }
      const nothing = places.map((name) => [name, missingOf(route, name, things[name]!, mixed)])
      const cell = `${route.name}, ${caller.name}, foreign ${places.join(' and ')}`
      const foreign = await ask({
        ...own,
        ...Object.fromEntries(places.map((name) => [name, things[name]!])),
      })
      const missing = await ask({ ...own, ...Object.fromEntries(nothing) })
      const [{ status }] = foreign.answers as [Side['answers'][0]]
      expect(caller.admitted ? [404, 422] : [401], `${cell}: ${foreign.answers[0]!.text}`).toContain(status)
      compare(matrix, cell, foreign, missing)
    }
  }
}

function missingOf({ name }: DocumentedRoute, parameter: string, own: string, mixed: boolean): string {
  const taken = mixed && parameter === 'iTwinId' && takesITwin.includes(name)
  return taken ? matrix.third.iTwinId : sampleOf(parameter).missing!(own)
}

/** All but the empty one. */
function subsets(names: string[]): string[][] {
  const sets = Array.from({ length: 2 ** names.length }, (_, bits) =>
    names.filter((_name, i) => bits & (1 << i)),
  )
  return sets.slice(1)
}

test('what is asked for without an id holds nothing of another tenant, and is refused without token and scope', async () => {
  const { routes, service, owner, stranger } = matrix
  const lists = routes.filter(({ parameters, body }) => parameters.length === 0 && body === undefined)
  expect(lists.length).toBeGreaterThanOrEqual(7)
  for (const route of lists) {
    for (const { name, authorization, admitted } of await strangersAt(route, { service, owner, stranger })) {
      const cell = `${route.name}, ${name}`
      const search =
        route.path === '/reality-analysis/jobs' ? `?$filter=${encodeURIComponent("state in ('Queued')")}` : ''
      const answer = await service.ask(route.method, route.path + search, { authorization })
      expect([cell, answer.status]).toEqual([cell, admitted ? 200 : 401])
      tellsNothing(owner, answer, [], cell)
      matrix.cells++
    }
  }
})

test('what is created is refused without token and scope, whatever is in it', async () => {
  const { routes, service, owner, stranger } = matrix
  const creations = routes.filter(({ parameters, body }) => parameters.length === 0 && body !== undefined)
  expect(creations.length).toBeGreaterThanOrEqual(6)
  for (const route of creations) {
    const callers = await strangersAt(route, { service, owner, stranger })
    await changesNothing(matrix, async () => {
      for (const { name, authorization, admitted } of callers) {
        if (admitted) continue
        const sides = [bodyOf(route, owner.iTwinId), {}].map(async (body): Promise<Side> => {
          const answer = await service.ask(route.method, route.path, { authorization, body })
          return { answers: [answer], asked: [] }
        })
        const [own, empty] = await Promise.all(sides)
        expect(own!.answers[0]!.status).toBe(401)
        compare(matrix, `${route.name}, ${name}`, own!, empty!)
      }
    })
  }
})

test('what everybody may ask for is the same for everybody, and about nobody', async () => {
  const { service, owner, stranger } = matrix
  for (const path of publicRoutes) {
    for (const authorization of [undefined, 'Bearer forged', stranger.authorization]) {
      const answer = await service.ask('GET', path, { authorization })
      expect([path, answer.status]).toEqual([path, 200])
      tellsNothing(owner, answer, [], path)
      matrix.cells++
    }
  }
})

test(`at least ${leastCells} cells of paths were compared`, () => {
  expect(matrix.cells).toBeGreaterThanOrEqual(leastCells)
})
