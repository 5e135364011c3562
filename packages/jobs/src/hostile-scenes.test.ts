// Scenes that mean harm are refused for the right reason, at once and without the memory they ask for.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import type { SceneOutcome } from './hostile-scenes.fixture.ts'

const mostMegabytes = 256
const mostMilliseconds = 1000

const outcomes = new Map<string, SceneOutcome>()

beforeAll(async () => {
  const program = join(import.meta.dirname, 'hostile-scenes.fixture.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [program], { maxBuffer: 1e7 })
  for (const line of stdout.trimEnd().split('\n')) {
    const outcome: SceneOutcome = JSON.parse(line)
    outcomes.set(outcome.name, outcome)
  }
})

const path = '$.PointCloudCollection.PointClouds.0.Path: '
const noPath = `${path}scene path: expected <reference id>:<relative path>, got `
const noGuid = `${path}expected a reference rds:<guid>, got `

const refused: [name: string, problem: string][] = [
  ['refers to itself', `${path}expected a point cloud, got another scene.`],
  ['refers to a scene that refers to it', `${path}expected a point cloud, got another scene.`],
  ['has 100,000 references', '$.References: expected at most 10000 entries, got 100000.'],
  ['has 100,000 clouds', '$.PointCloudCollection.PointClouds: expected at most 10000 entries, got 100000.'],
  ['refers to no GUID', `${noGuid}'rds:11111111-0000-4000-8000-00000000000'.`],
  ['refers to __proto__', `${noGuid}'rds:__proto__'.`],
  ['refers to an address', `${noGuid}'http://127.0.0.1/latest/meta-data'.`],
  ['refers to a file of the machine', `${noGuid}'file:///etc/passwd'.`],
  ['has a reference called __proto__', `${noPath}"__proto__:a.las"`],
  [
    'has a cloud called __proto__ that is none',
    '$.PointCloudCollection.PointClouds.__proto__: expected an object, got null',
  ],
  ['has clouds that are inherited', 'refers to no point clouds.'],
  ['climbs out of its folder', `${noPath}"0:../../secret.las"`],
  ['climbs out with backslashes', `${noPath}"0:..`],
  ['names an absolute path', `${noPath}"/etc/passwd"`],
  ['hides a NUL in a path', `${noPath}"0:a\\u0000.las"`],
  ['is nested a million levels deep', '$: expected at most 64 levels, got more at character 64'],
  ['nests objects where nobody looks', '$: expected at most 64 levels, got more at character'],
  ['nests arrays where a path belongs', `${path}expected a string, got an array`],
  ['is 16 MB of empty arrays', '$: expected at most 500000 values, got more up to character'],
  ['is 16 MB of numbers', '$: expected at most 500000 values, got more up to character'],
  ['is 16 MB of keys', '$: expected at most 500000 values, got more up to character'],
  ['is 16 MB of one text', '$.version: expected 5.0 or 6.0, got xxxx'],
  ['is as large as it may be, and of a version that nobody has', '$.version: expected 5.0 or 6.0, got 9.0'],
  ['is one byte more than 16 MB', 'expected at most 16777216 bytes, got 16777217.'],
  ['opens and never closes', '$: expected JSON: '],
  ['is not UTF-8', '$: expected UTF-8 text, got other bytes'],
  ['is XML', '$: expected a JSON scene (5.0 or 6.0), got XML'],
  ['is nothing', '$: expected JSON: '],
  ['is null', '$: expected an object, got null'],
  ['numbers a system beyond numbers', '$.PointCloudCollection.SRSId: expected a whole number, got Infinity'],
]

test.each(refused)('a scene that %s: %s', (name, problem) => {
  expect(outcomes.get(name)).not.toHaveProperty('crash')
  const [code, input, told] = outcomes.get(name)!.fault!
  expect([code, input]).toEqual(['InputData_Invalid', 'pointClouds1'])
  expect(told).toContain('ContextScene.json')
  expect(told).toContain(problem)
})

test('a scene that names itself as a cloud is no point cloud', () => {
  const { fault } = outcomes.get('refers to its own file')!
  expect(fault!.slice(0, 2)).toEqual(['InputData_NotAPointCloud', 'ContextScene.json'])
})

test.each(['names one folder 10,000 times', 'names 10,000 files by 10,000 references'])(
  'a scene that %s means each file once',
  (name) => {
    expect(outcomes.get(name)).toMatchObject({ fileCount: 10_000 })
  },
)

test(`each takes at most ${mostMilliseconds} ms and ${mostMegabytes} MB more than the process had before`, () => {
  const [first, ...others] = [...outcomes.values()]
  expect(others.length).toBe(refused.length + 3)
  expect(others.filter(({ milliseconds }) => milliseconds > mostMilliseconds)).toEqual([])
  expect(others.at(-1)!.peakMegabytes - first!.peakMegabytes).toBeLessThan(mostMegabytes)
})
