import { expect, test } from 'vitest'
import { allocateColumns } from './las-columns.ts'

test('more points than memory can hold are refused by name', () => {
  expect(() => allocateColumns(1e15)).toThrow(
    expect.objectContaining({ name: 'FormatError', code: 'Unsupported' }),
  )
})
