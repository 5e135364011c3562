// Every parameter of every query, with what another tenant has under it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { changesNothing, compare, type Matrix, openMatrix, type Side } from './matrix.ts'
import { namesNothing, positions, questions } from './queries.ts'
import { ownValues, pathWith } from './samples.ts'

const leastCells = 110
let matrix: Matrix

beforeAll(async () => {
  matrix = await openMatrix()
  // So that the lists of the stranger are not empty.
  const { stranger } = matrix
  await stranger.job()
  await stranger.submittedJob()
  await stranger.detector()
})
afterAll(() => matrix?.stop())

const questionsOf = (path: string, parameter: string) =>
  questions[`${path} ${parameter}`] ?? questions[parameter]

test('every parameter of a query has its place in the table', () => {
  const unknown = matrix.routes.flatMap(({ path, query }) =>
    query
      .filter((name) => name !== positions && !namesNothing.includes(name))
      .filter((name) => questionsOf(path, name) === undefined)
      .map((name) => `${path} ${name}`),
  )
  expect(unknown).toEqual([])
})

test('a query for what another tenant has finds as much as a query for nothing', async () => {
  const { routes, service, owner, stranger } = matrix
  const subject = `${stranger.org}-user`
  const admin = await service.authorization({ org: stranger.org, subject, role: 'admin' })
  for (const route of routes.filter(({ method }) => method === 'GET')) {
    const [path, ownersPath] = [
      pathWith(route, await ownValues(route, stranger)),
      pathWith(route, await ownValues(route, owner)),
    ]
    for (const parameter of route.query) {
      const search = (value: string) => `?${parameter}=${encodeURIComponent(value)}`
      const asked = (await questionsOf(route.path, parameter)?.(matrix)) ?? []
      if (asked.length === 0) continue
      await changesNothing(matrix, async () => {
        for (const { foreign, missing, ids } of asked) {
          for (const authorization of [stranger.authorization, admin]) {
            const side = async (value: string, id: string): Promise<Side> => ({
              answers: [await service.ask('GET', path + search(value), { authorization })],
              asked: [id],
            })
            const cell = `${route.name} ${search(foreign)}`
            compare(matrix, cell, await side(foreign, ids[0]), await side(missing, ids[1]))
          }
        }
      })
      // The owner does find it: otherwise nothing was shown above.
      for (const { foreign, missing } of asked.filter(({ found }) => found)) {
        const theirs = await owner.make('GET', ownersPath + search(foreign))
        const nobodys = await owner.ask('GET', ownersPath + search(missing))
        expect(JSON.stringify(theirs), `${route.name} ${search(foreign)}`).not.toBe(nobodys.text)
      }
    }
  }
}, 120_000)

test(`at least ${leastCells} queries were compared`, () => {
  expect(matrix.cells).toBeGreaterThanOrEqual(leastCells)
})
