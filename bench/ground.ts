/**
 * Time of each part of the ground filter beside that of decoding the same LAZ, and memory.
 *
 *   node bench/ground.ts [--rounds 5] [--threads 2] [--file FILE.laz --feet]...
 *
 * Needs ALIDADE_TEST_DATA (default ../shared/data). Without `--file`: the two Autzen tiles, 5.3 million points in feet. Rounds
 * alternate between decoding, by `threads` worker threads, and the filter, on this thread, in batches of 65,536 points;
 * medians and ranges in milliseconds, wall and processor time of the whole process. The first round, in which the code is
 * not yet compiled, is told apart. Memory is what the raster and the surface hold, and the growth of the process.
 */
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import {
  classifyGround,
  GroundRaster,
  groundOptions,
  groundSurface,
  type PointArrays,
} from '@alidade/analysis'
import { openFile, readLasHeader, readXyz } from '@alidade/formats'
import { rangeOf } from './quality/run-ground.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    file: { type: 'string', multiple: true },
    feet: { type: 'boolean', default: false },
  },
})
const data = resolve(process.env.ALIDADE_TEST_DATA ?? '../shared/data')
const tiles = ['autzen-tile1-ft.laz', 'autzen-tile2-ft.laz'].map((name) =>
  join(data, 'pointcloud/perf', name),
)
const paths = values.file ?? tiles
const options = groundOptions(values.file === undefined || values.feet ? 1 / 0.3048 : 1)
const batchPoints = 65_536

type Time = { wall: number; processor: number }
const times: Record<string, Time[]> = { decode: [], raster: [], surface: [], classify: [], filter: [] }
let [points, cells, ground, megabytes] = [0, 0, 0, 0]

for (let round = 0; round <= Number(values.rounds); round++) {
  const clouds = await timed('decode', () => Promise.all(paths.map(decode)))
  const before = process.memoryUsage().rss
  const bounds = boundsOf(clouds)
  await timed('filter', () => filter(clouds, bounds))
  megabytes = Math.max(megabytes, (process.memoryUsage().rss - before) / 1e6)
  points = clouds.reduce((sum, { x }) => sum + x.length, 0)
}
console.log(`${points} points, ${cells} cells, ${((100 * ground) / points).toFixed(1)} % ground`)
for (const [name, all] of Object.entries(times)) {
  const [first, ...others] = all
  console.log(
    `${name.padEnd(9)} wall ${spread(others.map(({ wall }) => wall))}  processor ` +
      `${spread(others.map(({ processor }) => processor))}  first ${first!.wall.toFixed(0)}`,
  )
}
console.log(
  `memory: surface ${((8 * cells) / 1e6).toFixed(1)} MB, process at most +${megabytes.toFixed(0)} MB`,
)

async function decode(path: string): Promise<PointArrays> {
  const source = await openFile(path)
  try {
    return await readXyz(source, await readLasHeader(source), { threads: Number(values.threads) })
  } finally {
    await source.close()
  }
}

/** What a job takes from headers. */
function boundsOf(clouds: readonly PointArrays[]) {
  const ranges = (['x', 'y'] as const).map((axis) => clouds.map((cloud) => rangeOf(cloud[axis])))
  const all = ranges.map((of) => [
    Math.min(...of.map(([low]) => low)),
    Math.max(...of.map(([, high]) => high)),
  ])
  const [[west, east], [south, north]] = all as [[number, number], [number, number]]
  return { min: [west, south], max: [east, north] } as const
}

async function filter(clouds: readonly PointArrays[], bounds: ReturnType<typeof boundsOf>): Promise<void> {
  const batches = clouds.flatMap(batchesOf)
  const raster = await timed('raster', () => {
    const filled = new GroundRaster({ ...bounds, cellSize: options.cellSize, heightOrigin: 0 })
    for (const { x, y, z } of batches) filled.add(x, y, z)
    return filled
  })
  cells = raster.lowest.length
  const surface = await timed('surface', () => groundSurface(raster, options))
  const classes = new Uint8Array(batchPoints)
  ground = 0
  await timed('classify', () => {
    for (const { x, y, z } of batches) {
      classifyGround(surface, x, y, z, classes)
      for (let i = 0; i < x.length; i++) if (classes[i] === 2) ground++
    }
  })
}

function batchesOf({ x, y, z }: PointArrays): PointArrays[] {
  return Array.from({ length: Math.ceil(x.length / batchPoints) }, (_, i) => {
    const [from, to] = [i * batchPoints, (i + 1) * batchPoints]
    return { x: x.subarray(from, to), y: y.subarray(from, to), z: z.subarray(from, to) }
  })
}

async function timed<Result>(name: string, work: () => Result | Promise<Result>): Promise<Result> {
  const [began, processor] = [performance.now(), process.cpuUsage()]
  const result = await work()
  const { user, system } = process.cpuUsage(processor)
  times[name]!.push({ wall: performance.now() - began, processor: (user + system) / 1000 })
  return result
}

function spread(milliseconds: readonly number[]): string {
  const sorted = milliseconds.toSorted((a, b) => a - b)
  const [low, middle, high] = [sorted[0]!, sorted[sorted.length >> 1]!, sorted.at(-1)!]
  return `${middle.toFixed(0)} [${low.toFixed(0)}-${high.toFixed(0)}]`.padEnd(20)
}
