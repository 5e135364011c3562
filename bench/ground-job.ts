/**
 * A whole extraction of ground beside decoding the same LAZ with the same threads, and nothing else.
 *
 *   node bench/ground-job.ts [--rounds 5] [--threads 2] [--copies 1] [--outputs las,laz] [FILE ...]
 *
 * Needs ALIDADE_TEST_DATA (default ../shared/data) where no files are named: then the two Autzen tiles, in feet. `--copies` puts
 * so many of each side by side. Decoding and job run in turns, each in a process of its own; neither the start of Node nor the
 * removal of results counts. Beside both stands a plain copy of as many bytes as the records have, in memory. `las` writes exportedSegmentation3DLAS, `laz` segmentedPointCloud; both reach the disk. Prints medians
 * [least-most] in seconds, ratios to decoding, the share of each step and the peak resident memory.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { openFile, readLasHeader, readPointBatches } from '@alidade/formats'
import { runAttempt } from '../packages/server/src/agent/run-attempt.ts'
import { localOutputs } from './local-outputs.ts'
import { shiftedCopies } from './truth/shifted-copies.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    copies: { type: 'string', default: '1' },
    outputs: { type: 'string', default: 'las,laz' },
    'memory-limit': { type: 'string', default: '4000' },
    decode: { type: 'boolean', default: false },
  },
})
const threads = Number(values.threads)
const outputsOf: Record<string, string[]> = {
  las: ['segmentation3D', 'exportedSegmentation3DLAS'],
  laz: ['segmentedPointCloud'],
}

if (values.decode) console.log(JSON.stringify(await decode(positionals)))
else await compare()

interface Decoded {
  seconds: number
  points: number
  /** Of a plain copy of all records. */
  copySeconds: number
}

/** Every record of every file, one after the other. */
async function decode(paths: string[]): Promise<Decoded> {
  const began = performance.now()
  let [points, bytes] = [0, 0]
  for (const path of paths) {
    const source = await openFile(path)
    for await (const { count, records } of readPointBatches(source, await readLasHeader(source), {
      threads,
    })) {
      points += count
      bytes += records.length
    }
    await source.close()
  }
  return { seconds: (performance.now() - began) / 1000, points, copySeconds: copySeconds(bytes) }
}

/** From one stretch of memory to another, both of which have been written to before, larger than caches. */
function copySeconds(bytes: number): number {
  const stretch = 64 * 1024 * 1024
  const [from, to] = [new Uint8Array(stretch).fill(1), new Uint8Array(stretch).fill(2)]
  const began = performance.now()
  for (let done = 0; done < bytes; done += stretch) to.set(from.subarray(0, Math.min(stretch, bytes - done)))
  return (performance.now() - began) / 1000
}

async function decodeInProcess(paths: string[]): Promise<Decoded> {
  const args = [fileURLToPath(import.meta.url), '--decode', '--threads', values.threads, ...paths]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return JSON.parse(stdout)
}

interface Run {
  seconds: number
  /** Seconds of each step. */
  steps: Record<string, number>
  peakMegabytes: number
}

async function runJob(paths: string[], outputs: string[], folder: string): Promise<Run> {
  const folders: Record<string, string> = {}
  for (const name of outputs) folders[name] = await mkdtemp(join(folder, `${name}-`))
  const scratch = await mkdtemp(join(folder, 'scratch-'))
  const pointClouds = await Promise.all(
    paths.map(async (path) => ({
      name: basename(path),
      segments: [{ path, sizeBytes: (await stat(path)).size }],
      ...(positionals.length === 0 && { sceneCrs: 'EPSG:2992' }),
    })),
  )
  const begun: [step: string, at: number][] = []
  const result = await runAttempt({
    type: 'extractGround',
    inputs: { pointClouds },
    options: {},
    outputs: localOutputs(folders),
    scratch,
    threads,
    loggedAs: 'this run',
    memoryLimitMegabytes: Number(values['memory-limit']),
    signal: new AbortController().signal,
    onProgress: ({ step, part }) => {
      const name = part === 'start' ? 'start' : step
      if (begun.at(-1)?.[0] !== name) begun.push([name, performance.now()])
    },
  })
  const end = performance.now()
  if (result.state !== 'success') throw new Error(JSON.stringify(result))
  for (const path of [scratch, ...Object.values(folders)]) await rm(path, { recursive: true })
  // The runner is told its task when it is up.
  const steps = begun.map(([step, at], i): [string, number] => [
    step,
    ((begun[i + 1]?.[1] ?? end) - at) / 1000,
  ])
  return {
    seconds: (end - begun[0]![1]) / 1000,
    steps: Object.fromEntries(steps),
    peakMegabytes: result.peakMegabytes,
  }
}

async function compare(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'alidade-ground-job-'))
  try {
    const paths = await filesBelow(folder)
    const kinds = values.outputs.split(',')
    const decoding: number[] = []
    const copying: number[] = []
    const runs = new Map<string, Run[]>(kinds.map((kind) => [kind, []]))
    let points = 0
    for (let round = 0; round < Number(values.rounds); round++) {
      const decoded = await decodeInProcess(paths)
      points = decoded.points
      decoding.push(decoded.seconds)
      copying.push(decoded.copySeconds)
      for (const kind of kinds) runs.get(kind)!.push(await runJob(paths, outputsOf[kind]!, folder))
    }
    console.log(`${points} points, ${threads} threads, ${values.rounds} rounds`)
    console.log(`copy    ${spread(copying, 3)}`)
    console.log(`decode  ${spread(decoding)}`)
    for (const [kind, list] of runs) {
      const seconds = list.map((run) => run.seconds)
      const ratios = seconds.map((some, i) => some / decoding[i]!)
      const shares = Object.keys(list[0]!.steps).map(
        (step) => `${step} ${median(list.map(({ steps }) => steps[step] ?? 0)).toFixed(2)}`,
      )
      const peak = Math.max(...list.map(({ peakMegabytes }) => peakMegabytes))
      console.log(
        `${kind.padEnd(6)}  ${spread(seconds)} s, ${spread(ratios)} x decoding, ${peak} MB; ${shares.join(', ')}`,
      )
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const data = resolve(process.env.ALIDADE_TEST_DATA ?? '../shared/data')
  const tiles = [1, 2].map((tile) => join(data, `pointcloud/perf/autzen-tile${tile}-ft.laz`))
  const paths = positionals.length > 0 ? positionals.map((path) => resolve(path)) : tiles
  if (values.copies === '1') return paths
  await mkdir(join(folder, 'copies'))
  const [copies] = await shiftedCopies([paths], Number(values.copies), join(folder, 'copies'))
  return (await readdir(copies!)).sort().map((name) => join(copies!, name))
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!
}

function spread(numbers: readonly number[], digits = 2): string {
  const [low, middle, high] = [Math.min(...numbers), median(numbers), Math.max(...numbers)].map((number) =>
    number.toFixed(digits),
  )
  return `${middle} [${low}-${high}]`
}
