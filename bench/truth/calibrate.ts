/**
 * Takes anew what a unit of work costs in a change detection, from which its percentage is made.
 *
 *   node bench/truth/calibrate.ts [--rounds 3] [--scenes example,csite3,ahn] [--write]
 *
 * Needs ALIDADE_TEST_DATA (default ../shared/data). Runs the job in its runner process on scenes of its own, none of which
 * `truth.ts` judges on: the generated example scene (LAS), CSite3 of the ISPRS test and a tile of the Dutch AHN (LAZ, each
 * against itself with 3 cm of noise, LAS), side by side until a run takes seconds; with one thread and with two. Time
 * in which threads had to wait for a core is taken out, and for each part of a run the least time of the rounds counts, so
 * that what else the machine does falls out. The costs are those that
 * explain these times best, each run weighing the same. `--write` puts them into measured-costs.ts.
 */
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'
import { openFile, readLasHeader, readXyz, writeLasPoints } from '@alidade/formats'
import { type InputFile, makeExampleScene, openInputFile } from '@alidade/jobs'
import { type Cost, measuredCosts } from '../../packages/jobs/src/change-detection/measured-costs.ts'
import { countedParts } from '../../packages/jobs/src/change-detection/step-costs.ts'
import { runAttempt } from '../../packages/server/src/agent/run-attempt.ts'
import { processesIn } from '../../test/engine/processes.ts'
import { watchCoreTime } from './core-time.ts'
import { leastSquares } from './least-squares.ts'
import { shiftedCopies } from './shifted-copies.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    scenes: { type: 'string', default: 'example,csite3,ahn' },
    write: { type: 'boolean', default: false },
  },
})
const data = resolve(process.env.ALIDADE_TEST_DATA ?? '../shared/data')
const folder = await mkdtemp(join(tmpdir(), 'alidade-calibrate-'))

/** Folders of both surveys. */
const scenes: Record<string, () => Promise<string[]>> = {
  example: async () => {
    const { epochs } = await makeExampleScene(join(folder, 'example'))
    return shiftedCopies(
      epochs.map(({ path }) => [path]),
      9,
      join(folder, 'examples'),
    )
  },
  csite3: () => withNoise('isprs/CSite3_orig-utm.laz', 6),
  ahn: () => withNoise('buildings/ahn_2386_9702.laz', 36),
}
const outputNames = ['objects3D', 'segmentedModel3DB']

/** A survey against itself with 3 cm of noise in every coordinate. */
async function withNoise(name: string, copies: number): Promise<string[]> {
  const path = join(data, 'pointcloud', name)
  const source = await openFile(path)
  const { x, y, z } = await readXyz(source, await readLasHeader(source))
  await source.close()
  let state = 1
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state + 0.5) / 2 ** 32
  }
  const noisy = (value: number) =>
    value + 0.03 * Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
  const later = join(folder, `later-${copies}.las`)
  await writeLasPoints(later, { x: x.map(noisy), y: y.map(noisy), z: z.map(noisy) })
  return shiftedCopies([[path], [later]], copies, join(folder, `noise-${copies}`))
}

/**
 * Counts of every part of one run, in order, and the seconds it would have taken had no thread ever had to wait for a core.
 * The first one is the start of the runner.
 */
async function runOnce(inputs: Record<string, InputFile[]>, threads: number) {
  const outputs: Record<string, string> = {}
  for (const name of outputNames) outputs[name] = await mkdtemp(join(folder, `${name}-`))
  const scratch = await mkdtemp(join(folder, 'scratch-'))
  const cores = watchCoreTime(async () => (await processesIn(folder))[0])
  const began = [{ name: 'start', total: 1, at: performance.now(), ...cores.look() }]
  const mark = (name: string, total: number) =>
    began.push({ name, total, at: performance.now(), ...cores.look() })
  const result = await runAttempt({
    type: 'changeDetection',
    inputs,
    options: {},
    outputs,
    scratch,
    threads,
    memoryLimitMegabytes: 16_000,
    signal: new AbortController().signal,
    onProgress: ({ step, part, total }) => {
      const name = `${step}/${part}`
      if (part !== 'start' && began.at(-1)!.name !== name) mark(name, total)
    },
  })
  mark('end', 0)
  await cores.stop()
  if (result.state !== 'success') throw new Error(JSON.stringify(result))
  for (const path of [scratch, ...Object.values(outputs)]) await rm(path, { recursive: true })
  return began.slice(0, -1).map(({ name, total, at, runSeconds, waitSeconds }, i) => {
    const next = began[i + 1]!
    const [ran, waited] = [next.runSeconds - runSeconds, next.waitSeconds - waitSeconds]
    const undisturbed = ran + waited > 0 ? ran / (ran + waited) : 1
    return { name, total, seconds: ((next.at - at) / 1000) * undisturbed }
  })
}

async function inputFiles(surveys: string[]): Promise<Record<string, InputFile[]>> {
  const inputs: Record<string, InputFile[]> = {}
  for (const [i, survey] of surveys.entries()) {
    const names = (await readdir(survey)).sort()
    inputs[i === 0 ? 'modelA' : 'modelB'] = await Promise.all(
      names.map(async (name) => {
        const path = join(survey, name)
        return { name, segments: [{ path, sizeBytes: (await stat(path)).size }] }
      }),
    )
  }
  return inputs
}

/** Which cost each part of a run has, by the part's full name. */
async function costNames(inputs: Record<string, InputFile[]>): Promise<Map<string, string>> {
  const opened = Object.fromEntries(
    await Promise.all(
      Object.entries(inputs).map(
        async ([name, files]) => [name, await Promise.all(files.map(openInputFile))] as const,
      ),
    ),
  )
  const parts = await countedParts({ inputs: opened, outputs: outputNames, threads: 1 })
  await Promise.all(
    Object.values(opened)
      .flat()
      .map(({ source }) => source.close()),
  )
  return new Map(parts.map(({ step, part, cost }) => [`${step}/${part}`, cost]))
}

interface Observation {
  total: number
  threads: number
  seconds: number
  /** Of the whole run. */
  runSeconds: number
}

const observed = new Map<string, Observation[]>()
try {
  for (const scene of values.scenes.split(',')) {
    const inputs = await inputFiles(await scenes[scene]!())
    const costOf = await costNames(inputs)
    for (const threads of [1, 2]) {
      const rounds: Awaited<ReturnType<typeof runOnce>>[] = []
      for (let round = 0; round < Number(values.rounds); round++) rounds.push(await runOnce(inputs, threads))
      const least = rounds[0]!.map((part, i) => ({
        ...part,
        seconds: Math.min(...rounds.map((round) => round[i]!.seconds)),
      }))
      const runSeconds = least.reduce((sum, { seconds }) => sum + seconds, 0)
      const byCost = new Map<string, Observation>()
      for (const { name, total, seconds } of least) {
        const cost = costOf.get(name) ?? name
        const known = byCost.get(cost) ?? { total: 0, threads, seconds: 0, runSeconds }
        byCost.set(cost, { ...known, total: known.total + total, seconds: known.seconds + seconds })
      }
      for (const [cost, observation] of byCost)
        observed.set(cost, [...(observed.get(cost) ?? []), observation])
      const shares = [...byCost].map(
        ([cost, { seconds }]) => `${cost} ${((100 * seconds) / runSeconds).toFixed(1)}`,
      )
      console.log(
        `${scene}, ${threads} threads: ${runSeconds.toFixed(2)} s; in percent: ${shares.join(', ')}`,
      )
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}

const costs = new Map<string, Cost>()
for (const [name, observations] of observed) {
  const [alone, shared] = leastSquares(
    observations.map(({ total, threads, runSeconds }) => [total / runSeconds, total / threads / runSeconds]),
    observations.map(({ seconds, runSeconds }) => seconds / runSeconds),
  )
  costs.set(name, { alone, shared })
  const off = observations.map(
    ({ total, threads, seconds, runSeconds }) =>
      `${((100 * (total * (alone + shared / threads) - seconds)) / runSeconds).toFixed(1)}`,
  )
  console.log(
    `${name}: alone ${alone.toExponential(2)}, shared ${shared.toExponential(2)}; off by ${off} % of the runs`,
  )
}

if (values.write) {
  const path = fileURLToPath(
    new URL('../../packages/jobs/src/change-detection/measured-costs.ts', import.meta.url),
  )
  let text = await readFile(path, 'utf8')
  for (const name of Object.keys(measuredCosts)) {
    const cost = costs.get(name)
    if (cost === undefined) throw new Error(`${name} was not measured`)
    const number = (value: number) => (value === 0 ? '0' : value.toExponential(2))
    const written = `${name}: { alone: ${number(cost.alone)}, shared: ${number(cost.shared)} }`
    text = text.replace(new RegExp(`\\b${name}: \\{[^}]*\\}`), written)
  }
  await writeFile(path, text)
}
