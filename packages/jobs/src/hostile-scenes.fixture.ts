// A process that looks for the clouds of scenes that mean harm: `node hostile-scenes.fixture.ts` prints one JSON line for
// each, with the processor time it took and the resident memory the process had taken at most by then.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { findInputFiles } from './input-files.ts'
import type { InputReader } from './input-reader.ts'
import { JobError } from './job-error.ts'

export interface SceneOutcome {
  name: string
  /** Of the processor. */
  milliseconds: number
  peakMegabytes: number
  /** Code and params of the refusal. */
  fault?: string[]
  /** What was thrown beside a JobError. */
  crash?: string
  fileCount?: number
}

const ids = {
  scene: '22222222-0000-4000-8000-000000000001',
  otherScene: '22222222-0000-4000-8000-000000000002',
  clouds: '11111111-0000-4000-8000-000000000001',
} as const

const largest = 16 * 1024 * 1024

/** A scene of these clouds and references. */
function scene(paths: Iterable<string>, references: Iterable<string> = [], more = ''): string {
  const numbered = (values: Iterable<string>) =>
    [...values].map((Path, i) => `"${i}":${JSON.stringify({ Path })}`).join(',')
  return `{"version":"6.0",${more}"PointCloudCollection":{"PointClouds":{${numbered(paths)}}},"References":{${numbered(references)}}}`
}

const times = (count: number, text: (i: number) => string) => Array.from({ length: count }, (_, i) => text(i))
const nested = (open: string, close: string, levels: number) => open.repeat(levels) + close.repeat(levels)
const filled = (unit: string) => `[${unit.repeat(Math.floor((largest - 100) / unit.length))}0]`
const rds = (id: string) => `rds:${id}`

/** By name; a scene is made when its turn comes. */
const scenes: Record<string, () => string | Uint8Array> = {
  'refers to itself': () => scene(['0:'], [rds(ids.scene)]),
  'refers to its own file': () => scene(['0:ContextScene.json'], [rds(ids.scene)]),
  'refers to a scene that refers to it': () => scene(['0:'], [rds(ids.otherScene)]),
  'has 100,000 references': () =>
    scene(
      ['0:a.las'],
      times(100_000, () => rds(ids.clouds)),
    ),
  'has 100,000 clouds': () =>
    scene(
      times(100_000, (i) => `0:${i}.las`),
      [rds(ids.clouds)],
    ),
  'names one folder 10,000 times': () =>
    scene(
      times(10_000, () => '0:'),
      [rds(ids.clouds)],
    ),
  'names 10,000 files by 10,000 references': () =>
    scene(
      times(10_000, (i) => `${i}:${i}.las`),
      times(10_000, () => rds(ids.clouds)),
    ),
  'refers to no GUID': () => scene(['0:a.las'], ['rds:11111111-0000-4000-8000-00000000000']),
  'refers to __proto__': () => scene(['0:a.las'], ['rds:__proto__']),
  'refers to an address': () => scene(['0:a.las'], ['http://127.0.0.1/latest/meta-data']),
  'refers to a file of the machine': () => scene(['0:a.las'], ['file:///etc/passwd']),
  'has a reference called __proto__': () => scene(['__proto__:a.las'], [], '"__proto__":{"Path":"x"},'),
  'has a cloud called __proto__ that is none': () =>
    '{"version":"6.0","PointCloudCollection":{"PointClouds":{"__proto__":null}}}',
  'has clouds that are inherited': () => '{"version":"6.0","__proto__":{"PointCloudCollection":{"PointClouds":{"0":{"Path":"a.las"}}}}}', // biome-ignore format: one line
  'climbs out of its folder': () => scene(['0:../../secret.las'], [rds(ids.clouds)]),
  'climbs out with backslashes': () => scene(['0:..\\..\\secret.las'], [rds(ids.clouds)]),
  'names an absolute path': () => scene(['/etc/passwd']),
  'hides a NUL in a path': () => scene(['0:a\0.las'], [rds(ids.clouds)]),
  'is nested a million levels deep': () => nested('[', ']', 1e6),
  'nests objects where nobody looks': () =>
    scene([], [], `"Photos":${nested('{"a":', '}', 1e5).replace('}', '0}')},`),
  'nests arrays where a path belongs': () =>
    `{"version":"6.0","PointCloudCollection":{"PointClouds":{"0":{"Path":${nested('[', ']', 50)}}}}}`,
  'is 16 MB of empty arrays': () => filled('[],'),
  'is 16 MB of numbers': () => filled('1,'),
  'is 16 MB of keys': () => `{${times(1_000_000, (i) => `"${i}":1`).join(',')}}`,
  'is 16 MB of one text': () => `{"version":"${'x'.repeat(largest - 100)}"}`,
  'is as large as it may be, and of a version that nobody has': () => {
    const head = `{"version":"9.0","a":[${'{"b":[]},'.repeat(160_000)}0],"c":"`
    return `${head}${'\u0416'.repeat((largest - head.length - 2) / 2)}"}`
  },
  'is one byte more than 16 MB': () => ' '.repeat(largest + 1),
  'opens and never closes': () => '{"version":"6.0","References":{'.repeat(10),
  'is not UTF-8': () => Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d),
  'is nothing': () => '',
  'is null': () => 'null',
  'numbers a system beyond numbers': () =>
    '{"version":"6.0","PointCloudCollection":{"SRSId":1e999,"PointClouds":{"0":{"Path":"a.las"}}}}',
}

const xml = (inside: string, before = '', version = '4.0') =>
  `<?xml version="1.0" encoding="UTF-8"?>${before}<ContextScene version="${version}">${inside}</ContextScene>`
const xmlCloud = (path: string) =>
  `<PointCloudCollection><PointClouds><PointCloud id="0"><Path>${path}</Path></PointCloud></PointClouds></PointCloudCollection>`
const xmlReference = (id: string, path: string) => `<Reference id="${id}"><Path>${path}</Path></Reference>`
/** As often as fits into the largest scene. */
const often = (unit: string) => unit.repeat(Math.floor((largest - 200) / unit.length))
const laughs = [1, 2, 3, 4, 5, 6, 7, 8, 9]
  .map((i) => `<!ENTITY l${i} "${`&l${i - 1};`.repeat(10)}">`)
  .join('')
const utf16 = (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le')

const xmlScenes: Record<string, () => string | Uint8Array> = {
  'has a document type': () => xml(xmlCloud('a.las'), '<!DOCTYPE ContextScene>'),
  'has one in another case, behind a comment': () => xml(xmlCloud('a.las'), '<!-- x --><!doctype x []>'),
  'has one in a comment': () => xml('', '<!-- <!DOCTYPE x> -->'),
  'laughs a billion times': () => xml(xmlCloud('&l9;'), `<!DOCTYPE l [<!ENTITY l0 "lol">${laughs}]>`),
  'laughs quadratically': () =>
    xml(xmlCloud('&a;'.repeat(1e5)), `<!DOCTYPE a [<!ENTITY a "${'a'.repeat(1e5)}">]>`),
  'asks for a file of the machine': () =>
    xml(xmlCloud('&a;'), '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>'),
  'asks for an address': () =>
    xml(xmlCloud('&a;'), '<!DOCTYPE a [<!ENTITY a SYSTEM "http://127.0.0.1:1/latest/meta-data">]>'),
  'asks for definitions from an address': () => xml('', '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd">'),
  'has parameters for entities': () => xml('', '<!DOCTYPE a [<!ENTITY % b SYSTEM "file:///etc/hosts"> %b;]>'),
  'has a document type in UTF-16': () => utf16('<!DOCTYPE a [<!ENTITY a "b">]><ContextScene version="4.0"/>'),
  'uses entities that nobody knows': () => xml(xmlCloud('&xxe;')),
  'has CDATA': () => xml(xmlCloud('<![CDATA[a.las]]>')),
  'includes another file': () =>
    xml('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'),
  'has an instruction': () => xml('<?php system("id") ?>'),
  'is nested a million elements deep': () => xml(nested('<a>', '</a>', 1e6)),
  'is nested 33 elements deep': () => xml(nested('<a>', '</a>', 32)),
  'is 16 MB of elements': () => xml(often('<a/>')),
  'is 16 MB of elements that nobody closes': () => xml(often('<a>')),
  'is 16 MB of attributes': () => `<ContextScene version="4.0" ${often('a="" ')}/>`,
  'has 100,000 attributes': () =>
    `<ContextScene version="4.0" ${times(100_000, (i) => `a${i}="" `).join('')}/>`,
  'is 16 MB of elements with attributes': () => xml(often('<a b="" c="" d=""/>')),
  'is 16 MB of references to characters': () => xml(`<A>${often('&#65;')}</A>`),
  'is 16 MB of references in small texts': () => xml(often(`<A>${'&#65;'.repeat(20)}</A>`)),
  'is 16 MB of one text in XML': () => xml(`<A>${often('x')}</A>`),
  'is 16 MB of one attribute': () => xml(`<A b="${often('x')}"/>`),
  'is 16 MB of one name': () => xml(`<${often('x')}/>`),
  'is 16 MB of white space in a tag': () => xml(`<A ${often(' ')}`),
  'is 16 MB of comments': () => xml(often('<!---->')),
  'is 16 MB of a comment that never ends': () => xml(`<!--${often('-')}`),
  'opens an element and never closes it': () => '<ContextScene version="4.0"><References>',
  'closes what it did not open': () => xml('</References>'),
  'goes on after its end': () => `${xml('')}<ContextScene/>`,
  'has a reference twice': () =>
    xml(`<References>${xmlReference('0', 'a')}${xmlReference('0', 'b')}</References>`),
  'has an attribute twice': () => xml('<References a="1" a="2"/>'),
  'numbers a reference by a fraction': () => xml(`<References>${xmlReference('0.5', 'a')}</References>`),
  'numbers a reference by __proto__': () => xml(`<References>${xmlReference('__proto__', 'a')}</References>`),
  'has clouds that XML would inherit': () => xml(`<__proto__>${xmlCloud('a.las')}</__proto__>`),
  'says that it is ISO-8859-1': () => xml('').replace('UTF-8', 'ISO-8859-1'),
  'says that it is UTF-7': () => `${xml('').replace('UTF-8', 'UTF-7')}+ADw-script+AD4-`,
  'says that it is UTF-16': () => xml('').replace('UTF-8', 'UTF-16'),
  'is UTF-16 without saying so': () => utf16(xml('')).subarray(2),
  'is UTF-32': () => Buffer.from(`\uFEFF${xml('')}`.replace(/./gsu, '$&\0'), 'utf16le'),
  'is XML that is not UTF-8': () => Buffer.concat([Buffer.from('<ContextScene version="4.0">'), Buffer.of(0xc0, 0xbc), Buffer.from('</ContextScene>')]), // biome-ignore format: one line
  'ends as DOS files do': () => `${xml('')}\x1a`,
  'hides a NUL in XML': () => xml(xmlCloud('a\0.las')),
  'hides a NUL by a reference': () => xml(xmlCloud('a&#0;.las')),
  'climbs out of its folder in XML': () => xml(xmlCloud('..\\..\\secret.las')),
  'refers from XML to itself': () => xml(`${xmlCloud('0:')}<References>${xmlReference('0', rds(ids.scene))}</References>`), // biome-ignore format: one line
  'has 20,000 clouds in XML': () =>
    xml(`<PointCloudCollection><PointClouds>${times(20_000, (i) => `<PointCloud id="${i}"><Path>${i}.las</Path></PointCloud>`).join('')}</PointClouds></PointCloudCollection>`), // biome-ignore format: one line
  'is a page of a browser': () => '<html><body>404</body></html>',
  'has a version that is none of XML': () => xml('', '', '6.0'),
}

/** Ten thousand clouds, and two scenes that refer to each other. */
function readerOf(name: string, text: string | Uint8Array): InputReader {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  const other = Buffer.from(scene(['0:'], [rds(ids.scene)]))
  const clouds = times(10_000, (i) => `${i}.las`).map((name) => ({ name, sizeBytes: 300 }))
  const sceneFile = (content: Uint8Array) => [
    {
      name: Object.hasOwn(xmlScenes, name) ? 'ContextScene.xml' : 'ContextScene.json',
      sizeBytes: content.length,
    },
  ]
  return {
    describe: async (id) =>
      id === ids.clouds ? { type: 'LAS' } : id === ids.scene || id === ids.otherScene ? { type: 'ContextScene' } : undefined, // biome-ignore format: one line
    list: async (id) => (id === ids.clouds ? clouds : sceneFile(id === ids.scene ? bytes : other)),
    read: async (id) => (id === ids.scene ? bytes : other),
  }
}

async function outcomeOf(name: string, text: string | Uint8Array): Promise<SceneOutcome> {
  const reader = readerOf(name, text)
  const began = process.cpuUsage()
  const found = await findInputFiles(reader, 'pointClouds1', ids.scene).catch((error: unknown) => error)
  // Not wall time: other tests keep the machine busy.
  const { user, system } = process.cpuUsage(began)
  const milliseconds = Math.round((user + system) / 1000)
  const peakMegabytes = Math.round(process.resourceUsage().maxRSS / 1024)
  const said = { name, milliseconds, peakMegabytes }
  if (found instanceof JobError)
    return { ...said, fault: [found.jobMessage.code, ...found.jobMessage.params] }
  if (Array.isArray(found)) return { ...said, fileCount: found.length }
  return { ...said, crash: String((found as Error).stack) }
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
// The text and its bytes are the test's own: they are there, in their largest form, before memory is counted.
const outcomes = [await outcomeOf('nothing yet', Buffer.alloc(3 * largest, ' '))]
for (const [name, make] of Object.entries({ ...scenes, ...xmlScenes })) {
  collectGarbage()
  outcomes.push(await outcomeOf(name, make()))
}
for (const outcome of outcomes) process.stdout.write(`${JSON.stringify(outcome)}\n`)
