// Every route of the service, asked by everybody for what they are not to have, by ids in its path.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { strangersAt } from './callers.ts'
import { changesNothing, compare, type Matrix, openMatrix, type Side, tellsNothing } from './matrix.ts'
import { askByPaths, bodyOf } from './paths.ts'
import { blobMethods, blobRoutes, publicRoutes } from './routes.ts'
import { administratorsOnly, takesITwin } from './samples.ts'

const leastCells = 1125
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

test('whoever asks for what another tenant has by a path is answered as for what nobody has', async () => {
  await askByPaths(matrix, matrix.routes)
}, 120_000)

test('who has the entity tag of a progress has nothing else of it', async () => {
  const { owner, stranger } = matrix
  const jobId = await owner.submittedJob()
  for (const base of ['/realitydataanalysis', '/reality-analysis']) {
    const path = `${base}/jobs/${jobId}/progress`
    const { etag } = (await owner.ask('GET', path)).headers
    const headers = { 'if-none-match': etag! }
    expect((await owner.ask('GET', path, { headers })).status).toBe(304)
    const [theirs, nobodys] = [path, path.replace(jobId, randomUUID())].map(async (one): Promise<Side> => {
      return { answers: [await stranger.ask('GET', one, { headers })], asked: [] }
    })
    compare(matrix, path, await theirs!, await nobodys!)
    expect((await theirs!).answers[0]!.status).toBe(404)
  }
})

test('on PostgreSQL too, where progress is not read from memory', async () => {
  const shared = await openMatrix(inject('postgresUrl'))
  try {
    const ofJobs = shared.routes.filter(({ parameters }) => parameters.includes('jobId'))
    await askByPaths(shared, ofJobs)
    expect(shared.cells).toBeGreaterThanOrEqual(170)
  } finally {
    await shared.stop()
  }
}, 120_000)

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
      const barred = administratorsOnly.includes(route.path) && !name.startsWith('admin')
      expect([cell, answer.status]).toEqual([cell, !admitted ? 401 : barred ? 403 : 200])
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
