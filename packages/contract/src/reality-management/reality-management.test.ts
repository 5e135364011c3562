import { Compile } from 'typebox/compile'
import { expect, test } from 'vitest'
import { type Operation, realityManagementOperations } from '../index.ts'

const operations: Operation[] = realityManagementOperations

for (const operation of operations) {
  test(`every documented body of ${operation.id} is valid under its schema`, () => {
    for (const [status, response] of Object.entries(operation.responses)) {
      if (response.schema === undefined) {
        expect(response.examples, status).toBeUndefined()
        continue
      }
      const validator = Compile(response.schema)
      const examples = Object.entries(response.examples ?? {})
      expect(examples, status).not.toHaveLength(0)
      for (const [name, example] of examples) {
        expect(validator.Errors(example), `${status} ${name}`).toEqual([])
      }
    }
    for (const [name, example] of Object.entries(operation.bodyExamples ?? {})) {
      expect(Compile(operation.body!).Errors(example), name).toEqual([])
    }
  })

  test(`${operation.id} declares 401 and 429, and 404 and 422 where it names a reality data`, () => {
    const expected = operation.path.includes(':') ? [401, 404, 422, 429] : [401, 422, 429]
    expect(Object.keys(operation.responses).map(Number)).toEqual(expect.arrayContaining(expected))
  })
}

test('operations have ids and routes of their own', () => {
  expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length)
  expect(new Set(operations.map(({ method, path }) => `${method} ${path}`)).size).toBe(operations.length)
})

test('what changes something, write access included, needs more than realitydata:read', () => {
  for (const { id, method, scopes } of operations) {
    const changes = method !== 'GET' || id.startsWith('get-write-access')
    expect(scopes.includes('realitydata:read'), id).toBe(!changes)
    expect(scopes.includes('realitydata:modify'), id).toBe(changes)
    expect(scopes, id).toContain('itwin-platform')
  }
})
