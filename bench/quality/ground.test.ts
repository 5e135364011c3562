// The ground filter against references: kept a little below what `node bench/quality/ground.ts` prints, so that a change that costs
// quality is seen.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { groundOptions } from '@alidade/analysis'
import { describe, expect, test } from 'vitest'
import { type GroundSample, readGroundSample, variants } from './ground-samples.ts'
import { madeTerrain } from './made-terrain.ts'
import { classified } from './run-ground.ts'
import { type GroundScore, meanScore, scoreGround } from './score-ground.ts'
import { readSurvey } from './survey-points.ts'

const root = resolve(import.meta.dirname, '../..')
const data = join(resolve(root, process.env.ALIDADE_TEST_DATA ?? '../shared/data'), 'pointcloud')
const missing = existsSync(join(data, 'isprs')) ? undefined : `no test data: ${data} (set ALIDADE_TEST_DATA)`

const scoreOf = async ({ points, isGround }: GroundSample): Promise<GroundScore> =>
  scoreGround(isGround, await classified(points))

describe.skipIf(missing !== undefined)(
  `on real surveys${missing === undefined ? '' : `: ${missing}`}`,
  () => {
    test('the eight ISPRS samples agree with their reference, as they are and turned', async () => {
      const [asTheyAre, turned]: [GroundScore[], GroundScore[]] = [[], []]
      for (const name of ['11', '12', '21', '22', '31', '41', '51', '54']) {
        const sample = await readGroundSample(join(data, `isprs/samp${name}-utm.laz`))
        asTheyAre.push(await scoreOf(sample))
        turned.push(await scoreOf(variants.turned!(sample)))
      }
      expect(meanScore(asTheyAre).kappa).toBeGreaterThan(0.92)
      expect(meanScore(asTheyAre).total).toBeLessThan(0.036)
      expect(Math.min(...asTheyAre.map(({ kappa }) => kappa))).toBeGreaterThan(0.795)
      expect(meanScore(turned).kappa).toBeGreaterThan(0.91)
      expect(meanScore(turned).total).toBeLessThan(0.041)
    })

    test('the AHN tile agrees with its classes', async () => {
      const { kappa, total } = await scoreOf(
        await readGroundSample(join(data, 'buildings/ahn_2386_9702.laz')),
      )
      expect(kappa).toBeGreaterThan(0.975)
      expect(total).toBeLessThan(0.012)
    })

    test('gross errors up to 100 m below a whole site are no ground', async () => {
      const { points } = await readSurvey(join(data, 'isprs/CSite4_orig-utm.laz'))
      // The ground of the site begins at 285 m; what is that far below it is an error of the scanner.
      const isError = (z: number) => z < 265
      const classes = await classified(points)
      let [errors, taken] = [0, 0]
      for (const [i, z] of points.z.entries()) {
        if (!isError(z)) continue
        errors++
        if (classes[i] === 2) taken++
      }
      expect(errors).toBeGreaterThan(10)
      expect(taken).toBe(0)
    })
  },
)

describe('on made terrain of a seed that nothing was chosen by', () => {
  const worst = {
    town: 0.05,
    slopedTown: 0.03,
    forest: 0.11,
    quarry: 0.05,
    dyke: 0.03,
    mountain: 0.03,
    fields: 0.05,
  }
  test.each(Object.entries(worst))('%s: at most a share of %d is classed wrongly', async (terrain, share) => {
    const { total } = await scoreOf(madeTerrain({ terrain, seed: 21, density: 1 }))
    expect(total).toBeLessThan(share)
  })

  test('in feet the classes are those in metres', async () => {
    const { points } = madeTerrain({ terrain: 'slopedTown', seed: 23, density: 0.5 })
    const feet = (column: Float64Array) => column.map((value) => value / 0.3048)
    const inFeet = { x: feet(points.x), y: feet(points.y), z: feet(points.z) }
    const [a, b] = [await classified(points), await classified(inFeet, groundOptions(1 / 0.3048))]
    const differing = a.reduce((count, code, i) => count + (code === b[i] ? 0 : 1), 0)
    // Rounding puts a point or two on the other side of a limit.
    expect(differing / a.length).toBeLessThan(0.001)
  })
})
