// Writes LAS files as LAZ with one thread and with several, reading included, beside a plain LAS write of the same
// records, in alternating rounds. Without files: the two Autzen tiles of the test data.
// Usage: node packages/formats/bench/write-laz.ts [--threads 2] [--rounds 5] [FILE...]
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { createLasWriter, openFile, readLasHeader, readPointBatches } from '../src/index.ts'
import { pointCloudFile } from '../src/real-data.fixture.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { threads: { type: 'string', default: '2' }, rounds: { type: 'string', default: '5' } },
})
const tiles = ['perf/autzen-tile1-ft.laz', 'perf/autzen-tile2-ft.laz'].map(pointCloudFile)
const files = positionals.length > 0 ? positionals : tiles

/** Reads one file and writes it anew; gives the number of points. */
async function rewrite(from: string, to: string, options: { compressed?: boolean; threads?: number }) {
  const source = await openFile(from)
  const like = await readLasHeader(source)
  const writer = await createLasWriter(to, { like, ...options })
  try {
    for await (const { records, count } of readPointBatches(source, like)) await writer.append(records, count)
    return (await writer.close()).pointCount
  } finally {
    await writer.abandon()
    await source.close()
  }
}

const folder = await mkdtemp(join(tmpdir(), 'alidade-bench-'))
try {
  const plain: string[] = []
  let points = 0
  for (const file of files) {
    plain.push(join(folder, `${basename(file)}.las`))
    points += await rewrite(file, plain.at(-1)!, {})
  }
  const several = Number(values.threads)
  const variants: [name: string, options: { compressed?: boolean; threads?: number }][] = [
    ['LAS to LAS', {}],
    ['LAS to LAZ, 1 thread', { compressed: true }],
    [`LAS to LAZ, ${several} threads`, { compressed: true, threads: several }],
  ]
  const runs = new Map(
    variants.map(([name]) => [name, [] as { wall: number; cpu: number; sizeBytes: number }[]]),
  )
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [name, options] of variants) {
      const to = join(folder, 'written')
      const [started, cpu] = [performance.now(), process.cpuUsage()]
      let sizeBytes = 0
      for (const file of plain) {
        await rewrite(file, to, options)
        sizeBytes += (await stat(to)).size
      }
      const { user, system } = process.cpuUsage(cpu)
      runs
        .get(name)!
        .push({ wall: (performance.now() - started) / 1000, cpu: (user + system) / 1e6, sizeBytes })
    }
  }
  const load = loadavg()[0]!.toFixed(1)
  console.log(`${points} points, ${values.rounds} rounds, ${cpus().length} cores, load ${load}`)
  for (const [name, measured] of runs) {
    const [wall, cpu] = [spread(measured.map((run) => run.wall)), spread(measured.map((run) => run.cpu))]
    console.log(`${name}: ${wall} s wall, ${cpu} s CPU, ${(measured[0]!.sizeBytes / 1e6).toFixed(1)} MB`)
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}

/** Median [smallest-largest]. */
function spread(values: number[]): string {
  const sorted = values.toSorted((a, b) => a - b).map((value) => value.toFixed(2))
  return `${sorted[sorted.length >> 1]} [${sorted[0]}-${sorted.at(-1)}]`
}
