/**
 * Objects, lines and polygons of a given segmentation: time of each part and memory, against the number of points.
 *
 *   node bench/from-classes.ts [--copies 1] [--threads 2] [--memory-limit 4000] [FILE]
 *   node bench/from-classes.ts --copies 10,98
 *
 * Needs ALIDADE_TEST_DATA (default ../shared/data) where no file is named: then the smaller Autzen tile, in feet. The file is
 * segmented by @alidade/als-basic once, and `--copies` of what comes of it lie side by side: 98 of them are 1e8 points, in 600 MB of the
 * temporary folder, and up to 3 GB more while they are in tiles. Prints seconds of each part as if no thread had waited for a core, for
 * each point or sample the part counts, and the longest of them in which nothing was counted; the core time of all, how many things
 * were made, and the peak resident memory of the process beside what was foreseen; of several numbers of copies also how much more
 * the last took than the first.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { parseContextScene, writeContextScene } from '@alidade/formats'
import { type InputFile, type InspectedFile, jobTypeImplementations, openInputFile } from '@alidade/jobs'
import { runAttempt } from '../packages/server/src/agent/run-attempt.ts'
import { processesIn } from '../test/engine/processes.ts'
import { localOutputs } from './local-outputs.ts'
import { watchCoreTime } from './truth/core-time.ts'
import { shiftedCopies } from './truth/shifted-copies.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    copies: { type: 'string', default: '1' },
    threads: { type: 'string', default: '2' },
    'memory-limit': { type: 'string', default: '4000' },
  },
})
const data = resolve(process.env.ALIDADE_TEST_DATA ?? '../shared/data')
const file = positionals[0] ?? join(data, 'pointcloud/perf/autzen-1.02M-ft.laz')
const sceneCrs = positionals[0] === undefined ? 'EPSG:2992' : undefined
const vectors = ['objects3D', 'lines3D', 'polygons3D']
const folder = await mkdtemp(join(tmpdir(), 'alidade-from-classes-'))
const counted = new Set<string>()

try {
  const segmented = await segmentedOnce()
  const taken: { copies: number; coreSeconds: number }[] = []
  for (const copies of values.copies.split(',').map(Number)) {
    const files = await copiesOf(segmented, copies)
    const foreseen = await foreseenMegabytes(files)
    const before = await coreSeconds()
    const { parts, outputs, peakMegabytes } = await run(
      { segmentation3D: files },
      vectors,
      Number(values['memory-limit']),
    )
    const core = (await coreSeconds()) - before
    taken.push({ copies, coreSeconds: core })
    for (const { name, total, seconds, silence } of parts)
      console.log(
        `${name.padEnd(28)} ${seconds.toFixed(2).padStart(8)} s  ${((1e9 * seconds) / total).toFixed(1).padStart(10)} ns each of ${total}, silent for ${(silence / 1000).toFixed(1)} s`,
      )
    const all = parts.reduce((sum, { seconds }) => sum + seconds, 0)
    const made = await thingsIn(outputs)
    console.log(
      `${copies} copies: ${all.toFixed(1)} s, ${core.toFixed(1)} s of core time, ${peakMegabytes} MB at most, ${foreseen} MB foreseen; ${made}`,
    )
    await rm(join(folder, `copies-${copies}`), { recursive: true })
  }
  const [first, last] = [taken[0]!, taken.at(-1)!]
  if (first !== last)
    console.log(
      `${(last.copies / first.copies).toFixed(2)}x the points: ${(last.coreSeconds / first.coreSeconds).toFixed(2)}x the core time`,
    )
} finally {
  await rm(folder, { recursive: true })
}

/** Of all processes that have ended: two fields of proc(5), in hundredths of a second. */
async function coreSeconds(): Promise<number> {
  const fields = (await readFile('/proc/self/stat', 'utf8')).split(') ')[1]!.split(' ')
  return (Number(fields[13]) + Number(fields[14])) / 100
}

async function thingsIn(outputs: Record<string, string>): Promise<string> {
  const counts: string[] = []
  for (const name of vectors) {
    const { Annotations } = parseContextScene(await readFile(join(outputs[name]!, 'ContextScene.json')))
    const { Objects3D, Lines3D, Polygons3D } = Annotations!
    const all = Objects3D?.Objects ?? Lines3D?.Lines ?? Polygons3D?.Polygons
    counts.push(`${all?.size ?? 0} in ${name}`)
  }
  return counts.join(', ')
}

async function inputFile(path: string): Promise<InputFile> {
  return { name: basename(path), segments: [{ path, sizeBytes: (await stat(path)).size }] }
}

/** Paths of the scene and the cloud that als-basic makes. */
async function segmentedOnce(): Promise<{ scene: string; cloud: string }> {
  const detector = { library: { name: '@alidade/als-basic', version: '1.0' } }
  const pointClouds = [{ ...(await inputFile(file)), ...(sceneCrs && { sceneCrs }) }]
  const { outputs } = await run({ pointClouds }, ['segmentation3D'], 16_000, {
    pointCloudSegmentationDetector: detector,
  })
  const at = outputs.segmentation3D!
  const cloud = (await readdir(at)).find((name) => name.startsWith('segmentedPointCloud'))!
  return { scene: join(at, 'ContextScene.json'), cloud: join(at, cloud) }
}

/** The files of the input: a scene with the same labels, and the copies. */
async function copiesOf(
  { scene, cloud }: { scene: string; cloud: string },
  count: number,
): Promise<InputFile[]> {
  const [copies] = await shiftedCopies([[cloud]], count, join(folder, `copies-${count}`))
  const { Annotations } = parseContextScene(await readFile(scene))
  const path = join(folder, 'ContextScene.json')
  await writeFile(path, writeContextScene({ Annotations: Annotations! }))
  const clouds = (await readdir(copies!)).sort().map(async (name) => ({
    ...(await inputFile(join(copies!, name))),
    ...(sceneCrs && { sceneCrs }),
  }))
  return [await inputFile(path), ...(await Promise.all(clouds))]
}

async function foreseenMegabytes(files: InputFile[]): Promise<number> {
  const opened: InspectedFile[] = []
  try {
    for (const one of files) opened.push(await openInputFile(one))
    const inputs = { segmentation3D: opened }
    const { signal } = new AbortController()
    return (await jobTypeImplementations.segmentation3D.inspect(inputs, vectors, signal, {})).memoryMegabytes
  } finally {
    await Promise.all(opened.map(({ source }) => source.close()))
  }
}

async function run(
  inputs: Record<string, InputFile[]>,
  names: string[],
  memoryLimitMegabytes: number,
  detectors = {},
) {
  const home = await mkdtemp(join(folder, 'run-'))
  const outputs: Record<string, string> = {}
  for (const name of names) {
    outputs[name] = join(home, name)
    await mkdir(outputs[name])
  }
  const scratch = await mkdtemp(join(home, 'scratch-'))
  const cores = watchCoreTime(async () => (await processesIn(home))[0])
  const begin = (name: string, total: number) => {
    return { name, total, at: performance.now(), silence: 0, ...cores.look() }
  }
  const began = [begin('start', 1)]
  let heardAt = performance.now()
  const result = await runAttempt({
    type: 'segmentation3D',
    ...{ inputs, detectors, scratch, memoryLimitMegabytes },
    options: {},
    outputs: localOutputs(outputs),
    threads: Number(values.threads),
    loggedAs: 'standard error',
    signal: new AbortController().signal,
    onProgress: ({ step, part, total }) => {
      // Of many files, all are one part here.
      const name = `${step}/${part?.startsWith('file') ? 'files' : part}`
      const last = began.at(-1)!
      if (part === 'start') return
      const now = performance.now()
      last.silence = Math.max(last.silence, now - heardAt)
      heardAt = now
      if (last.name !== name) began.push(begin(name, total))
      else if (name.endsWith('files') && !counted.has(`${step}/${part}`)) last.total += total
      counted.add(`${step}/${part}`)
    },
  })
  began.push(begin('end', 0))
  await cores.stop()
  if (result.state !== 'success') throw new Error(JSON.stringify(result))
  counted.clear()
  const parts = began.slice(0, -1).map(({ name, total, at, silence, runSeconds, waitSeconds }, i) => {
    const next = began[i + 1]!
    const [ran, waited] = [next.runSeconds - runSeconds, next.waitSeconds - waitSeconds]
    const seconds = ((next.at - at) / 1000) * (ran + waited > 0 ? ran / (ran + waited) : 1)
    return { name, total, silence, seconds }
  })
  return { parts, outputs, peakMegabytes: result.peakMegabytes }
}
