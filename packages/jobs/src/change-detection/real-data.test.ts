// The job on surveys of real places, through real files. Skipped, with the reason in the name, where they are absent.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { type Feature, readCloud, runJob } from './run-job.fixture.ts'
import { bruteForceDistance, randomNumbers } from './two-surveys.fixture.ts'

const root = resolve(import.meta.dirname, '../../../..')
const folder = join(resolve(root, process.env.ALIDADE_TEST_DATA ?? '../shared/data'), 'pointcloud')
const without = !existsSync(folder)
const note = without ? ' [skipped: no data at ALIDADE_TEST_DATA]' : ''

const site4 = [1, 2].map((epoch) => join(folder, `change/site4_epoch${epoch}.las`)) as [string, string]
const toronto = [15, 23].map((year) => join(folder, `epochs-real/TTP_${year}.laz`)) as [string, string]

/** How many points of each survey are checked against all points of the other one. */
const sampleSize = 400

test.skipIf(without).each([
  ['site4, LAS', site4],
  ['Toronto 2015 and 2023, LAZ', toronto],
])(
  `distances written to the results of %s are those of brute force, both ways${note}`,
  async (_, surveys) => {
    const outputs = ['segmentedModel3DA', 'segmentedModel3DB']
    const job = await runJob(...surveys, { outputs })
    const [a, b] = [
      await readCloud(job.path('segmentedModel3DA', 'segmentedModel3DA.las')),
      await readCloud(job.path('segmentedModel3DB', 'segmentedModel3DB.las')),
    ]
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
)

interface Site4Truth {
  changes: { id: number; kind: string; center: [number, number]; size?: [number, number]; volume?: number }[]
}

test.skipIf(without)(
  `of the four changes of site4 it finds the demolished block and the new building, and nothing else${note}`,
  async () => {
    const truth: Site4Truth = JSON.parse(await readFile(join(folder, 'change/site4_truth.json'), 'utf8'))
    const job = await runJob(...site4)
    const features = await job.features()
    expect(features.map(({ properties }) => properties.label)).toEqual(['disappeared', 'appeared'])

    const boxes = [...(await job.scene()).Annotations!.Objects3D!.Objects.values()]
    for (const [i, kind] of ['removed', 'added_box'].entries()) {
      const change = truth.changes.find((change) => change.kind === kind)!
      const { xmin, xmax, ymin, ymax } = boxes[i]!.RotatedBox3D.Box3D
      expect(Math.abs((xmin + xmax) / 2 - change.center[0]), kind).toBeLessThan(2)
      expect(Math.abs((ymin + ymax) / 2 - change.center[1]), kind).toBeLessThan(2)
      // Both lie square to the grid, up to which side is the length.
      const { lengthMetres, widthMetres } = features[i]!.properties
      const sizes = [Number(lengthMetres), Number(widthMetres)].sort((one, other) => one - other)
      for (const [axis, size] of [...change.size!].sort((one, other) => one - other).entries())
        expect(Math.abs(sizes[axis]! - size), kind).toBeLessThan(4)
    }
    const { volumeCubicMetres } = (features[1] as Feature).properties
    const { volume } = truth.changes.find(({ kind }) => kind === 'added_box')!
    expect(Number(volumeCubicMetres) / volume!).toBeCloseTo(1, 1)

    // The dug hollow (2 m) and the fill (1 m) are shallower than two and three spacings of a scan of 1 point per square
    // metre: the distances alone do not show them.
    const labels = await readFile(join(folder, 'change/site4_epoch2.labels.bin'))
    const { change } = await readCloud(job.path('segmentedModel3DB', 'segmentedModel3DB.las'))
    const found = (id: number) => change.filter((number, i) => number > 0 && labels[i] === id).length
    expect([found(3), found(4)]).toEqual([0, 0])
    // Of the new building nine of ten points are marked, and nine of ten that are marked are of a change.
    const ofBuilding = labels.filter((label) => label === 2).length
    const shares = truth.changes.map(({ id, kind }) => {
      const share = found(id) / labels.filter((label) => label === id).length
      return `${kind} ${Number.isNaN(share) ? 'not in this survey' : `${Math.round(100 * share)} %`}`
    })
    console.log(
      `site4: ${features.length} of ${truth.changes.length} changes found; points of the later survey marked: ` +
        `${shares.join(', ')}; marked though unchanged: ${found(0)}`,
    )
    expect(found(2) / ofBuilding).toBeGreaterThan(0.9)
    expect(found(0) / change.filter((number) => number > 0).length).toBeLessThan(0.1)
  },
)
