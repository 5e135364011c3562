// A divided run writes the bytes of an undivided one, however many tiles it has.
import { join } from 'node:path'
import { writeLasPoints } from '@alidade/formats'
import { expect, test } from 'vitest'
import type { JobType, PlannedRun, Tile } from '../job-type.ts'
import { divided } from '../run-divided.fixture.ts'
import { type JobRun, runJobType, temporaryFolder } from '../run-job.fixture.ts'
import { changeDetection } from './change-detection.ts'
import { allOutputs, inspectedFiles } from './run-job.fixture.ts'
import { corner, randomNumbers } from './two-surveys.fixture.ts'

const [length, width, density] = [150, 60, 2]
/** Of the first survey alone, which looks further than the second one. */
const overlapEnds = 95
/** Of both, about. */
const pointCount = density * width * (length + overlapEnds)

/**
 * A rolling field in which a crate came, a heap went and a pit was dug, on both sides of the lines that tiles meet in; with
 * what has neighbours and counterparts in other tiles only: a bird high above, and land that the second survey has not seen.
 */
async function writeSurveys(folder: string, east: number): Promise<[string, string]> {
  const paths = [join(folder, 'before.las'), join(folder, 'after.las')] as [string, string]
  for (const epoch of [0, 1] as const) {
    const random = randomNumbers(41 + epoch)
    const [x, y, z]: [number[], number[], number[]] = [[], [], []]
    const add = (u: number, v: number, height: number) => {
      x.push(corner.east + u + epoch * east)
      y.push(corner.north + v)
      z.push(height)
    }
    // Nearer to each other than to the ground, and yet beyond what their tiles know of each other.
    add(epoch === 0 ? 10 : 80, 30, 300)
    for (let k = 0; k < density * length * width; k++) {
      const [u, v] = [length * random(), width * random()]
      if (epoch === 1 && u > overlapEnds) continue
      const ground = 100 + 1.5 * Math.sin(u / 9) * Math.cos(v / 7) + 0.02 * (random() - 0.5)
      const crate = epoch === 1 && Math.abs(u - 37) < 6 && Math.abs(v - 30) < 4 ? 3 : 0
      const heap = epoch === 0 ? 2.5 * Math.max(0, 1 - ((u - 75) ** 2 + (v - 28) ** 2) / 49) : 0
      const pit = epoch === 1 && Math.abs(u - 18) < 4 && Math.abs(v - 15) < 5 ? -1.5 : 0
      add(u, v, ground + crate + heap + pit)
    }
    const points = { x, y, z }
    await writeLasPoints(paths[epoch], points, { crs: { epsg: 32632 }, createdAt: new Date(0) })
  }
  return paths
}

function runIn(surveys: readonly string[], type: JobType): Promise<JobRun> {
  const [modelA, modelB] = surveys
  return runJobType(type, { inputs: { modelA, modelB }, outputs: allOutputs })
}

const type = changeDetection as JobType
/** Several runs, on a machine that may have other work. */
const patienceMs = 120_000

test.each([
  { where: 'in place', east: 0, tiles: [8], warnings: ['Area_Unseen'] },
  { where: 'beside the other', east: 0.4, tiles: [1, 2], warnings: ['Surveys_Shifted', 'Area_Unseen'] },
])(
  'the bytes of an undivided run come of $tiles tiles, of a survey $where',
  async (scene) => {
    const surveys = await writeSurveys(await temporaryFolder(), scene.east)
    const run = await runIn(surveys, type)
    const whole = await run.files()
    const locations = whole.get('exportedLocations3DGeoJSON/exportedLocations3DGeoJSON.geojson')!
    expect(JSON.parse(locations.toString()).features.length).toBeGreaterThanOrEqual(3)
    expect(run.warnings.map(({ code }) => code)).toEqual(scene.warnings)
    for (const wanted of scene.tiles) {
      let tiles: Tile[] = []
      const fromPoints = wanted === 1 ? 1e8 : (4 * pointCount) / wanted
      const onTiles = (made: Tile[]) => {
        tiles = made
      }
      const parts = await runIn(surveys, divided(type, { fromPoints, onTiles }))
      expect(tiles).toHaveLength(wanted)
      await expectPlanned(parts, surveys, tiles)
      expect(parts.warnings).toEqual(run.warnings)
      const files = await parts.files()
      expect([...files.keys()]).toEqual([...whole.keys()])
      for (const [name, bytes] of whole) expect(files.get(name)!.equals(bytes), name).toBe(true)
    }
  },
  patienceMs,
)

/** Parts were counted to their ends, in the order of their plan. */
const countedTiles = { part: 'tiles', total: 1 }

async function expectPlanned({ steps }: JobRun, surveys: readonly string[], tiles: Tile[]): Promise<void> {
  const [a, b] = await inspectedFiles(...surveys)
  const run: PlannedRun = { inputs: { modelA: [a!], modelB: [b!] }, outputs: allOutputs, threads: 1 }
  const { planDivide, planMerge } = type.division!
  const { parts, laterSeconds } = await planDivide(run, 40_000)
  expect(laterSeconds).toBeGreaterThan(0)
  const planned = [...parts, countedTiles, ...(await planMerge(run, tiles))].filter(({ total }) => total > 0)
  expect(steps.map(({ part }) => part)).toEqual(planned.map(({ part }) => part))
  for (const { part, done, total } of steps) expect(done, part).toBe(total)
}

test('what is large is told from headers', async () => {
  const paths = await writeSurveys(await temporaryFolder(), 0)
  const [a, b] = await inspectedFiles(...paths)
  const run: PlannedRun = { inputs: { modelA: [a!], meshesB: [b!] }, outputs: ['objects3D'], threads: 2 }
  const { isLarge } = changeDetection.division!
  expect(await isLarge(run, pointCount - 5000)).toBe(true)
  expect(await isLarge(run, pointCount + 5000)).toBe(false)
})
