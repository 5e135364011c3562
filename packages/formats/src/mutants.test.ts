// Random damage: every reader either reads or throws a FormatError, in bounded time and memory, and nothing crashes.
// `npm run fuzz` does the same with more.
import { expect, test } from 'vitest'
import { fuzz } from './fuzz.fixture.ts'
import { fuzzReaders } from './fuzz-readers.fixture.ts'
import { withoutRealData } from './real-data.fixture.ts'

const seed = 2026
const mutants = 500
const origin = withoutRealData ? 'generated files, for there is no data at ALIDADE_TEST_DATA' : 'real files'

test.each(Object.keys(fuzzReaders))(
  `${mutants} mutants for %s (seed ${seed}, ${origin}) read or are refused`,
  async (reader) => {
    const { read, refused, failures } = await fuzz(reader, { seed, from: 0, to: mutants })
    expect(failures).toEqual([])
    const all = Math.ceil(mutants / (fuzzReaders[reader]!.oneOf ?? 1))
    expect(read + refused).toBe(all)
    // Both happen, else the damage was too mild or too wild to show anything.
    expect(Math.min(read, refused)).toBeGreaterThan(all / 50)
  },
  120_000,
)
