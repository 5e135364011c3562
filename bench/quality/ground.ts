/**
 * How many points the ground filter classes as a reference does.
 *
 *   node bench/quality/ground.ts [--case isprs|ahn|made|sites]... [--variant turned|mirrored|thinned]... [--set NAME=VALUE]...
 *                                [--seeds 11,12,13]
 *
 * Needs ALIDADE_TEST_DATA (default ../shared/data), `made` aside. Cases, `isprs` and `ahn` unless others are named: the eight samples
 * of the ISPRS test that are there (Sithole and Vosselman, 2004), an AHN tile, terrain made here for each seed, and the two
 * whole ISPRS sites and Autzen, which have no reference: share of ground, points far below the surface, seconds.
 * Prints the errors of type I (ground lost) and of type II (other things taken for ground), the total error and Cohen's
 * kappa, all in %, and their means. `--variant` turns every place by 37 degrees, mirrors it, or leaves out two points of
 * three. `--set` changes an option, lengths in metres.
 */
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { groundOptions, type PointArrays } from '@alidade/analysis'
import { type GroundSample, readGroundSample, variants } from './ground-samples.ts'
import { madeTerrain, terrains } from './made-terrain.ts'
import { classified } from './run-ground.ts'
import { type GroundScore, meanScore, scoreGround } from './score-ground.ts'
import { readSurvey } from './survey-points.ts'

const { values } = parseArgs({
  options: {
    case: { type: 'string', multiple: true, default: ['isprs', 'ahn'] },
    variant: { type: 'string', multiple: true, default: [] },
    set: { type: 'string', multiple: true, default: [] },
    seeds: { type: 'string', default: '11,12,13' },
  },
})
const data = join(resolve(process.env.ALIDADE_TEST_DATA ?? '../shared/data'), 'pointcloud')
const changed = Object.fromEntries(
  values.set.map((text) => {
    const [name, value] = text.split('=')
    if (!(name! in groundOptions())) throw new Error(`no option ${name}`)
    return [name, Number(value)]
  }),
)
const optionsFor = (unitsPerMetre: number) => ({ ...groundOptions(unitsPerMetre), ...changed })

const cases: Record<string, () => Promise<void>> = {
  isprs: async () => {
    const scores: GroundScore[] = []
    for (const name of ['11', '12', '21', '22', '31', '41', '51', '54']) {
      scores.push(await score(`samp${name}`, await readGroundSample(join(data, `isprs/samp${name}-utm.laz`))))
    }
    print('mean', meanScore(scores))
  },
  ahn: async () => {
    await score('ahn_2386', await readGroundSample(join(data, 'buildings/ahn_2386_9702.laz')))
  },
  made: async () => {
    const scores: GroundScore[] = []
    for (const terrain of Object.keys(terrains)) {
      for (const [i, seed] of values.seeds.split(',').map(Number).entries()) {
        const sample = madeTerrain({ terrain, seed, density: [0.25, 1, 4][i % 3]! })
        scores.push(await score(`${terrain} ${seed}`, sample))
      }
    }
    print('mean', meanScore(scores))
  },
  sites: async () => {
    await describe('CSite3', join(data, 'isprs/CSite3_orig-utm.laz'), 1)
    await describe('CSite4', join(data, 'isprs/CSite4_orig-utm.laz'), 1)
    await describe('autzen', join(data, 'perf/autzen-1.02M-ft.laz'), 1 / 0.3048)
  },
}

console.log(`${'place'.padEnd(16)}  type I  type II  total   kappa`)
for (const name of values.case) {
  const run = cases[name]
  if (run === undefined) throw new Error(`no case ${name}; there are ${Object.keys(cases).join(', ')}`)
  await run()
}

async function score(name: string, original: GroundSample): Promise<GroundScore> {
  const sample = values.variant.reduce((from, variant) => variants[variant]!(from), original)
  const result = scoreGround(sample.isGround, await classified(sample.points, optionsFor(1)))
  print(name, result)
  return result
}

function print(name: string, { typeOne, typeTwo, total, kappa }: GroundScore): void {
  const column = (value: number, width: number) => (100 * value).toFixed(2).padStart(width)
  console.log(
    `${name.padEnd(16)}${column(typeOne, 8)}${column(typeTwo, 9)}${column(total, 7)}${column(kappa, 8)}`,
  )
}

/** What can be said without a reference. */
async function describe(name: string, path: string, unitsPerMetre: number): Promise<void> {
  const { points } = await readSurvey(path)
  const began = performance.now()
  const classes = await classified(points, optionsFor(unitsPerMetre))
  const seconds = (performance.now() - began) / 1000
  const ground = classes.reduce((count, code) => count + (code === 2 ? 1 : 0), 0)
  const [low, high] = extremesOf(points, classes)
  console.log(
    `${name.padEnd(16)}${((100 * ground) / classes.length).toFixed(1)} % ground, from ${low.toFixed(1)} to ` +
      `${high.toFixed(1)}; ${seconds.toFixed(2)} s`,
  )
}

/** Lowest and highest ground. */
function extremesOf({ z }: PointArrays, classes: Uint8Array): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let i = 0; i < z.length; i++) {
    if (classes[i] !== 2) continue
    low = Math.min(low, z[i]!)
    high = Math.max(high, z[i]!)
  }
  return [low, high]
}
