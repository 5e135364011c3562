// Reads the coordinates of a LAZ file with one thread and with several, in alternating rounds, beside laz-perf's
// own whole-file reader as the floor. Usage: node packages/formats/bench/read-laz.ts FILE [threads] [rounds]
import { readFile } from 'node:fs/promises'
import { createLazPerf } from 'laz-perf'
import { openFile, readLasHeader, readXyz } from '../src/index.ts'

const [file, threads = '2', rounds = '5'] = process.argv.slice(2)
if (file === undefined) throw new Error('usage: read-laz.ts FILE [threads] [rounds]')

const source = await openFile(file)
const header = await readLasHeader(source)

async function readWhole(): Promise<void> {
  const module = await createLazPerf()
  const bytes = await readFile(file as string)
  const pointer = module._malloc(bytes.length)
  module.HEAPU8.set(bytes, pointer)
  const reader = new module.LASZip()
  reader.open(pointer, bytes.length)
  const record = module._malloc(reader.getPointLength())
  for (let i = reader.getCount(); i > 0; i--) reader.getPoint(record)
}

const variants: [name: string, run: () => Promise<unknown>][] = [
  ['laz-perf alone, decode only', readWhole],
  ['readXyz, 1 thread', () => readXyz(source, header)],
  [`readXyz, ${threads} threads`, () => readXyz(source, header, { threads: Number(threads) })],
]
const seconds = new Map<string, { wall: number; cpu: number }[]>(variants.map(([name]) => [name, []]))
for (let round = 0; round < Number(rounds); round++) {
  for (const [name, run] of variants) {
    const [started, cpu] = [performance.now(), process.cpuUsage()]
    await run()
    const { user, system } = process.cpuUsage(cpu)
    seconds.get(name)!.push({ wall: (performance.now() - started) / 1000, cpu: (user + system) / 1e6 })
  }
}
await source.close()

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!
console.log(`${header.pointCount} points, ${rounds} rounds, medians`)
for (const [name, runs] of seconds) {
  const [wall, cpu] = [median(runs.map((run) => run.wall)), median(runs.map((run) => run.cpu))]
  console.log(
    `${name}: ${wall.toFixed(2)} s wall, ${cpu.toFixed(2)} s CPU, ${(header.pointCount / wall / 1e6).toFixed(2)} M points/s`,
  )
}
