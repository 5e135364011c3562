import { expect, test } from 'vitest'
import { realityDataIdOf, splitScenePath } from './scene-path.ts'

test.each([
  ['0:sub/file.las', { referenceId: '0', relativePath: 'sub/file.las' }],
  ['12:sub\\deep\\file.las', { referenceId: '12', relativePath: 'sub/deep/file.las' }],
  ['0:', { referenceId: '0', relativePath: '' }],
  ['0:./a//b.las', { referenceId: '0', relativePath: 'a/b.las' }],
  ['file.las', { relativePath: 'file.las' }],
  ['0:a..b/c...las', { referenceId: '0', relativePath: 'a..b/c...las' }],
])('%s', (path, expected) => {
  expect(splitScenePath(path)).toEqual(expected)
})

test.each([
  '0:../file.las',
  '0:a/../../file.las',
  '0:a\\..\\file.las',
  '..',
  '/etc/passwd',
  '0:/etc/passwd',
  '\\\\server\\share\\file.las',
  'C:\\file.las',
  '0:C:/file.las',
  '0:a\0.las',
  '0:a:stream',
])('%j leads out of the folder and is refused', (path) => {
  expect(() => splitScenePath(path)).toThrow(
    expect.objectContaining({ name: 'FormatError', code: 'Invalid' }),
  )
})

test('a reference to reality data gives its id', () => {
  const guid = '11111111-2222-3333-4444-55555555abcd'
  expect(realityDataIdOf(`rds:${guid.toUpperCase()}`)).toBe(guid)
  expect(realityDataIdOf(`rds:${guid}/`)).toBe(guid)
  expect(realityDataIdOf('rds:not-a-guid')).toBeUndefined()
  expect(realityDataIdOf('file:///c/data')).toBeUndefined()
})
