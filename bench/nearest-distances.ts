/**
 * Time and memory of exact nearest-neighbour distances, beside CloudCompare 2.11 and scipy's cKDTree where these are installed.
 *
 *   node bench/nearest-distances.ts [--rounds 5] [--threads 2] [--pair halves --pair ttp]
 *
 * Pairs (`nearest/pairs.ts`): `halves`, `apart` and `ttp` from ALIDADE_TEST_DATA (default ../shared/data), and `scattered`, which is
 * made here. Rounds alternate between the programs, and a plain copy of the coordinates in memory; every measurement is a fresh
 * process. Times are those of indexing and comparing, without reading files: by the clock, and of all cores together. Memory is
 * the peak resident size of the whole process. One direction is what the others compute in one call. Ours begins with code that is
 * compiled while it runs; what a process that goes on pays is told beside it, with memory that earlier calls have left. Of the
 * others neither start nor loading of code is in their times. Distances are held against scipy's.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadDistances, storePair } from './nearest/files.ts'
import { makePair, pairNames } from './nearest/pairs.ts'
import { type Measurement, type Program, programsFor } from './nearest/programs.ts'

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    pair: { type: 'string', multiple: true, default: ['halves', 'apart', 'ttp'] },
  },
})
const threads = Number(options.threads)

const unknown = options.pair.find((name) => !pairNames.includes(name))
if (unknown !== undefined) throw new RangeError(`expected ${pairNames.join(', ')}, got ${unknown}`)
for (const name of options.pair) await comparePair(name)

async function comparePair(name: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'nearest-distances-'))
  try {
    const pair = await makePair(name, folder)
    if (pair === undefined) return
    console.log(`\n${name}: ${pair[0].x.length} and ${pair[1].x.length} points, ${threads} threads`)
    storePair(folder, pair)
    const programs = programsFor(folder, threads)
    // Once unmeasured: files are read for the first time, and our code is compiled.
    for (const program of programs) await program.measure()
    const results = programs.map((): Measurement[] => [])
    for (let round = 1; round <= Number(options.rounds); round++) {
      for (const [k, program] of programs.entries()) results[k]!.push(await program.measure())
      const coreSeconds = results.map((list) => (list.at(-1)!.coreMilliseconds / 1000).toFixed(2))
      console.log(`round ${round}, core seconds: ${coreSeconds.join(', ')}`)
    }
    printTable(programs, results)
    const [ours, theirs] = [loadDistances(folder, 'alidade'), loadDistances(folder, 'scipy')]
    if (ours === undefined || theirs === undefined) return
    let largest = 0
    for (let i = 0; i < ours.length; i++) largest = Math.max(largest, Math.abs(ours[i]! - theirs[i]!))
    console.log(`largest difference from scipy ${largest.toExponential(1)}`)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Medians and ranges; shares are of the median of the first program. */
function printTable(programs: readonly Program[], results: readonly Measurement[][]): void {
  const rows = programs.map(({ name }, k) => {
    const [seconds, coreSeconds] = [
      spread(results[k]!, 'milliseconds'),
      spread(results[k]!, 'coreMilliseconds'),
    ]
    const memory = spread(results[k]!, 'peakMegabytes')
    return { name, seconds, coreSeconds, memory }
  })
  const ours = rows[0]!
  console.table(
    Object.fromEntries(
      rows.map(({ name, seconds, coreSeconds, memory }) => [
        name,
        {
          's [range]': inSeconds(seconds),
          'core s [range]': inSeconds(coreSeconds),
          MB: Math.round(memory.median),
          'ours: s': (ours.seconds.median / seconds.median).toFixed(2),
          'core s': (ours.coreSeconds.median / coreSeconds.median).toFixed(2),
          memory: (ours.memory.median / memory.median).toFixed(2),
        },
      ]),
    ),
  )
}

type Spread = { median: number; least: number; most: number }

function spread(measurements: readonly Measurement[], of: keyof Measurement): Spread {
  const values = measurements.map((measurement) => measurement[of]).sort((one, other) => one - other)
  return { median: values[values.length >> 1]!, least: values[0]!, most: values.at(-1)! }
}

function inSeconds({ median, least, most }: Spread): string {
  const [middle, low, high] = [median, least, most].map((value) => (value / 1000).toFixed(3))
  return `${middle} [${low}-${high}]`
}
