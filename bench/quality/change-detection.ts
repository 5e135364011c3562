/**
 * What change detection finds where the truth is known, and what it should not find where nothing has changed.
 *
 *   node bench/quality/change-detection.ts [--case NAME]... [--seeds 101,102]
 *
 * Needs ALIDADE_TEST_DATA (default ../shared/data). Cases: `site4`, `scenes` (made from CSite3, CSite4 and Autzen by
 * `make-scene.ts`, one for each seed), `halves` (disjoint random halves), `same`, `thinned` (1:10), `shifted` (by 5 and 50 cm),
 * `ttp`. Runs the job in its runner process on files. Prints for each pair F1, precision and recall by point over both
 * surveys, true changes found (half of their points in one object), objects more than half of whose points are unchanged
 * (of more than 20 points), volumes beside the true ones, warnings, seconds and the peak resident memory.
 */
import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { PointArrays } from '@alidade/analysis'
import { writeLasPoints } from '@alidade/formats'
import { runAttempt } from '../../packages/server/src/agent/run-attempt.ts'
import { makeScene } from './make-scene.ts'
import { readChanges, scoreOf, type KnownChange } from './score.ts'
import { movedPoints, readSurvey, splitPoints } from './survey-points.ts'
import { localOutputs } from '../local-outputs.ts'

const { values } = parseArgs({
  options: {
    case: { type: 'string', multiple: true },
    seeds: { type: 'string', default: '101,102,103' },
  },
})
const data = join(resolve(process.env.ALIDADE_TEST_DATA ?? '../shared/data'), 'pointcloud')
const folder = await mkdtemp(join(tmpdir(), 'alidade-quality-'))
const seeds = values.seeds.split(',').map(Number)

interface Source {
  path: string
  /** Files without a system get this one, so that volumes come in metres. */
  crs?: string
  unitsPerMetre: number
}
const site3: Source = { path: join(data, 'isprs/CSite3_orig-utm.laz'), unitsPerMetre: 1 }
const site4: Source = { path: join(data, 'isprs/CSite4_orig-utm.laz'), unitsPerMetre: 1 }
const autzen: Source = {
  path: join(data, 'perf/autzen-1.02M-ft.laz'),
  crs: 'EPSG:2992',
  unitsPerMetre: 1 / 0.3048,
}
const sources = { site3, site4, autzen }

interface Truth {
  labels: [Uint8Array, Uint8Array]
  changes: KnownChange[]
}

const cases: Record<string, () => Promise<void>> = {
  site4: async () => {
    const paths = [1, 2].map((epoch) => join(data, `change/site4_epoch${epoch}.las`))
    const labels = await Promise.all(
      [1, 2].map((epoch) => readFile(join(data, `change/site4_epoch${epoch}.labels.bin`))),
    )
    const { changes } = JSON.parse(await readFile(join(data, 'change/site4_truth.json'), 'utf8'))
    await run('site4', paths, { truth: { labels: labels as unknown as Truth['labels'], changes } })
  },
  scenes: async () => {
    for (const [name, { path, crs, unitsPerMetre }] of Object.entries(sources)) {
      const { points, epsg } = await readSurvey(path)
      for (const seed of seeds) {
        const { surveys, labels, changes } = makeScene(points, seed, unitsPerMetre)
        const cubicMetres = unitsPerMetre ** -3
        const known = changes.map((change) => ({
          ...change,
          ...('volume' in change && { volume: change.volume * cubicMetres }),
        }))
        const title = `${name}, seed ${seed}`
        await run(title, await written(surveys, epsg), { crs, truth: { labels, changes: known } })
      }
    }
  },
  halves: () => forEachSource((points, seed) => splitPoints(points, seed), 'halves'),
  same: () => forEachSource((points) => [points, points], 'the same file twice', [0]),
  thinned: () => forEachSource((points, seed) => splitPoints(points, seed, 0.1), 'one of both thinned 1:10'),
  shifted: async () => {
    for (const metres of [0.05, 0.5]) {
      const shift = (by: readonly [number, number, number]) => (points: PointArrays, seed: number) => {
        const [a, b] = splitPoints(points, seed)
        return [a, movedPoints(b, by)] as [PointArrays, PointArrays]
      }
      for (const source of Object.keys(sources) as (keyof typeof sources)[]) {
        const by = metres * sources[source].unitsPerMetre
        await forEachSource(shift([0, 0, by]), `${100 * metres} cm up`, [seeds[0]!], source)
        await forEachSource(shift([by, 0, 0]), `${100 * metres} cm east`, [seeds[0]!], source)
      }
    }
  },
  ttp: () =>
    run(
      'TTP',
      [15, 23].map((year) => join(data, `epochs-real/TTP_${year}.laz`)),
      {},
    ),
}

async function forEachSource(
  pairOf: (points: PointArrays, seed: number) => [PointArrays, PointArrays],
  what: string,
  withSeeds = seeds,
  only?: keyof typeof sources,
): Promise<void> {
  for (const [name, { path, crs }] of Object.entries(sources)) {
    if (only !== undefined && only !== name) continue
    const { points, epsg } = await readSurvey(path)
    for (const seed of withSeeds)
      await run(`${name}, ${what}, seed ${seed}`, await written(pairOf(points, seed), epsg), { crs })
  }
}

async function written(surveys: readonly PointArrays[], epsg: number | undefined): Promise<string[]> {
  const paths = surveys.map((_, k) => join(folder, `survey-${k + 1}.las`))
  for (const [k, survey] of surveys.entries())
    await writeLasPoints(paths[k]!, survey, epsg === undefined ? {} : { crs: { epsg } })
  return paths
}

async function run(
  title: string,
  paths: string[],
  { crs, truth }: { crs?: string | undefined; truth?: Truth },
): Promise<void> {
  const outputs: Record<string, string> = {}
  for (const name of ['objects3D', 'exportedLocations3DGeoJSON', 'segmentedModel3DA', 'segmentedModel3DB'])
    outputs[name] = await mkdtemp(join(folder, `${name}-`))
  const scratch = join(folder, 'scratch')
  await mkdir(scratch, { recursive: true })
  const inputs = await Promise.all(
    paths.map(async (path) => [
      {
        name: basename(path),
        segments: [{ path, sizeBytes: (await stat(path)).size }],
        ...(crs !== undefined && { sceneCrs: crs }),
      },
    ]),
  )
  const warnings: string[] = []
  const began = performance.now()
  const result = await runAttempt({
    type: 'changeDetection',
    inputs: { modelA: inputs[0]!, modelB: inputs[1]! },
    options: {},
    outputs: localOutputs(outputs),
    scratch,
    threads: 2,
    loggedAs: title,
    memoryLimitMegabytes: 16_000,
    signal: new AbortController().signal,
    onProgress: () => {},
    onWarning: ({ code, params }) => warnings.push(`${code} ${params.join(', ')}`),
  })
  const seconds = (performance.now() - began) / 1000
  if (result.state !== 'success') throw new Error(`${title}: ${JSON.stringify(result)}`)
  const { features } = JSON.parse(
    await readFile(join(outputs.exportedLocations3DGeoJSON!, 'exportedLocations3DGeoJSON.geojson'), 'utf8'),
  )
  console.log(
    `${title}: ${features.length} objects, ${seconds.toFixed(1)} s, ${result.peakMegabytes} MB` +
      (warnings.length > 0 ? `; ${warnings.join('; ')}` : ''),
  )
  if (truth === undefined) return
  const found = [await readChanges(outputs.segmentedModel3DA!), await readChanges(outputs.segmentedModel3DB!)]
  for (const line of scoreOf(found, truth.labels, truth.changes, features)) console.log(`  ${line}`)
}

try {
  for (const name of values.case ?? Object.keys(cases)) {
    const one = cases[name]
    if (one === undefined) throw new RangeError(`expected one of ${Object.keys(cases)}, got ${name}`)
    await one()
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
