// Every place in a body that names something, with what another tenant has in it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { places } from './bodies.ts'
import { changesNothing, compare, type Matrix, openMatrix } from './matrix.ts'
import type { JsonSchema } from './routes.ts'

const leastCells = 20
let matrix: Matrix

beforeAll(async () => {
  matrix = await openMatrix()
})
afterAll(() => matrix?.stop())

test('every body that a route takes, and every id in it, has its place in the table', () => {
  const taking = matrix.routes.filter(({ body }) => body !== undefined)
  expect(Object.keys(places).sort()).toEqual(taking.map(({ name }) => name).sort())
  for (const { name, body } of taking) {
    const covered = places[name]!.map(({ property }) => property)
    expect(covered, name).toEqual(expect.arrayContaining(idProperties(body!)))
  }
})

/** Names of the properties, however deep, that say so or hold a GUID. */
function idProperties(schema: JsonSchema): string[] {
  return Object.entries(schema).flatMap(([keyword, value]): string[] => {
    if (typeof value !== 'object' || value === null || keyword === 'examples') return []
    if (keyword !== 'properties') return idProperties(value as JsonSchema)
    return Object.entries(value as Record<string, JsonSchema>).flatMap(([name, property]) => {
      // Its ids are those of coordinate reference systems.
      if (name === 'crs') return []
      const isId = /^id$|Ids?$/.test(name) || String(property.pattern).includes('[0-9a-fA-F]{8}')
      return isId ? [name] : idProperties(property)
    })
  })
}

test('a body that names what another tenant has is answered like one that names nothing', async () => {
  const { stranger } = matrix
  for (const [route, ofRoute] of Object.entries(places)) {
    for (const [i, { property, ids, send, statuses }] of ofRoute.entries()) {
      const cell = `${route}, place ${i}: ${property}`
      const { foreign, missing } = await ids(matrix)
      await changesNothing(matrix, async () => {
        const sides = { foreign: await send(stranger, foreign), missing: await send(stranger, missing) }
        expect([cell, sides.foreign.map(({ status }) => status)], sides.foreign.at(-1)!.text).toEqual([
          cell,
          statuses,
        ])
        compare(
          matrix,
          cell,
          { answers: sides.foreign, asked: [foreign] },
          { answers: sides.missing, asked: [missing] },
        )
      })
    }
  }
}, 120_000)

test(`at least ${leastCells} places in bodies were compared`, () => {
  expect(matrix.cells).toBeGreaterThanOrEqual(leastCells)
})
