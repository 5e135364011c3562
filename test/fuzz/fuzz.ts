// `npm run fuzz`: mutants of real files for every reader of @alidade/formats, each in a process with a limit of memory
// and of time. Prints what a failure takes to be seen again; exit code 1 when there was one.
//   --seed N (default: another one each time)  --mutants N (20000)  --reader NAME (all)  --only N (that mutant alone)
import { parseArgs } from 'node:util'
import { fuzz } from '../../packages/formats/src/fuzz.fixture.ts'
import { fuzzReaders } from '../../packages/formats/src/fuzz-readers.fixture.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    mutants: { type: 'string', default: '20000' },
    reader: { type: 'string' },
    only: { type: 'string' },
  },
})
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e6))
const [from, to] = values.only === undefined ? [0, Number(values.mutants)] : [Number(values.only), Number(values.only) + 1] // biome-ignore format: one line
if (![seed, from, to].every(Number.isSafeInteger)) throw new TypeError('expected whole numbers')

console.log(`seed ${seed}`)
for (const reader of values.reader === undefined ? Object.keys(fuzzReaders) : [values.reader]) {
  const began = performance.now()
  const { read, refused, slowestMilliseconds, failures } = await fuzz(reader, { seed, from, to })
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.log(
    `${reader}: ${to - from} mutants in ${seconds} s, ${read} read, ${refused} refused, ${failures.length} failed; ` +
      `the slowest took ${slowestMilliseconds} ms`,
  )
  for (const { mutant, problem } of failures) {
    console.log(`  npm run fuzz -- --seed ${seed} --reader ${reader} --only ${mutant}\n  ${problem}`)
  }
  if (failures.length > 0) process.exitCode = 1
}
