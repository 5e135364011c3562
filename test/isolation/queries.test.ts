// Every parameter of every query, with what another tenant has under it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { changesNothing, compare, type Matrix, openMatrix } from './matrix.ts'
import { namesNothing, positions, questions } from './queries.ts'
import { ownValues, pathWith } from './samples.ts'

const leastCells = 60
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
  for (const route of routes.filter(({ method }) => method === 'GET')) {
    for (const parameter of route.query) {
      const ask = questionsOf(route.path, parameter)
      if (ask === undefined) continue
      const path = pathWith(route, await ownValues(route, stranger))
      const ownersPath = pathWith(route, await ownValues(route, owner))
      const search = (value: string) => `?${parameter}=${encodeURIComponent(value)}`
      for (const { foreign, missing, asked, found } of await ask(matrix)) {
        const cell = `${route.name} ${search(foreign)}`
        for (const role of [undefined, 'admin']) {
          const subject = `${stranger.org}-user`
          const authorization = await service.authorization({ org: stranger.org, subject, role })
          await changesNothing(matrix, async () => {
            const [theirs, nobodys] = [
              await service.ask('GET', path + search(foreign), { authorization }),
              await service.ask('GET', path + search(missing), { authorization }),
            ]
            const [ofForeign, ofMissing] = asked
            compare(
              matrix,
              cell,
              { answers: [theirs], asked: [ofForeign] },
              { answers: [nobodys], asked: [ofMissing] },
            )
          })
        }
        // The owner does find it: otherwise nothing was shown above.
        if (!found) continue
        const [theirs, nobodys] = [
          await owner.make('GET', ownersPath + search(foreign)),
          await owner.ask('GET', ownersPath + search(missing)),
        ]
        expect(JSON.stringify(theirs), cell).not.toBe(nobodys.text)
      }
    }
  }
}, 120_000)

test(`at least ${leastCells} queries were compared`, () => {
  expect(matrix.cells).toBeGreaterThanOrEqual(leastCells)
})
