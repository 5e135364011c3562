/**
 * Time and memory of exact nearest-neighbour distances, against CloudCompare where that is installed.
 *
 *   node bench/nearest-distances.ts [--rounds 5] [--threads 2] [--pair NAME]
 *
 * Pairs: `site4` (ALIDADE_TEST_DATA), `scattered` (made here, 2 x 2.66 million points) and `apart` (the same with the
 * second cloud moved so far that 30 % of the points have no counterpart). Rounds alternate between the programs; every
 * measurement is a fresh process. Time is that of indexing and comparing, without reading files; memory is the peak
 * resident size of the whole process. One direction is what CloudCompare computes in one call.
 */
import { spawn, spawnSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { compareClouds, type PointArrays } from '@alidade/analysis'

type Measurement = { milliseconds: number; peakMegabytes: number; mean: number }
type Program = { name: string; measure: () => Promise<Measurement> }

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    pair: { type: 'string', multiple: true },
    /** Internal: the folder of a pair, and the direction to measure in this process. */
    measure: { type: 'string' },
    direction: { type: 'string', default: 'both' },
  },
})
const threads = Number(options.threads)

if (options.measure !== undefined)
  await measureHere(options.measure, options.direction === 'aToB' ? 'aToB' : 'both')
else await compareAll()

async function compareAll(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'nearest-distances-'))
  try {
    for (const name of options.pair ?? ['site4', 'scattered', 'apart']) {
      const pair = makePair(name)
      if (pair === undefined) continue
      console.log(`\n${name}: ${pair[0].x.length} and ${pair[1].x.length} points, ${threads} threads`)
      storePair(folder, pair)
      await alternate([...ownPrograms(folder), ...cloudCompare(folder)], Number(options.rounds))
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function alternate(programs: readonly Program[], rounds: number): Promise<void> {
  const results = programs.map((): Measurement[] => [])
  for (let round = 0; round < rounds; round++) {
    for (const [k, program] of programs.entries()) results[k]!.push(await program.measure())
  }
  for (const [k, program] of programs.entries()) {
    const times = results[k]!.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b)
    const memory = results[k]!.map(({ peakMegabytes }) => peakMegabytes).sort((a, b) => a - b)
    const middle = rounds >> 1
    console.log(
      `${program.name.padEnd(28)} ${(times[middle]! / 1000).toFixed(2)} s ` +
        `[${(times[0]! / 1000).toFixed(2)}-${(times.at(-1)! / 1000).toFixed(2)}]  ${memory[middle]!.toFixed(0)} MB  ` +
        `mean distance ${results[k]![0]!.mean.toFixed(6)}`,
    )
  }
}

function ownPrograms(folder: string): Program[] {
  return (['aToB', 'both'] as const).map((direction) => ({
    name: direction === 'aToB' ? 'alidade, one direction' : 'alidade, both directions',
    measure: async () => {
      const child = spawnSync(
        process.execPath,
        [import.meta.filename, '--measure', folder, '--direction', direction, '--threads', String(threads)],
        // Compiled once, as an installed package is: types are not stripped anew by every thread.
        { encoding: 'utf8', env: { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') } },
      )
      if (child.status !== 0) throw new Error(`the measured process failed: ${child.stderr}`)
      return JSON.parse(child.stdout) as Measurement
    },
  }))
}

async function measureHere(folder: string, direction: 'both' | 'aToB'): Promise<void> {
  const [a, b] = [loadCloud(folder, 0), loadCloud(folder, 1)]
  const start = performance.now()
  const { distanceA } = await compareClouds(a, b, { threads, direction })
  const milliseconds = performance.now() - start
  const peakMegabytes = process.resourceUsage().maxRSS / 1024
  const mean = distanceA.reduce((sum, distance) => sum + distance, 0) / distanceA.length
  console.log(JSON.stringify({ milliseconds, peakMegabytes, mean }))
}

function cloudCompare(folder: string): Program[] {
  const environment = { ...process.env, QT_QPA_PLATFORM: 'offscreen' }
  if (spawnSync('CloudCompare', ['-SILENT'], { env: environment }).error) {
    console.log('CloudCompare is not installed: measured without it')
    return []
  }
  const quiet = ['-SILENT', '-AUTO_SAVE', 'OFF', '-NO_TIMESTAMP', '-C_EXPORT_FMT', 'BIN']
  // One shift for both clouds; chosen for each by itself it could differ, and so would the distances.
  const first = loadCloud(folder, 0)
  const shift = [first.x, first.y, first.z].map((values) => String(-Math.round(values[0] ?? 0)))
  for (const k of [0, 1]) {
    const text = join(folder, `${k}.asc`)
    writeText(text, loadCloud(folder, k))
    spawnSync('CloudCompare', [...quiet, '-O', '-GLOBAL_SHIFT', ...shift, text, '-SAVE_CLOUDS'], {
      env: environment,
    })
    rmSync(text)
  }
  const files = ['-O', join(folder, '0.bin'), '-O', join(folder, '1.bin')]
  const measure = async (): Promise<Measurement> => {
    const child = spawn(
      'CloudCompare',
      ['-SILENT', '-AUTO_SAVE', 'OFF', ...files, '-C2C_DIST', '-MAX_TCOUNT', String(threads)],
      { env: environment },
    )
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.stderr.resume()
    let peakMegabytes = 0
    const watch = setInterval(() => {
      peakMegabytes = Math.max(peakMegabytes, highWaterMegabytes(child.pid!))
    }, 10)
    await new Promise((done) => child.on('close', done))
    clearInterval(watch)
    const seconds = [...output.matchAll(/Distances\] Time: ([\d.]+) s/g)].map((found) => Number(found[1]))
    const mean = Number(/Mean distance = ([\d.]+)/.exec(output)?.[1])
    if (seconds.length !== 2) throw new Error(`CloudCompare did not tell its times: ${output.slice(-500)}`)
    return { milliseconds: 1000 * (seconds[0]! + seconds[1]!), peakMegabytes, mean }
  }
  return [{ name: 'CloudCompare, one direction', measure }]
}

function highWaterMegabytes(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    // The process has just ended; what was read before stands.
    return 0
  }
}

function makePair(name: string): [PointArrays, PointArrays] | undefined {
  if (name === 'scattered') return [scattered(2_660_000, 1, 0), scattered(2_660_000, 2, 0)]
  if (name === 'apart') return [scattered(2_660_000, 1, 0), scattered(2_660_000, 2, 0.3)]
  if (name !== 'site4') throw new RangeError(`expected the pair site4, scattered or apart, got ${name}`)
  const data = resolve(import.meta.dirname, '..', process.env.ALIDADE_TEST_DATA ?? '../shared/data')
  const files = [1, 2].map((epoch) => join(data, `pointcloud/change/site4_epoch${epoch}.las`))
  if (!files.every((file) => existsSync(file))) {
    console.log(`site4 is left out: no ${files[0]}`)
    return undefined
  }
  return [readLas(files[0]!), readLas(files[1]!)]
}

/** Rolling ground with crowns above a third of it, in the order of flight strips. */
function scattered(count: number, seed: number, shift: number): PointArrays {
  const points = shared(count)
  let state = seed
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  const side = Math.sqrt(count / 4)
  for (let i = 0; i < count; i++) {
    const x = side * (Math.floor((i / count) * 40) + random()) * (1 / 40)
    const along = ((i / count) * 40) % 1
    const y = Math.min(side, side * along + 2 * random())
    points.x[i] = 500_000 + x + shift * side
    points.y[i] = 5_400_000 + y
    points.z[i] =
      200 + 5 * Math.sin(x / 40) * Math.cos(y / 55) + (random() < 0.33 ? 8 * random() : 0.05 * random())
  }
  return points
}

/** Coordinates of an uncompressed LAS 1.4 file (ASPRS LAS 1.4 R15, table 3). */
function readLas(path: string): PointArrays {
  const file = readFileSync(path)
  const count = Number(file.readBigUInt64LE(247))
  const [start, recordBytes] = [file.readUInt32LE(96), file.readUInt16LE(105)]
  const points = shared(count)
  for (const [axis, values] of [points.x, points.y, points.z].entries()) {
    const [scale, offset] = [file.readDoubleLE(131 + 8 * axis), file.readDoubleLE(155 + 8 * axis)]
    for (let i = 0; i < count; i++)
      values[i] = file.readInt32LE(start + i * recordBytes + 4 * axis) * scale + offset
  }
  return points
}

function shared(count: number): PointArrays {
  const coordinates = () => new Float64Array(new SharedArrayBuffer(8 * count))
  return { x: coordinates(), y: coordinates(), z: coordinates() }
}

function storePair(folder: string, pair: readonly PointArrays[]): void {
  for (const [k, cloud] of pair.entries()) {
    for (const axis of ['x', 'y', 'z'] as const) writeFileSync(join(folder, `${k}.${axis}`), cloud[axis])
  }
}

function loadCloud(folder: string, k: number): PointArrays {
  const load = (axis: string) => {
    // Read straight into shared memory: a second copy would count in the peak.
    const path = join(folder, `${k}.${axis}`)
    const values = new Float64Array(new SharedArrayBuffer(statSync(path).size))
    const file = openSync(path, 'r')
    readSync(file, new Uint8Array(values.buffer))
    closeSync(file)
    return values
  }
  return { x: load('x'), y: load('y'), z: load('z') }
}

function writeText(path: string, { x, y, z }: PointArrays): void {
  const file = openSync(path, 'w')
  for (let from = 0; from < x.length; from += 100_000) {
    let text = ''
    for (let i = from; i < Math.min(x.length, from + 100_000); i++) {
      text += `${x[i]!.toFixed(3)} ${y[i]!.toFixed(3)} ${z[i]!.toFixed(3)}\n`
    }
    writeSync(file, text)
  }
  closeSync(file)
}
