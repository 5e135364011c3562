// Files that lie are refused for the right reason, at once, and before memory is taken for what they claim.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { hostileFiles } from './hostile-las.fixture.ts'
import type { Outcome } from './read-hostile.fixture.ts'

const mostMegabytes = 256
const mostMilliseconds = 1000

let outcomes: Map<string, Outcome>
let limited: boolean

beforeAll(async () => {
  const program = join(import.meta.dirname, 'read-hostile.fixture.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [program, String(mostMegabytes)])
  const [first, ...lines] = stdout.trimEnd().split('\n')
  limited = JSON.parse(first!).limited
  outcomes = new Map(lines.map((line) => [JSON.parse(line).name, JSON.parse(line)]))
})

test.each(hostileFiles)('$name: $code at $place', ({ name, code, place }) => {
  const { error, milliseconds } = outcomes.get(name)!
  expect(error).toMatchObject({ name: 'FormatError', code, place })
  expect(error!.message).toMatch(/expected .*, got |chunk table version/)
  expect(milliseconds).toBeLessThan(mostMilliseconds)
})

test('there are as many cases as names, and each was read under the limit of memory', () => {
  expect(outcomes.size).toBe(hostileFiles.length)
  expect(hostileFiles.length).toBeGreaterThanOrEqual(60)
  if (process.platform === 'linux') expect(limited).toBe(true)
})
