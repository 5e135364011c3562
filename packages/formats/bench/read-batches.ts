// Decodes LAZ files to records, batch by batch: laz-perf alone on each chunk, one thread, several threads; in alternating
// rounds, medians [least-most]. With --only 0, 1 or 2 one of them alone, for its memory.
// Usage: node packages/formats/bench/read-batches.ts [--threads 2] [--rounds 5] [--only N] FILE...
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { createLazPerf } from 'laz-perf'
import { openFile, readLasHeader, readPointBatches } from '../src/index.ts'
import { readLazChunks } from '../src/laz-chunks.ts'

const { values, positionals: files } = parseArgs({
  allowPositionals: true,
  options: {
    threads: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string' },
  },
})
if (files.length === 0) throw new Error('usage: read-batches.ts [--threads 2] [--rounds 5] FILE...')
const threads = Number(values.threads)

/** The floor of one thread: the whole file is in memory, each record is decoded into the same place. */
async function decodeChunksOnly(file: string): Promise<number> {
  const source = await openFile(file)
  const header = await readLasHeader(source)
  const chunks = await readLazChunks(source, header)
  await source.close()
  const bytes = await readFile(file)
  const module = await createLazPerf()
  const input = module._malloc(Math.max(...chunks.sizes))
  const record = module._malloc(header.pointRecordLength)
  for (let chunk = 0; chunk < chunks.offsets.length; chunk++) {
    const offset = chunks.offsets[chunk]!
    module.HEAPU8.set(bytes.subarray(offset, offset + chunks.sizes[chunk]!), input)
    const decoder = new module.ChunkDecoder()
    decoder.open(header.pointFormat, header.pointRecordLength, input)
    for (let i = chunks.pointCounts[chunk]!; i > 0; i--) decoder.getPoint(record)
    decoder.delete()
  }
  return header.pointCount
}

async function readBatches(file: string, threads: number): Promise<number> {
  const source = await openFile(file)
  let points = 0
  for await (const { count } of readPointBatches(source, await readLasHeader(source), { threads })) {
    points += count
  }
  await source.close()
  return points
}

/** Of a reader whose only work is to say stop: from the signal until the last thread is gone. */
async function abortMilliseconds(file: string): Promise<number> {
  const source = await openFile(file)
  const abort = new AbortController()
  const options = { threads, signal: abort.signal }
  let began = 0
  try {
    for await (const { firstIndex } of readPointBatches(source, await readLasHeader(source), options)) {
      if (firstIndex === 0) continue
      began = performance.now()
      abort.abort()
    }
  } catch {
    // The reason of the signal.
  }
  await source.close()
  return performance.now() - began
}

const variants: [name: string, read: (file: string) => Promise<number>][] = [
  ['laz-perf chunk by chunk, nothing else', decodeChunksOnly],
  ['readPointBatches, 1 thread', (file) => readBatches(file, 1)],
  [`readPointBatches, ${threads} threads`, (file) => readBatches(file, threads)],
]
const runs = variants.map(() => ({ wall: [] as number[], cpu: [] as number[] }))
let points = 0
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [i, [, read]] of variants.entries()) {
    if (values.only !== undefined && i !== Number(values.only)) continue
    const [began, cpu] = [performance.now(), process.cpuUsage()]
    points = 0
    for (const file of files) points += await read(file)
    const { user, system } = process.cpuUsage(cpu)
    runs[i]!.wall.push((performance.now() - began) / 1000)
    runs[i]!.cpu.push((user + system) / 1e6)
  }
}

function told(values: number[]): string {
  const sorted = values.toSorted((a, b) => a - b)
  const [least, middle, most] = [sorted[0]!, sorted[sorted.length >> 1]!, sorted.at(-1)!]
  return `${middle.toFixed(2)} [${least.toFixed(2)}-${most.toFixed(2)}] s`
}
console.log(`${points} points, ${values.rounds} rounds`)
for (const [i, [name]] of variants.entries()) {
  if (runs[i]!.wall.length === 0) continue
  console.log(`${name}: ${told(runs[i]!.wall)} wall, ${told(runs[i]!.cpu)} CPU`)
}
console.log(`abort: ${(await abortMilliseconds(files[0]!)).toFixed(0)} ms until the last thread was gone`)
console.log(`peak memory of the process: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`)
