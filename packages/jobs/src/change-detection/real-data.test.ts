// The job on surveys of real places, through real files. Skipped, with the reason in the name, where they are absent.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import {
  createLasWriter,
  openFile,
  readLasHeader,
  readPointBatches,
  readXyz,
  writeLasPoints,
} from '@alidade/formats'
import { expect, test } from 'vitest'
import { readCloud, runJob, temporaryFolder } from './run-job.fixture.ts'
import { bruteForceDistance, randomNumbers } from './two-surveys.fixture.ts'

const root = resolve(import.meta.dirname, '../../../..')
const folder = join(resolve(root, process.env.ALIDADE_TEST_DATA ?? '../shared/data'), 'pointcloud')
const without = !existsSync(folder)
const note = without ? ' [skipped: no data at ALIDADE_TEST_DATA]' : ''

const site4 = [1, 2].map((epoch) => join(folder, `change/site4_epoch${epoch}.las`)) as [string, string]
const toronto = [15, 23].map((year) => join(folder, `epochs-real/TTP_${year}.laz`)) as [string, string]

/** A busy machine takes its time. */
const minutes = 180_000

const results = new Map<string, ReturnType<typeof runWhole>>()
/** Of one run for all tests. */
function resultsOf(surveys: [string, string], end: string) {
  const key = surveys.join()
  if (!results.has(key)) results.set(key, runWhole(surveys, end))
  return results.get(key)!
}

async function runWhole(surveys: [string, string], end: string) {
  const job = await runJob(...surveys)
  const cloudOf = (name: string) => readCloud(job.path(name, `${name}.${end}`))
  const clouds = [await cloudOf('segmentedModel3DA'), await cloudOf('segmentedModel3DB')] as const
  return { clouds, features: await job.features(), warnings: job.warnings }
}

/** In UTM: what both surveys have seen of the streets in the middle. */
const downtown = { west: 634_130, east: 634_370, south: 4_831_440, north: 4_831_760 }

/** The records of a survey that lie downtown, under its header. */
async function downtownOf(survey: string, folder: string): Promise<string> {
  const source = await openFile(survey)
  const like = await readLasHeader(source)
  const { x, y } = await readXyz(source, like)
  const length = like.pointRecordLength
  const path = join(folder, basename(survey))
  const writer = await createLasWriter(path, { like, compressed: true })
  for await (const { firstIndex, count, records } of readPointBatches(source, like)) {
    const kept = Array.from({ length: count }, (_, i) => i).filter((i) => {
      const [u, v] = [x[firstIndex + i]!, y[firstIndex + i]!]
      return u > downtown.west && u < downtown.east && v > downtown.south && v < downtown.north
    })
    const there = Buffer.concat(kept.map((i) => records.subarray(i * length, (i + 1) * length)))
    await writer.append(there, kept.length)
  }
  await writer.close()
  await source.close()
  return path
}

async function downtowns(): Promise<[string, string]> {
  const folder = await temporaryFolder()
  return [await downtownOf(toronto[0], folder), await downtownOf(toronto[1], folder)]
}

/** How many points of each survey are checked against all points of the other one. */
const sampleSize = 400

test.skipIf(without).each([
  ['site4, LAS', async () => site4, 'las'],
  ['Toronto 2015 and 2023, LAZ', downtowns, 'laz'],
])(
  `distances written to the results of %s are those of brute force, both ways${note}`,
  async (_, surveys, end) => {
    const [a, b] = (await resultsOf(await surveys(), end)).clouds
    expect(Math.min(a.distance.length, b.distance.length)).toBeGreaterThan(20_000)
    const random = randomNumbers(4)
    let largest = 0
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      for (let k = 0; k < sampleSize; k++) {
        const i = Math.floor(random() * from.distance.length)
        const exact = bruteForceDistance(from, i, to)
        // 1e-4 m where a 32-bit number can say it: beyond 1 km its steps are wider.
        largest = Math.max(largest, Math.abs(from.distance[i]! - exact) / Math.max(1, exact / 1000))
      }
    }
    expect(largest).toBeLessThan(1e-4)
  },
  minutes,
)

interface Site4Truth {
  changes: { id: number; kind: string; center: [number, number]; size?: [number, number]; volume?: number }[]
}

test.skipIf(without)(
  `of site4 it finds all four changes, no other, their volumes, and their points with an F1 of 0.8${note}`,
  async () => {
    const truth: Site4Truth = JSON.parse(await readFile(join(folder, 'change/site4_truth.json'), 'utf8'))
    const { features, warnings, clouds } = await resultsOf(site4, 'las')
    expect(warnings).toEqual([])
    const counts = { right: 0, wrong: 0, missed: 0 }
    /** Points of each change found in each true one, 0 for none. */
    const shared = new Map<string, number>()
    const sizes = new Map<number, number>()
    for (const [k, { change }] of clouds.entries()) {
      const labels = await readFile(join(folder, `change/site4_epoch${k + 1}.labels.bin`))
      for (const [i, label] of labels.entries()) {
        if (label === 255) continue
        const found = change[i]!
        sizes.set(label, (sizes.get(label) ?? 0) + 1)
        shared.set(`${found} ${label}`, (shared.get(`${found} ${label}`) ?? 0) + 1)
        if (found > 0 && label > 0) counts.right++
        else if (found > 0) counts.wrong++
        else if (label > 0) counts.missed++
      }
    }
    const f1 = (2 * counts.right) / (2 * counts.right + counts.wrong + counts.missed)
    const volumes = truth.changes.map(({ id, kind, volume }) => {
      const feature = features.find(
        ({ properties }) => (shared.get(`${properties.change} ${id}`) ?? 0) >= 0.5 * sizes.get(id)!,
      )
      expect(feature, kind).toBeDefined()
      return `${kind} ${feature!.properties.volumeCubicMetres} of ${volume ?? 'unknown'}`
    })
    console.log(`site4: F1 ${f1.toFixed(3)}, volumes ${volumes.join(', ')}`)
    expect(features.map(({ properties }) => properties.label).sort()).toEqual([
      'appeared',
      'appeared',
      'disappeared',
      'disappeared',
    ])
    for (const { id, kind, volume } of truth.changes) {
      const { properties } = features.find(
        ({ properties }) => (shared.get(`${properties.change} ${id}`) ?? 0) >= 0.5 * sizes.get(id)!,
      )!
      if (volume !== undefined)
        expect(Math.abs(Number(properties.volumeCubicMetres) / volume - 1), kind).toBeLessThan(0.15)
    }
    expect(f1).toBeGreaterThan(0.8)
  },
  minutes,
)

test.skipIf(without)(
  `disjoint random halves of a wooded hillside hold no change${note}`,
  async () => {
    const folderOfHalves = await temporaryFolder()
    const source = await openFile(join(folder, 'isprs/CSite3_orig-utm.laz'))
    const { x, y, z } = await readXyz(source, await readLasHeader(source))
    await source.close()
    const random = randomNumbers(77)
    const halves = [0, 1].map(() => ({ x: [] as number[], y: [] as number[], z: [] as number[] }))
    for (let i = 0; i < x.length; i++) {
      const half = halves[random() < 0.5 ? 0 : 1]!
      half.x.push(x[i]!)
      half.y.push(y[i]!)
      half.z.push(z[i]!)
    }
    const paths = halves.map((_, k) => join(folderOfHalves, `half-${k + 1}.las`)) as [string, string]
    for (const [k, half] of halves.entries())
      await writeLasPoints(paths[k]!, half, { crs: { epsg: 32632 }, createdAt: new Date(0) })
    const job = await runJob(...paths, { outputs: ['objects3D', 'exportedLocations3DGeoJSON'] })
    expect(await job.features()).toEqual([])
    expect(job.warnings).toEqual([])
  },
  minutes,
)
