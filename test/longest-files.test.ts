import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { longestFiles } from './longest-files.ts'

test('every file that is begun first is there, and named once', () => {
  const root = join(import.meta.dirname, '..')
  expect(longestFiles.filter((name) => !existsSync(join(root, name)))).toEqual([])
  expect(new Set(longestFiles).size).toBe(longestFiles.length)
})
