// `alidade run`: what it writes, prints and exits with. Its runners are processes always; the command itself is one where
// that matters: the first run, wrong usage, signals and memory, and quicker inside this one elsewhere.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jobTypes } from '../../packages/contract/src/index.ts'
import { openFile, parseContextScene, readLasHeader } from '../../packages/formats/src/index.ts'
import { runCommand } from '../../packages/server/src/cli/command.fixture.ts'
import { alidadeBin } from './service-process.ts'
import { type TwoEpochs, writeTwoEpochs } from './two-epochs.ts'

/** Hundreds of thousands of points: seconds on a machine of its own. */
const busy = { timeout: 120_000 }
let folder: string
let small: TwoEpochs
let large: TwoEpochs

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alidade-run-'))
  const folders = ['small', 'large'].map((name) => join(folder, name)) as [string, string]
  for (const path of folders) await mkdir(path)
  small = await writeTwoEpochs(folders[0], 20_000, 60)
  large = await writeTwoEpochs(folders[1], 250_000, 150)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

function start(args: readonly string[], options: { detached?: boolean } = {}): ChildProcess {
  const stdio = ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe']
  return spawn(process.execPath, [alidadeBin, 'run', ...args], { cwd: folder, stdio, ...options })
}

async function ended(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ['', '']
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const code = await new Promise<number | null>((done) => child.once('close', done))
  return { code, stdout, stderr }
}

const runInProcess = (...args: string[]) => ended(start(args))
const run = async (...args: string[]): Promise<Ended> => {
  const { exitCode, stdout, stderr } = await runCommand(['run', ...args], { cwd: folder })
  return { code: exitCode, stdout, stderr }
}

const v1Inputs = ([a, b]: readonly string[]) => [`--input=pointClouds1=${a}`, `--input=pointClouds2=${b}`]
const v2Inputs = ([a, b]: readonly string[]) => [`--input=model3DA=${a}`, `--input=model3DB=${b}`]

let lastOut = 0
/** A folder that does not exist yet. */
const newOut = () => join(folder, `out-${++lastOut}`)

async function readJson(...path: string[]) {
  return JSON.parse(await readFile(join(...path), 'utf8'))
}

interface Feature {
  properties: { label: string; volumeCubicMetres: number }
}

test('a mesh is compared with a cloud that lies turned beside it, registered to it where that is asked for', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'alidade-mesh-'))
  // Heaps on a plain, as heights on a grid of half a metre; the cloud has one heap less, and is shifted.
  const height = (i: number, j: number) =>
    Math.max(0, 2.5 - 0.3 * Math.hypot((i % 24) - 12, (j % 20) - 10)) + 0.01 * Math.sin(7 * i + 11 * j)
  const [across, step] = [120, 0.5]
  const vertices: string[] = []
  const faces: string[] = []
  const cloud: string[] = []
  for (let j = 0; j < across; j++)
    for (let i = 0; i < across; i++) {
      vertices.push(`v ${i * step} ${j * step} ${height(i, j)}`)
      const isGone = i >= 48 && i < 72 && j >= 60 && j < 80
      cloud.push(`${i * step + 0.31} ${j * step - 0.22} ${(isGone ? 0 : height(i, j)) + 0.15}`)
      const at = j * across + i + 1
      if (i + 1 < across && j + 1 < across) faces.push(`f ${at} ${at + 1} ${at + across + 1} ${at + across}`)
    }
  await writeFile(join(folder, 'site.obj'), `${[...vertices, ...faces].join('\n')}\n`)
  await writeFile(join(folder, 'later.xyz'), `${cloud.join('\n')}\n`)
  const inputs = [
    '--input',
    `meshes1=${join(folder, 'site.obj')}`,
    '--input',
    `pointClouds2=${join(folder, 'later.xyz')}`,
  ]
  const out = join(folder, 'out')
  const { code, stderr } = await run(
    ...['changeDetection', ...inputs, '--output', 'objects3D,segmentedModel3DA', '--out', out],
    ...['--option', 'resolution=0.4', '--option', 'registration=rigid'],
  )
  expect(code, stderr).toBe(0)
  const summary = await readJson(out, 'summary.json')
  expect(summary.warnings.map(({ code }: { code: string }) => code)).toContain('Surveys_Registered')
  expect(summary.options).toMatchObject({ resolution: 0.4, registration: 'rigid' })
  expect(summary.outputs.segmentedModel3DA.files).toEqual(['segmentedModel3DA.las'])
  const scene = parseContextScene(await readFile(join(out, 'objects3D/ContextScene.json')))
  const boxes = [...scene.Annotations!.Objects3D!.Objects.values()]
  expect(boxes.map(({ LabelInfo }) => LabelInfo.LabelId)).toEqual([2])
  const { xmin, xmax, ymin, ymax } = boxes[0]!.RotatedBox3D.Box3D
  expect(Math.hypot((xmin + xmax) / 2 - 30, (ymin + ymax) / 2 - 35)).toBeLessThan(1)
  await rm(folder, { recursive: true })
})

test('writes every output into a folder of its name, a summary, and where they lie', async () => {
  const out = newOut()
  const outputs = ['objects3D', 'exportedLocations3DGeoJSON', 'segmentedModel3DA', 'segmentedModel3DB']
  const { code, stdout, stderr } = await runInProcess(
    ...['changeDetection', ...v1Inputs(small.paths), '--output', `${outputs[0]},${outputs[1]}`],
    ...['--output', outputs[2]!, '--output', outputs[3]!, '--option', 'minPoints=30', '--out', out],
  )
  expect(code, stderr).toBe(0)
  expect((await readdir(out)).sort()).toEqual([...outputs, 'summary.json'].sort())
  const entry = (name: string, type: string, file: string) => ({
    [name]: { type, path: join(out, name), files: [file] },
  })
  const summary = await readJson(out, 'summary.json')
  expect(summary).toEqual({
    type: 'changeDetection',
    state: 'success',
    outputs: {
      ...entry('objects3D', 'ContextScene', 'ContextScene.json'),
      ...entry('exportedLocations3DGeoJSON', 'GeoJSON', 'exportedLocations3DGeoJSON.geojson'),
      ...entry('segmentedModel3DA', 'LAS', 'segmentedModel3DA.las'),
      ...entry('segmentedModel3DB', 'LAS', 'segmentedModel3DB.las'),
    },
    warnings: [],
    errors: [],
    seconds: expect.any(Number),
    peakMegabytes: expect.any(Number),
    options: { minPoints: 30, colorThresholdLow: 0, colorThresholdHigh: 0 },
  })
  expect(summary.seconds).toBeGreaterThan(0)
  expect(summary.peakMegabytes).toBeGreaterThan(30)
  expect(stdout).toContain(join(out, 'objects3D/ContextScene.json'))

  const scene = parseContextScene(await readFile(join(out, 'objects3D/ContextScene.json')))
  expect(scene.Annotations?.Objects3D?.Objects.size).toBe(2)
  const geojson = await readJson(out, 'exportedLocations3DGeoJSON/exportedLocations3DGeoJSON.geojson')
  const features: Feature[] = geojson.features
  expect(features.map(({ properties }) => properties.label).sort()).toEqual(['appeared', 'disappeared'])
  for (const { properties } of features) {
    const { volume } = small.truth.find(({ kind }) => kind === properties.label)!
    expect(Math.abs(properties.volumeCubicMetres / volume - 1)).toBeLessThan(0.1)
  }
  const source = await openFile(join(out, 'segmentedModel3DB/segmentedModel3DB.las'))
  expect((await readLasHeader(source)).pointCount).toBe(20_000)
  await source.close()

  expectProgressLines(stderr)
})

/** A line for each step in order, and within a step at most one for every five percent. */
function expectProgressLines(stderr: string): void {
  const lines = [...stderr.matchAll(/^ *(\d+) % {2}(\w+)/gm)].map(([, percent, step]) => ({
    percent: Number(percent),
    step: step!,
  }))
  const steps = [...new Set(lines.map(({ step }) => step))]
  expect(steps).toEqual([...jobTypes.changeDetection.steps, 'done'])
  expect(lines.at(-1)).toEqual({ percent: 100, step: 'done' })
  for (const [i, { percent, step }] of lines.entries()) {
    const before = lines[i - 1] ?? { percent: 0, step: '' }
    expect(percent).toBeGreaterThanOrEqual(before.percent)
    if (step === before.step) expect(percent - before.percent).toBeGreaterThanOrEqual(5)
  }
}

test('the second version has names of its own; with --json the summary is all of standard output', async () => {
  const out = newOut()
  const { code, stdout, stderr } = await run(
    ...['ChangeDetection', ...v2Inputs(small.paths), '--output', 'Objects3d,locations3DAsGeoJSON'],
    ...['--option', 'growThreshold=0.9', '--option', 'filterThreshold=1.5', '--out', out, '--json'],
  )
  expect(code, stderr).toBe(0)
  expect(stdout.split('\n')).toHaveLength(2)
  const summary = JSON.parse(stdout)
  expect(summary).toEqual(await readJson(out, 'summary.json'))
  expect(summary.type).toBe('ChangeDetection')
  expect(summary.options).toEqual({ growThreshold: 0.9, filterThreshold: 1.5, minPointsPerChange: 20 })
  expect(summary.outputs.locations3DAsGeoJSON.files).toEqual(['locations3DAsGeoJSON.geojson'])
  // Folders and files are named as the outputs were asked for.
  expect((await readdir(out)).sort()).toEqual(['Objects3d', 'locations3DAsGeoJSON', 'summary.json'])
})

test('an input given several times, and a folder, are all of their files together', async () => {
  const parts = join(folder, 'parts')
  await mkdir(parts)
  await cp(small.paths[0], join(parts, 'first.las'))
  const [a, b] = small.paths
  const { code, stdout, stderr } = await run(
    ...['changeDetection', `--input=pointClouds1=${parts}`],
    ...[`--input=pointClouds2=${b}`, `--input=pointClouds2=${a}`],
    ...['--output', 'segmentedModel3DB', '--out', newOut(), '--json'],
  )
  expect(code, stderr).toBe(0)
  // In the order given.
  expect(JSON.parse(stdout).outputs.segmentedModel3DB.files).toEqual([
    'segmentedModel3DB-1-epoch2.las',
    'segmentedModel3DB-2-epoch1.las',
  ])
})

test.each([
  ['changeDetection', v1Inputs, 'pointClouds2'],
  ['ChangeDetection', v2Inputs, 'model3DB'],
])(
  'a %s that cannot succeed exits with 1, tells why in its names and leaves a summary alone',
  async (type, inputs, name) => {
    const broken = join(folder, 'broken.las')
    await writeFile(broken, (await readFile(small.paths[1])).subarray(0, 5000))
    const out = newOut()
    const { code, stdout, stderr } = await run(
      ...[type, ...inputs([small.paths[0], broken]), '--output', 'objects3D', '--out', out],
    )
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toContain(`The file broken.las of input ${name} is damaged: `)
    expect(await readdir(out)).toEqual(['summary.json'])
    expect(await readJson(out, 'summary.json')).toMatchObject({
      type,
      state: 'failed',
      outputs: {},
      errors: [{ code: 'InputData_Corrupt', params: ['broken.las', name, expect.any(String)] }],
    })
  },
)

test('more memory than --memory-limit ends as OutOfMemory', async () => {
  const { code, stdout } = await run(
    ...['changeDetection', ...v1Inputs(large.paths), '--output', 'objects3D', '--memory-limit', '100'],
    ...['--out', newOut(), '--json'],
  )
  expect(code).toBe(1)
  expect(JSON.parse(stdout).errors).toMatchObject([
    { code: 'OutOfMemory', params: ['100', expect.any(String)] },
  ])
})

test('a kernel that takes the runner for want of memory is told as OutOfMemory', async ({ skip }) => {
  const group = await memoryGroup(150)
  if ('problem' in group) return skip(`no control group can be made here: ${group.problem}`)
  const args = [
    'changeDetection',
    ...v1Inputs(large.paths),
    '--output',
    'objects3D',
    '--out',
    newOut(),
    '--json',
  ]
  const command = ['-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"', group.path, process.execPath, alidadeBin]
  const child = spawn('/bin/sh', [...command, 'run', ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { code, stdout, stderr } = await ended(child)
  await rmdir(group.path)
  expect(code, stderr).toBe(1)
  const [error] = JSON.parse(stdout).errors
  expect(error).toMatchObject({ code: 'OutOfMemory' })
  expect(Number(error.params[1])).toBeLessThan(Number(error.params[0]))
})

/** What a container is to the processes in it: a control group with so much memory and no more. */
async function memoryGroup(megabytes: number): Promise<{ path: string } | { problem: string }> {
  const places = [
    { root: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes' },
    { root: '/sys/fs/cgroup', limit: 'memory.max' },
  ]
  let problem = 'not on Linux'
  for (const { root, limit } of places) {
    const path = join(root, `alidade-test-${process.pid}`)
    try {
      await mkdir(path)
      await writeFile(join(path, limit), String(megabytes * 1e6))
      return { path }
    } catch (error) {
      problem = (error as Error).message
      await rmdir(path).catch(() => undefined)
    }
  }
  return { problem }
}

test('more time than --time-limit ends as TimedOut', async () => {
  const { code, stdout } = await run(
    ...['changeDetection', ...v1Inputs(large.paths), '--output', 'objects3D', '--time-limit', '0.01'],
    ...['--out', newOut(), '--json'],
  )
  expect(code).toBe(1)
  expect(JSON.parse(stdout).errors).toMatchObject([{ code: 'TimedOut', params: ['0.01'] }])
})

test('wrong usage exits with 2 and makes no folder', async () => {
  const out = newOut()
  const { code, stdout, stderr } = await runInProcess('objects2D', '--out', out)
  expect(code).toBe(2)
  expect(stdout).toBe('')
  expect(stderr).toContain("'objects2D' is not delivered yet; expected changeDetection or ChangeDetection")
  expect(existsSync(out)).toBe(false)
})

test('a folder with something in it is refused without --force; with it only results are replaced', async () => {
  const out = newOut()
  await mkdir(join(out, 'objects3D'), { recursive: true })
  await writeFile(join(out, 'mine.txt'), 'mine')
  await writeFile(join(out, 'objects3D/old.json'), 'of an earlier run')
  const asked = ['changeDetection', ...v1Inputs(small.paths), '--output', 'objects3D', '--out', out]
  const refused = await run(...asked)
  expect(refused.code).toBe(2)
  expect(refused.stderr).toMatch(/not empty.*--force/)
  expect((await readdir(out)).sort()).toEqual(['mine.txt', 'objects3D'])
  const forced = await run(...asked, '--force')
  expect(forced.code, forced.stderr).toBe(0)
  expect((await readdir(out)).sort()).toEqual(['mine.txt', 'objects3D', 'summary.json'])
  expect(await readdir(join(out, 'objects3D'))).toEqual(['ContextScene.json'])
})

test.each([
  ['the process', false],
  ['its whole group, as a terminal does', true],
])('Ctrl-C sent to %s while it computes exits with 130 and leaves nothing', async (_, group) => {
  const out = join(folder, 'never', 'results')
  const child = start(
    [
      ...['changeDetection', ...v1Inputs(large.paths), '--output', 'objects3D,segmentedModel3DA'],
      ...['--out', out, '--threads', '1', '--json'],
    ],
    { detached: group },
  )
  child.stderr!.on('data', function interrupt(text: string) {
    if (!String(text).includes('Compare_Clouds')) return
    child.stderr!.off('data', interrupt)
    process.kill(group ? -child.pid! : child.pid!, 'SIGINT')
  })
  const { code, stdout, stderr } = await ended(child)
  expect(code, stderr).toBe(130)
  expect(stderr).not.toContain('Write_Results')
  expect(JSON.parse(stdout)).toMatchObject({ state: 'cancelled', outputs: {} })
  expect(existsSync(dirname(out))).toBe(false)
})

const data = resolve(import.meta.dirname, '../..', process.env.ALIDADE_TEST_DATA ?? '../shared/data')
const site4 = [1, 2].map((epoch) => join(data, `pointcloud/change/site4_epoch${epoch}.las`))
const missing = site4.find((path) => !existsSync(path))
const note = missing === undefined ? '' : ` [skipped: no ${missing}, set ALIDADE_TEST_DATA]`

test.skipIf(missing !== undefined)(`finds changes in real surveys${note}`, busy, async () => {
  const out = newOut()
  const { code, stdout, stderr } = await run(
    ...['changeDetection', ...v1Inputs(site4), '--out', out, '--json'],
    ...['--output', 'objects3D,exportedLocations3DGeoJSON,segmentedModel3DA,segmentedModel3DB'],
  )
  expect(code, stderr).toBe(0)
  const { seconds, peakMegabytes } = JSON.parse(stdout)
  const { features } = await readJson(out, 'exportedLocations3DGeoJSON/exportedLocations3DGeoJSON.geojson')
  console.log(`site4: ${features.length} changes, ${seconds} s, ${peakMegabytes} MB`)
  expect(features.length).toBeGreaterThan(0)
})
