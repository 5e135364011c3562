import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { JobError } from '@alidade/jobs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { localInputFiles } from './local-inputs.ts'
import { UsageError } from './usage-error.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alidade-inputs-'))
  await mkdir(join(folder, 'tiles/below'), { recursive: true })
  await mkdir(join(folder, 'scene'))
  await mkdir(join(folder, 'empty'))
  for (const path of [
    'a.las',
    'tiles/2.LAZ',
    'tiles/1.las',
    'tiles/notes.txt',
    'tiles/below/3.las',
    'scene/b.laz',
  ])
    await writeFile(join(folder, path), path)
  await symlink(join(folder, 'nowhere.las'), join(folder, 'tiles/broken-link.las'))
  await symlink(join(folder, 'a.las'), join(folder, 'link.las'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const find = (path: string) => localInputFiles('pointClouds1', join(folder, path))

async function paths(path: string): Promise<string[]> {
  return (await find(path)).map(({ segments }) => segments[0]!.path.slice(folder.length + 1))
}

interface SceneParts {
  clouds: string[]
  references?: string[]
}

/** Writes a scene, by default under a name of its own beside `b.laz`. */
async function scene({ clouds, references }: SceneParts, path = 'scene/my survey.json'): Promise<string> {
  const entries = <T>(values: T[]) => Object.fromEntries(values.map((value, i) => [String(i), value]))
  const text = JSON.stringify({
    version: '6.0',
    SpatialReferenceSystems: { '0': { Definition: 'EPSG:32632' } },
    PointCloudCollection: { SRSId: 0, PointClouds: entries(clouds.map((Path) => ({ Name: 'cloud', Path }))) },
    ...(references && { References: entries(references.map((Path) => ({ Path }))) }),
  })
  await writeFile(join(folder, path), text)
  return path
}

test('a file is itself, with its size', async () => {
  const [file] = await find('a.las')
  expect(file).toEqual({ name: 'a.las', segments: [{ path: join(folder, 'a.las'), sizeBytes: 5 }] })
})

test('waveforms beside a file come with it, whether it is named, in a folder or in a scene', async () => {
  await mkdir(join(folder, 'waves'))
  for (const name of ['w.las', 'w.wdp', 'v.las']) await writeFile(join(folder, 'waves', name), name)
  const waveforms = [{ path: join(folder, 'waves/w.wdp'), sizeBytes: 5 }]
  expect(await find('waves/w.las')).toMatchObject([{ name: 'w.las', waveforms }])
  const [v, w] = await find('waves')
  expect(v).not.toHaveProperty('waveforms')
  expect(w).toMatchObject({ name: 'w.las', waveforms })
  expect(await find(await scene({ clouds: ['w.las'] }, 'waves/my survey.json'))).toMatchObject([
    { waveforms },
  ])
})

test('a link is the file behind it', async () => {
  expect(await find('link.las')).toMatchObject([{ name: 'link.las', segments: [{ sizeBytes: 5 }] }])
})

test('a folder is the LAS and LAZ files that lie directly in it, by name', async () => {
  expect(await paths('tiles')).toEqual(['tiles/1.las', 'tiles/2.LAZ'])
})

test.each([
  ['a file beside it', { clouds: ['b.laz'] }, ['scene/b.laz']],
  ['a file in a folder beside it', { clouds: ['0:2.LAZ'], references: ['../tiles'] }, ['tiles/2.LAZ']],
  [
    'a file below such a folder',
    { clouds: ['0:below/3.las'], references: ['../tiles'] },
    ['tiles/below/3.las'],
  ],
  ['a whole folder', { clouds: ['0:'], references: ['../tiles'] }, ['tiles/1.las', 'tiles/2.LAZ']],
  ['a file as a reference', { clouds: ['0:'], references: ['../a.las'] }, ['a.las']],
  ['backslashes', { clouds: ['0:below\\3.las'], references: ['..\\tiles'] }, ['tiles/below/3.las']],
  [
    'several references',
    { clouds: ['1:a.las', '0:1.las'], references: ['../tiles', '..'] },
    ['a.las', 'tiles/1.las'],
  ],
  ['one file twice', { clouds: ['0:', '0:1.las'], references: ['../tiles'] }, ['tiles/1.las', 'tiles/2.LAZ']],
])('a scene may refer to %s', async (_, parts, expected) => {
  const path = await scene(parts)
  expect(await paths(path)).toEqual(expected)
  expect((await find(path)).map(({ sceneCrs }) => sceneCrs)).toEqual(expected.map(() => 'EPSG:32632'))
})

test('references may be absolute, as a path or a file URL', async () => {
  for (const reference of [join(folder, 'tiles'), `file://${folder}/tiles`])
    expect(await paths(await scene({ clouds: ['0:1.las'], references: [reference] }))).toEqual([
      'tiles/1.las',
    ])
})

test.each(['file:///%2F..', 'file:///a%2fb', 'file:///%zz', 'file:///a%00b', 'file://host/a'])(
  'a reference to %s is a fault of the input and no fault of ours',
  async (reference) => {
    const found = find(await scene({ clouds: ['0:1.las'], references: [reference] }))
    await expect(found).rejects.toBeInstanceOf(JobError)
  },
)

test('a folder with a ContextScene.json is that scene', async () => {
  await mkdir(join(folder, 'project'), { recursive: true })
  await writeFile(join(folder, 'project/unrelated.las'), '')
  await scene({ clouds: ['0:a.las'], references: ['..'] }, 'project/ContextScene.json')
  expect(await paths('project')).toEqual(['a.las'])
})

test('a ContextScene.xml does as well; where both are there, the JSON counts', async () => {
  await mkdir(join(folder, 'older'), { recursive: true })
  const xml = `<ContextScene version="3.0">
    <PointCloudCollection><PointClouds><PointCloud id="0"><Path>0:1.las</Path></PointCloud></PointClouds></PointCloudCollection>
    <References><Reference id="0"><Path>..\\tiles</Path></Reference></References></ContextScene>`
  await writeFile(join(folder, 'older/ContextScene.xml'), xml)
  await writeFile(join(folder, 'older/my survey.XML'), xml.replace('0:1.las', '0:9.las'))
  expect(await paths('older')).toEqual(['tiles/1.las'])
  await expect(find('older/my survey.XML')).rejects.toThrow(/9\.las in .*tiles/)
  await scene({ clouds: ['0:a.las'], references: ['..'] }, 'older/ContextScene.json')
  expect(await paths('older')).toEqual(['a.las'])
  expect(await paths('older/ContextScene.xml')).toEqual(['tiles/1.las'])
})

test.each([
  ['reality data', { clouds: ['0:'], references: ['rds:11111111-2222-3333-4444-555555555555'] }, 'rds:1111'],
  ['the net', { clouds: ['0:'], references: ['https://example.com/tiles'] }, 'https://example.com/tiles'],
  ['a folder that is not there', { clouds: ['0:'], references: ['../elsewhere'] }, 'elsewhere'],
  ['a file that is not there', { clouds: ['0:9.las'], references: ['../tiles'] }, '9.las in '],
  ['a file that is no cloud', { clouds: ['0:notes.txt'], references: ['../tiles'] }, 'notes.txt'],
  ['a folder without clouds', { clouds: ['0:'], references: ['../empty'] }, 'empty'],
  ['a reference that it lacks', { clouds: ['3:a.las'] }, "none for '3'"],
  ['a place outside of a reference', { clouds: ['0:../a.las'], references: ['../tiles'] }, '../a.las'],
  ['nothing', { clouds: [] }, 'refers to no point clouds'],
])('a scene that refers to %s is a fault of the job, which names it', async (_, parts, told) => {
  const fault = find(await scene(parts))
  await expect(fault).rejects.toThrow(JobError)
  await expect(fault).rejects.toThrow(told)
})

test.each([
  ['nowhere.las', /nowhere\.las cannot be read \(ENOENT\)/],
  [
    'tiles/notes.txt',
    /expected a \.las or \.laz file, a folder of them or a ContextScene\.json or ContextScene\.xml/,
  ],
  ['empty', /holds no \.las or \.laz file/],
])('%s is wrong usage', async (path, message) => {
  await expect(find(path)).rejects.toThrow(UsageError)
  await expect(find(path)).rejects.toThrow(message)
})

test('what would lie in a bucket is any file, and no folder', async () => {
  const notes = join(folder, 'tiles/notes.txt')
  const extent = (path: string) => localInputFiles('extent', path, { kind: 'bucketFile' })
  expect(await extent(notes)).toEqual([
    { name: 'notes.txt', segments: [{ path: notes, sizeBytes: 'tiles/notes.txt'.length }] },
  ])
  await expect(extent(join(folder, 'tiles'))).rejects.toThrow(UsageError)
})
