// A process that reads mutants `from` to `to` of one reader under a limit of memory:
// `node fuzz-process.fixture.ts READER SEED FROM TO`. Prints a line before and after each, by `FuzzLine`.
import { writeSync } from 'node:fs'
import { FormatError } from './format-error.ts'
import { fuzzReaders } from './fuzz-readers.fixture.ts'
import type { FuzzReader } from './fuzz-reader.fixture.ts'
import { seededRandom } from './las.fixture.ts'
import { limitMemory } from './memory-limit.fixture.ts'

export type FuzzLine =
  | { begun: number }
  | { ended: number; milliseconds: number; outcome: 'read' | 'refused' }
  | { ended: number; milliseconds: number; outcome: 'failed'; problem: string }

const [readerName, seed, from, to] = process.argv.slice(2)
const reader: FuzzReader | undefined = fuzzReaders[readerName!]
if (!reader) throw new TypeError(`there is no reader ${readerName}`)

/** At once, so that the last line is known when the process is gone. */
function tell(line: FuzzLine): void {
  writeSync(1, `${JSON.stringify(line)}\n`)
}

async function outcomeOf(
  bytes: Uint8Array,
): Promise<{ outcome: 'read' | 'refused' } | { outcome: 'failed'; problem: string }> {
  try {
    await reader!.read(bytes)
    return { outcome: 'read' }
  } catch (error) {
    if (error instanceof FormatError) return { outcome: 'refused' }
    return { outcome: 'failed', problem: error instanceof Error ? String(error.stack) : String(error) }
  }
}

const samples = await reader.samples()
// What every run has, code and decoder, is there before the limit.
for (const sample of samples) await outcomeOf(sample)
limitMemory(reader.megabytes ?? 256)
const step = reader.oneOf ?? 1
for (let i = Math.ceil(Number(from) / step) * step; i < Number(to); i += step) {
  // Each mutant depends on the seed and its number only: one alone is the same as one among many.
  const bytes = reader.mutate(samples[i % samples.length]!, seededRandom(Number(seed) * 1_000_003 + i))
  tell({ begun: i })
  const began = performance.now()
  const outcome = await outcomeOf(bytes)
  tell({ ended: i, milliseconds: Math.round(performance.now() - began), ...outcome })
}
