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
  ['is nothing', '$: expected JSON: '],
  ['is null', '$: expected an object, got null'],
  ['numbers a system beyond numbers', '$.PointCloudCollection.SRSId: expected a whole number, got Infinity'],
]

const noDoctype = 'XML: expected XML without DOCTYPE, ENTITY and CDATA'
const tooMany = 'expected at most 500000 elements, got more'
const tooDeep = 'expected at most 32 elements inside each other, got more'

const refusedXml: [name: string, problem: string][] = [
  ...[
    'has a document type',
    'has one in another case, behind a comment',
    'has one in a comment',
    'laughs a billion times',
    'laughs quadratically',
    'asks for a file of the machine',
    'asks for an address',
    'asks for definitions from an address',
    'has parameters for entities',
    'has a document type in UTF-16',
    'has CDATA',
  ].map((name): [string, string] => [name, noDoctype]),
  ['uses entities that nobody knows', 'expected text whose entities XML knows, got "&xxe;'],
  ['includes another file', 'refers to no point clouds.'],
  ['has an instruction', 'XML, character 66: expected an element, got "<?php'],
  ['is nested a million elements deep', tooDeep],
  ['is nested 33 elements deep', tooDeep],
  ['is 16 MB of elements', tooMany],
  ['is 16 MB of elements that nobody closes', tooDeep],
  ['is 16 MB of attributes', 'XML, character 37: expected one attribute a, got'],
  ['has 100,000 attributes', 'expected at most 64 attributes, got more'],
  ['is 16 MB of elements with attributes', tooMany],
  ['is 16 MB of references to characters', 'expected at most 1000000 characters of text, got more'],
  ['is 16 MB of references in small texts', tooMany],
  ['is 16 MB of one text in XML', 'expected at most 1000000 characters of text, got more'],
  ['is 16 MB of one attribute', 'expected at most 1000000 characters of text, got more'],
  ['is 16 MB of one name', 'refers to no point clouds.'],
  ['is 16 MB of white space in a tag', 'XML, character 68: expected >, got'],
  ['is 16 MB of comments', 'refers to no point clouds.'],
  ['is 16 MB of a comment that never ends', 'expected a comment that ends, got'],
  ['opens an element and never closes it', 'XML, character 40: expected </References>, got ""'],
  ['closes what it did not open', 'expected </ContextScene> before, got'],
  ['goes on after its end', 'expected the end, got "<ContextScene/>"'],
  ['has a reference twice', '/ContextScene/References/*[2]/@id: expected an id of its own, got again "0"'],
  ['has an attribute twice', 'expected one attribute a, got'],
  [
    'numbers a reference by a fraction',
    '/ContextScene/References/*[1]/@id: expected a whole number, got "0.5"',
  ],
  ['numbers a reference by __proto__', '/ContextScene/References/*[1]/@id: expected a whole number, got "__proto__"'], // biome-ignore format: one line
  ['has clouds that XML would inherit', 'refers to no point clouds.'],
  ['says that it is ISO-8859-1', 'XML: expected XML in UTF-8, got ISO-8859-1'],
  ['says that it is UTF-7', 'XML: expected XML in UTF-8, got UTF-7'],
  ['says that it is UTF-16', 'XML: expected XML in UTF-8, got UTF-16'],
  ['is UTF-16 without saying so', 'XML: expected UTF-8, or UTF-16 with a byte order mark'],
  ['is UTF-32', 'expected no control characters, got one'],
  ['is XML that is not UTF-8', 'XML: expected XML in UTF-8, got other bytes'],
  ['ends as DOS files do', 'expected no control characters, got one'],
  ['hides a NUL in XML', 'expected no control characters, got one'],
  ['hides a NUL by a reference', 'expected text whose entities XML knows, got "a&#0;.las'],
  ['climbs out of its folder in XML', `${noPath}"..`],
  ['refers from XML to itself', `${path}expected a point cloud, got another scene.`],
  [
    'has 20,000 clouds in XML',
    '$.PointCloudCollection.PointClouds: expected at most 10000 entries, got 20000.',
  ],
  ['is a page of a browser', '/html: expected <ContextScene>'],
  ['has a version that is none of XML', '/ContextScene/@version: expected 3.0 or 4.0, got 6.0'],
]

const all = [
  ...refused.map(([name, problem]): [string, string, string] => [name, 'ContextScene.json', problem]),
  ...refusedXml.map(([name, problem]): [string, string, string] => [name, 'ContextScene.xml', problem]),
]
test.each(all)('a scene that %s: %s %s', (name, file, problem) => {
  expect(outcomes.get(name)).not.toHaveProperty('crash')
  const [code, input, told] = outcomes.get(name)!.fault!
  expect([code, input]).toEqual(['InputData_Invalid', 'pointClouds1'])
  expect(told).toContain(file)
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
  expect(others.length).toBe(all.length + 3)
  expect(others.filter(({ milliseconds }) => milliseconds > mostMilliseconds)).toEqual([])
  expect(others.at(-1)!.peakMegabytes - first!.peakMegabytes).toBeLessThan(mostMegabytes)
})
