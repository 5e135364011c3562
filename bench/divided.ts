/**
 * Time and memory of a job that is divided, against its number of points.
 *
 *   node bench/divided.ts [--type changeDetection|extractGround|segmentation3D] [--points 1e7] [--tiles-from 2e7] [--agents 1] [--threads 2] [--whole] [--model]
 *     [--options '{}'] [--outputs segmentation3D,exportedSegmentation3DLAZ]
 *
 * Needs ALIDADE_TEST_DATA (default ../shared/data). The points are copies of the Autzen tiles side by side, for
 * changeDetection random halves of them: `--points` counts those of both surveys. Every part runs in a process of its own, as
 * agents run it, `--agents` tiles at a time with `--threads` threads each; files lie where they are written. Prints the
 * seconds and the largest resident memory of each part, and of all, with the seconds of core time (of each part where one runs
 * at a time) and a hash of the results. `--whole` runs the job undivided instead. `--tiles-from`: the
 * size from which jobs are divided, four times that of the tiles; those of `@alidade/als-basic` depend on the cloud alone. `--model`:
 * segmentation3D with an ONNX model of next to nothing. `--options`: those of the job, by internal names.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Divided, InputDetector, InputFile, WorkFiles } from '@alidade/jobs'
import { node } from '../packages/jobs/src/detector/onnx.fixture.ts'
import {
  floats,
  modelOf,
  writeDetector,
} from '../packages/jobs/src/segmentation-3d/onnx/point-model.fixture.ts'
import { runAttempt } from '../packages/server/src/agent/run-attempt.ts'
import type { PartOfJob } from '../packages/server/src/runner/messages.ts'
import { autzenHalves } from './autzen-halves.ts'
import { localOutputs } from './local-outputs.ts'
import { pointsOf, shiftedCopies } from './truth/shifted-copies.ts'

const { values } = parseArgs({
  options: {
    type: { type: 'string', default: 'changeDetection' },
    points: { type: 'string', default: '1e7' },
    'tiles-from': { type: 'string', default: '2e7' },
    agents: { type: 'string', default: '1' },
    threads: { type: 'string', default: '2' },
    options: { type: 'string', default: '{}' },
    whole: { type: 'boolean', default: false },
    outputs: { type: 'string' },
    model: { type: 'boolean', default: false },
  },
})
const outputsOf = {
  changeDetection: ['objects3D', 'segmentedModel3DA', 'segmentedModel3DB'],
  extractGround: ['segmentation3D', 'exportedSegmentation3DLAS'],
  segmentation3D: values.model
    ? ['segmentation3D', 'exportedSegmentation3DLAS']
    : ['segmentation3D', 'segmentedPointCloud', 'objects3D', 'lines3D', 'polygons3D'],
} as const
const isType = (name: string): name is keyof typeof outputsOf => name in outputsOf
if (!isType(values.type))
  throw new RangeError(`expected one of ${Object.keys(outputsOf).join(', ')}, got ${values.type}`)
const type = values.type
const isChange = type === 'changeDetection'
const data = resolve(process.env.ALIDADE_TEST_DATA ?? '../shared/data')
const folder = await mkdtemp(join(tmpdir(), 'alidade-divided-'))
const threads = Number(values.threads)
const detectors = type === 'segmentation3D' ? await detector() : undefined
const outputNames = values.outputs?.split(',') ?? outputsOf[type]

let peak = 0

async function detector(): Promise<Record<string, InputDetector>> {
  if (!values.model)
    return { pointCloudSegmentationDetector: { library: { name: '@alidade/als-basic', version: '1.0' } } }
  const weights = [floats('w', [2, 3], [0, 4, 8, 0, 0.1, 0]), floats('b', [3], [0, -6, -36])]
  const nodes = [node('MatMul', ['points', 'w'], ['rising']), node('Add', ['rising', 'b'], ['scores'])]
  const features = ['heightAboveGround', 'intensity']
  const input = { features, voxelSizeMetres: 0.5, overlapMetres: 5 }
  return (await writeDetector(folder, modelOf(nodes, 2, weights), { input })).detectors
}

async function inputs(): Promise<{ files: Record<string, InputFile[]>; points: number }> {
  const tiles = [1, 2].map((tile) => join(data, `pointcloud/perf/autzen-tile${tile}-ft.laz`))
  const surveys = isChange ? (await autzenHalves(data, folder)).map((path) => [path]) : [tiles]
  const each = await pointsOf(surveys.flat())
  const copies = Math.max(1, Math.round(Number(values.points) / each))
  const folders = await shiftedCopies(surveys, copies, join(folder, 'inputs'))
  const names = isChange ? ['modelA', 'modelB'] : ['pointClouds']
  const files: Record<string, InputFile[]> = {}
  for (const [i, name] of names.entries())
    files[name] = Object.values(await filesIn(folders[i]!, 'EPSG:2992'))
  return { files, points: copies * each }
}

async function filesIn(of: string, sceneCrs?: string, only?: readonly string[]): Promise<WorkFiles> {
  const files: WorkFiles = {}
  for (const name of only ?? (await readdir(of)).sort()) {
    const path = join(of, name)
    const segments = [{ path, sizeBytes: (await stat(path)).size }]
    files[name] = { name: basename(path), segments, ...(sceneCrs !== undefined && { sceneCrs }) }
  }
  return files
}

async function runPart(
  name: string,
  files: Record<string, InputFile[]>,
  outputs: Record<string, string>,
  work: PartOfJob | undefined,
): Promise<Divided | undefined> {
  const began = performance.now()
  const before = await coreSeconds()
  const scratch = await mkdtemp(join(folder, 'scratch-'))
  const steps: [part: string, at: number][] = []
  const result = await runAttempt({
    ...{
      type,
      inputs: files,
      options: JSON.parse(values.options),
      outputs: localOutputs(outputs),
      scratch,
      threads,
    },
    ...(work && { work }),
    ...(detectors && { detectors }),
    loggedAs: 'this run',
    memoryLimitMegabytes: 20_000,
    signal: new AbortController().signal,
    onLog: (text) => process.stderr.write(text),
    onProgress: ({ part = '' }) => {
      const stage = part.replace(/ \d+$/, '')
      if (steps.at(-1)?.[0] !== stage) steps.push([stage, performance.now()])
    },
  })
  const ended = performance.now()
  if (result.state !== 'success') throw new Error(JSON.stringify(result))
  await rm(scratch, { recursive: true })
  peak = Math.max(peak, result.peakMegabytes)
  const shares = steps.map(
    ([part, at], i) => `${part} ${(((steps[i + 1]?.[1] ?? ended) - at) / 1000).toFixed(1)}`,
  )
  const seconds = ((ended - began) / 1000).toFixed(1)
  // Of parts side by side nobody can tell whose it is.
  const cores = values.agents === '1' ? `, ${((await coreSeconds()) - before).toFixed(1)} of core time` : ''
  const told = `${seconds.padStart(7)} s${cores}, ${result.peakMegabytes} MB`
  console.log(`${name.padEnd(16)} ${told}; ${shares.join(', ')}`)
  return result.divided
}

async function runDivided(
  files: Record<string, InputFile[]>,
  outputs: Record<string, string>,
): Promise<void> {
  const made = async (name: string) => {
    await mkdir(join(folder, name))
    return join(folder, name)
  }
  const shared = await made('shared')
  const work = { kind: 'divide' as const, shared, fromPoints: Number(values['tiles-from']) }
  const { tiles } = (await runPart('divide', files, outputs, work))!
  const results: string[] = []
  const waiting = [...tiles.entries()]
  const agent = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [number, tile] = next
      results[number] = await made(`tile-${number}`)
      const own: Record<string, InputFile[]> = {}
      for (const [input, names] of Object.entries(tile.inputs))
        own[input] = files[input]!.filter(({ name }) => names.includes(name))
      await runPart(
        tile.name.slice(-16),
        own,
        {},
        {
          ...{ kind: 'tile', tile, results: results[number] },
          files: await filesIn(shared, undefined, tile.files),
        },
      )
    }
  }
  await Promise.all(Array.from({ length: Number(values.agents) }, agent))
  const done = await Promise.all(
    tiles.map(async (tile, i) => ({ tile, results: await filesIn(results[i]!) })),
  )
  await runPart('merge', files, outputs, { kind: 'merge', divided: await filesIn(shared), tiles: done })
}

/** Of all processes that have ended: two fields of proc(5), in hundredths of a second. */
async function coreSeconds(): Promise<number> {
  const fields = (await readFile('/proc/self/stat', 'utf8')).split(') ')[1]!.split(' ')
  return (Number(fields[13]) + Number(fields[14])) / 100
}

async function hashOf(outputs: Record<string, string>): Promise<string> {
  const hash = createHash('sha256')
  for (const output of Object.values(outputs))
    for (const name of (await readdir(output)).sort())
      for await (const bytes of createReadStream(join(output, name))) hash.update(bytes)
  return hash.digest('hex').slice(0, 16)
}

try {
  const { files, points } = await inputs()
  const outputs: Record<string, string> = {}
  for (const name of outputNames) outputs[name] = await mkdtemp(join(folder, `${name}-`))
  console.log(`${type}, ${points} points, ${values.agents} at a time with ${threads} threads`)
  const began = performance.now()
  if (values.whole) await runPart('undivided', files, outputs, undefined)
  else await runDivided(files, outputs)
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  const cores = (await coreSeconds()).toFixed(1)
  const results = await hashOf(outputs)
  console.log(`all of it ${seconds} s, ${cores} of core time, at most ${peak} MB; results ${results}`)
} finally {
  await rm(folder, { recursive: true })
}
