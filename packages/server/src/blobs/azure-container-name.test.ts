import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { azureContainerName, containerOfAzureName } from './azure-container-name.ts'

const id = 'a1b2c3d4-0000-4000-8000-0123456789ab'

test('uploads lie under the GUID, attempts under their number before it, and each name leads back', () => {
  expect(azureContainerName({ id, attempt: 0 })).toBe(id)
  expect(azureContainerName({ id: id.toUpperCase(), attempt: 12 })).toBe(`12-${id}`)
  for (const attempt of [0, 1, 9, 10, 999_999_999]) {
    const key = { id: randomUUID(), attempt }
    const name = azureContainerName(key)
    expect(name).toMatch(/^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/)
    expect(containerOfAzureName(name)).toEqual(key)
  }
})

test('a client that cuts a container URL at the GUID and puts a name behind it finds the blob', () => {
  const url = `https://account.blob.core.windows.net/${azureContainerName({ id, attempt: 3 })}?sig=x`
  const [before, after] = url.split(id)
  expect(`${before}${id}/scene.json${after}`).toBe(
    `https://account.blob.core.windows.net/3-${id}/scene.json?sig=x`,
  )
})

test("containers of others in the account are nobody's attempt", () => {
  const others = ['$web', 'backup', `${id}-1`, `0-${id}`, `01-${id}`, `a-${id}`, id.toUpperCase(), `1-${id}0`]
  for (const name of others) expect(containerOfAzureName(name)).toBeUndefined()
})

test('ids that are no GUID and attempts that are no count are refused', () => {
  for (const bad of ['', '..', 'x', `${id}/..`, `${id}\n`])
    expect(() => azureContainerName({ id: bad, attempt: 0 })).toThrow('must be a GUID')
  for (const attempt of [-1, 0.5, Number.NaN, 2 ** 60])
    expect(() => azureContainerName({ id, attempt })).toThrow('whole number')
})
