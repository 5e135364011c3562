import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Io } from './main.ts'
import { runCommand } from './run-command.ts'
import { readRunArguments } from './run-request.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alidade-request-'))
  await mkdir(join(folder, 'empty'))
  // Nobody looks into a file before the arguments make sense.
  for (const name of ['a.las', 'b.laz', 'notes.txt', 'notes.md']) await writeFile(join(folder, name), '')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function io(printed: string[] = []): Io {
  const stream = { write: (text: string) => void printed.push(text) } as unknown as NodeJS.WritableStream
  return { stdout: stream, stderr: stream, env: {}, cwd: folder, signal: new AbortController().signal }
}

const inputs = ['--input', 'pointClouds1=a.las', '--input', 'pointClouds2=b.laz']
const asked = ['--output', 'objects3D', '--out', 'results']

async function request(...args: string[]) {
  const read = await readRunArguments(args, io())
  if (!('request' in read)) throw new TypeError('expected a request, got one for help')
  return read.request
}

test('names of inputs, outputs and options are read without regard to case, and kept as they were asked for', async () => {
  const read = await request(
    ...['changeDetection', '--input', 'POINTCLOUDS1=a.las', '--input', 'pointclouds2=b.laz'],
    ...['--output', 'OBJECTS3D', '--option', 'MinPOINTS=25', '--out', 'results'],
  )
  expect(read).toMatchObject({
    type: 'changeDetection',
    version: 'v1',
    inputs: [
      { name: 'modelA', nameAsked: 'POINTCLOUDS1', paths: [join(folder, 'a.las')] },
      { name: 'modelB', nameAsked: 'pointclouds2', paths: [join(folder, 'b.laz')] },
    ],
    outputs: [{ name: 'objects3D', nameAsked: 'OBJECTS3D' }],
    options: { minPoints: 25 },
    folder: join(folder, 'results'),
  })
})

test('outputs are repeated or joined by commas, and one that is named twice counts once', async () => {
  const { outputs } = await request(
    ...['changeDetection', ...inputs, ...asked, '--output', 'segmentedModel3DA, objects3D,segmentedModel3DB'],
  )
  expect(outputs.map(({ nameAsked }) => nameAsked)).toEqual([
    'objects3D',
    'segmentedModel3DA',
    'segmentedModel3DB',
  ])
})

test('segmented surveys are outputs under both versions', async () => {
  for (const type of ['changeDetection', 'ChangeDetection']) {
    const [a, b] = type === 'changeDetection' ? ['pointClouds1', 'pointClouds2'] : ['model3DA', 'model3DB']
    const { outputs } = await request(
      ...[type, '--input', `${a}=a.las`, '--input', `${b}=b.laz`, '--out', 'results'],
      ...['--output', 'segmentedModel3DA,segmentedModel3DB'],
    )
    expect(outputs.map(({ name }) => name)).toEqual(['segmentedModel3DA', 'segmentedModel3DB'])
  }
})

test('options of the second version have its names and are typed by the declaration', async () => {
  const { options, version } = await request(
    ...['ChangeDetection', '--input', 'model3DA=a.las', '--input', 'model3DB=b.laz', ...asked],
    ...[
      '--option',
      'growThreshold=0.5',
      '--option',
      'filterThreshold=1e0',
      '--option',
      'minPointsPerChange=7',
    ],
  )
  expect(version).toBe('v2')
  expect(options).toEqual({ distThresholdLow: 0.5, distThresholdHigh: 1, minPoints: 7 })
})

test('an option that has an effect is passed on, and noted nowhere as without one', async () => {
  const { ignoredOptions, options } = await request(
    ...['Segmentation3D', '--input', 'model3D=a.las', '--output', 'segmentation3D', '--out', 'results'],
    ...['--input', 'pointCloudSegmentationDetector=@alidade/ground', '--option', 'computeLineWidth=true'],
  )
  expect(options).toEqual({ computeLineWidth: true })
  expect(ignoredOptions).toEqual([])
})

test('a detector is known by its name, with its version or without, and extractGround has one without being told', async () => {
  const ground = { library: { name: '@alidade/ground', version: '1.0' } }
  const cloud = ['--output', 'segmentation3D', '--out', 'results', '--input']
  const detectors = { pointCloudSegmentationDetector: ground }
  expect(await request('extractGround', ...cloud, 'pointClouds=a.las')).toMatchObject({ detectors })
  for (const name of ['@alidade/ground', '@Alidade/Ground/1.0']) {
    const named = ['--input', `pointCloudSegmentationDetector=${name}`]
    const read = await request('Segmentation3D', ...cloud, 'model3D=a.las', ...named)
    expect(read).toMatchObject({ detectors, inputs: [{ name: 'pointClouds', nameAsked: 'model3D' }] })
  }
})

test('a detector that is no name of one is a file', async () => {
  const named = ['--input', 'model3D=a.las', '--input', 'pointCloudSegmentationDetector=notes.txt']
  const { detectors } = await request(
    'Segmentation3D',
    ...named,
    '--output',
    'segmentation3D',
    '--out',
    'results',
  )
  const segments = [{ path: join(folder, 'notes.txt'), sizeBytes: 0 }]
  expect(detectors).toEqual({
    pointCloudSegmentationDetector: { files: [{ name: 'notes.txt', segments }] },
  })
})

test('the same file given twice to one input counts once', async () => {
  const read = await request('changeDetection', ...inputs, ...asked, '--input', 'pointClouds1=./a.las')
  expect(read.inputs[0]!.paths).toEqual([join(folder, 'a.las')])
})

test.each<[string[], RegExp]>([
  [[], /expected a job type/],
  [['groundwork'], /no job type 'groundwork'; expected changeDetection or ChangeDetection or extractGround/],
  [['objects2D'], /'objects2D' is not delivered yet; expected changeDetection or ChangeDetection/],
  [['ExtractGround'], /no job type 'ExtractGround'/],
  [
    ['Segmentation3D', '--input', 'model3D=a.las', '--output', 'segmentation3D'],
    /expected --input pointCloudSegmentationDetector=NAME, such as @alidade\/ground/,
  ],
  [
    ['extractGround', '--input', 'pointCloudSegmentationDetector=@acme/trees', '--output', 'segmentation3D'],
    /there is no detector '@acme\/trees' here; expected @alidade\/ground/,
  ],
  [
    ['extractGround', '--input', 'pointClouds=a.las', '--output', 'exportedSegmentation3DPOD'],
    /'exportedSegmentation3DPOD' is not delivered yet/,
  ],
  [
    ['extractGround', '--input', 'meshes=a.las', '--output', 'segmentation3D'],
    /'meshes' is not delivered yet/,
  ],
  [['CHANGEDETECTION'], /no job type 'CHANGEDETECTION'/],
  [['changeDetection', 'objects2D'], /expected one job type, got also 'objects2D'/],
  [['changeDetection', ...inputs, '--out', 'results'], /expected --output, one or more of objects3D/],
  [['changeDetection', ...inputs, '--output', 'objects3D'], /expected --out DIR/],
  [['changeDetection', ...inputs, ...asked, '--output', 'boxes'], /no output 'boxes'; expected one of/],
  [['changeDetection', ...inputs, ...asked, '--output', 'OBJECTS3D'], /'OBJECTS3D' is asked for twice/],
  [['changeDetection', ...inputs, ...asked, '--option', 'exportSrs=WGS 84'], /'exportSrs' cannot be used/],
  [['changeDetection', ...inputs, ...asked, '--output', 'locations3DAsGeoJSON'], /no output/],
  [
    ['ChangeDetection', '--input', 'model3DA=a.las', '--output', 'locations3DAsGeoJSON', '--out', 'results'],
    /the output 'locations3DAsGeoJSON' needs 'objects3D' to be asked for too/,
  ],
  [['changeDetection', '--input', 'pointClouds1=a.las', ...asked], /expected --input pointClouds2=FILE/],
  [['changeDetection', ...inputs, '--input', 'cloud=a.las', ...asked], /no input 'cloud'; expected one of/],
  [
    ['ChangeDetection', '--input', 'model3DA=a.las', '--input', 'preset=a.las', ...asked],
    /'preset' is not delivered yet/,
  ],
  [['ChangeDetection', ...inputs, ...asked], /no input 'pointClouds1'; expected one of model3DA, model3DB/],
  [
    ['changeDetection', '--input', 'pointClouds1', ...asked],
    /expected --input name=FILE, got 'pointClouds1'/,
  ],
  [
    ['changeDetection', ...inputs, '--input', 'pointClouds1=nowhere.las', ...asked],
    /nowhere\.las cannot be read/,
  ],
  [['changeDetection', ...inputs, ...asked, '--option', 'minPoints=many'], /a whole number for minPoints/],
  [['changeDetection', ...inputs, ...asked, '--option', 'minPoints=1.5'], /a whole number for minPoints/],
  [['changeDetection', ...inputs, ...asked, '--option', 'minPoints=0'], /at least 1/],
  [['changeDetection', ...inputs, ...asked, '--option', 'distThresholdLow=0'], /above 0/],
  [['changeDetection', ...inputs, ...asked, '--option', 'speed=9'], /Unknown option 'speed'/],
  [['changeDetection', ...inputs, ...asked, '--option', 'minPoints'], /expected --option name=VALUE/],
  [
    ['changeDetection', ...inputs, ...asked, '--option', 'minPoints=1', '--option', 'minPoints=2'],
    /option minPoints is given twice/,
  ],
  [
    [
      'changeDetection',
      ...inputs,
      ...asked,
      '--option',
      'distThresholdLow=2',
      '--option',
      'distThresholdHigh=1',
    ],
    /distThresholdLow not to be above distThresholdHigh/,
  ],
  [['changeDetection', ...inputs, ...asked, '--threads', 'none'], /threads/],
  [['changeDetection', ...inputs, ...asked, '--memory-limit', '1'], /memory-limit/],
  [['changeDetection', ...inputs, ...asked, '--colour'], /--colour/],
])('%j is wrong usage', async (args, message) => {
  await expect(readRunArguments(args, io())).rejects.toThrow(message)
})

test.each([
  ['notes.md', /expected a \.las, \.laz, .* or \.glb file, a folder of them or a ContextScene\.json/],
  ['empty', /the folder .*empty holds no \.las, \.laz, .* or \.glb file/],
])('an input that is %s is wrong usage and leaves no folder', async (path, message) => {
  const args = ['changeDetection', ...inputs, '--input', `pointClouds1=${path}`, ...asked]
  await expect(runCommand(args, io())).rejects.toThrow(message)
  expect(existsSync(join(folder, 'results'))).toBe(false)
})

test('--out that is a file is wrong usage', async () => {
  const args = ['changeDetection', ...inputs, '--output', 'objects3D', '--out', 'notes.txt']
  await expect(runCommand(args, io())).rejects.toThrow(/--out .*notes\.txt is a file/)
})

async function help(...args: string[]): Promise<string> {
  const printed: string[] = []
  expect(await runCommand([...args, '--help'], io(printed))).toBe(0)
  return printed.join('')
}

test('--help of a type is made of its declaration, in the names of the version', async () => {
  const [v1, v2] = [await help('changeDetection'), await help('ChangeDetection')]
  expect(v1).toMatch(/minPoints\n.*Whole number, points; default 20\./)
  expect(v1).toMatch(/distThresholdLow\n.*linear unit of the input; default none: what is beyond/)
  expect(v1).toContain('Writes exportedLocations3DGeoJSON.geojson. Needs objects3D.')
  expect(v1).toMatch(/meshes1\n.*mesh/)
  expect(v1).toMatch(/registration\n.*One of none, translation, rigid; default none\./)
  expect(v2).toMatch(/model3DA[\s\S]*locations3DAsGeoJSON[\s\S]*minPointsPerChange/)
  expect(v2).toContain('Writes locations3DAsGeoJSON.geojson.')
  expect(v2).not.toContain('pointClouds1')
})

test('--help of a type says which files an input takes, and which other input makes up for it', async () => {
  const [v1, v2] = [await help('changeDetection'), await help('ChangeDetection')]
  expect(v1).toMatch(/pointClouds1\n.*Files: \.las, .*\.e57.* or \.glb\. Required unless meshes1 is given\./)
  expect(v2).toMatch(/model3DA\n.* Required\.\n/)
  expect(await help('extractGround')).toMatch(/pointClouds\n.*Files: \.las, .* or \.e57\. Required\.\n/)
  const segmentation = await help('segmentation3D')
  expect(segmentation).toMatch(/pointClouds\n.*Required unless segmentation3D is given\./)
  expect(segmentation).toMatch(/pointCloudSegmentationDetector\n.*Required unless segmentation3D is given\./)
})

test('--help names the types, every flag and the exit codes', async () => {
  const text = await help()
  expect(text).toContain('changeDetection, ChangeDetection')
  for (const flag of ['input', 'output', 'option', 'out', 'force', 'json', 'threads', 'memory-limit'])
    expect(text).toContain(`--${flag} `)
  expect(text).toMatch(/0 done, 1 the job failed, 2 wrong usage, 130 interrupted/)
})
