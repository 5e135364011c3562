// Vectors of clouds whose classes are known, through real files.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { alsBasicDetector } from '@alidade/contract'
import { parseContextScene, writeContextScene } from '@alidade/formats'
import { expect, test } from 'vitest'
import { inspectedFiles, type JobToRun, runJobType, temporaryFolder } from '../../run-job.fixture.ts'
import type { Tile } from '../../job-type.ts'
import { divided } from '../../run-divided.fixture.ts'
import { segmentation3D } from '../segmentation-3d.ts'
import { thingsIn } from '../things-in-scene.fixture.ts'
import {
  corner,
  everyNth,
  houses,
  lamps,
  type Town,
  town,
  trees,
  wideTown,
  wires,
  writeTown,
} from '../town.fixture.ts'

const detectors = {
  pointCloudSegmentationDetector: { library: { name: alsBasicDetector.name, version: '1.0' } },
}
const vectors = ['objects3D', 'lines3D', 'polygons3D']
const { signal } = new AbortController()
const made = town()

type Labels = Record<string, { Name: string; Object?: boolean; Contour?: boolean; Line?: boolean }>
const named: Labels = {
  2: { Name: 'ground' },
  5: { Name: 'trees' },
  6: { Name: 'houses' },
  14: { Name: 'wires' },
  15: { Name: 'lamps' },
}

async function sceneWith(Labels?: Labels): Promise<string> {
  const path = join(await temporaryFolder(), 'ContextScene.json')
  const labels = Labels && { Labels: new Map(Object.entries(Labels)) }
  const Annotations = { ...labels, Segmentation3D: { Path: 'town.las' } }
  await writeFile(path, writeContextScene({ Annotations }))
  return path
}

/** The files of the input: a scene, and the town with classes, by default those that it was made of. */
async function given(
  Labels?: Labels,
  classification: number[] = made.truth,
  cloud: Town = made,
  epsg?: 'none',
) {
  const options = { classification, ...(epsg && { epsg }) }
  return [await sceneWith(Labels), await writeTown(await temporaryFolder(), 'town.las', cloud, options)]
}

const run = (segmentation3DFiles: string[], outputs: string[] = vectors, more: Partial<JobToRun> = {}) =>
  runJobType(segmentation3D, { inputs: { segmentation3D: segmentation3DFiles }, outputs, ...more })

type Job = Awaited<ReturnType<typeof run>>
const annotationsOf = async (job: Job, output: string) =>
  parseContextScene(await job.read(output, 'ContextScene.json')).Annotations!
const objectsOf = async (job: Job) => [...(await annotationsOf(job, 'objects3D')).Objects3D!.Objects.values()]
const linesOf = async (job: Job) => [...(await annotationsOf(job, 'lines3D')).Lines3D!.Lines.values()]
const polygonsOf = async (job: Job) =>
  [...(await annotationsOf(job, 'polygons3D')).Polygons3D!.Polygons.values()].map(
    ({ LabelInfo, Area, Vertices, OuterBoundary }) => ({
      label: LabelInfo.LabelId,
      area: Area,
      corners: OuterBoundary.VertexIds.map((id) => Vertices.get(String(id))!.Position),
    }),
  )
/** How many have each label. */
const labelsOf = (all: { LabelInfo: { LabelId: number } }[]) => {
  const counts: Record<number, number> = {}
  for (const { LabelInfo } of all) counts[LabelInfo.LabelId] = (counts[LabelInfo.LabelId] ?? 0) + 1
  return counts
}

test('what als-basic has found and written makes the same vectors when it is given back', async () => {
  const path = await writeTown(await temporaryFolder(), 'town.las', made)
  const options = { computeLineWidth: true }
  const found = await runJobType(segmentation3D, {
    ...{ inputs: { pointClouds: path }, outputs: ['segmentation3D', ...vectors], detectors, options },
  })
  const files = ['ContextScene.json', 'segmentedPointCloud.las'].map((name) =>
    found.path('segmentation3D', name),
  )
  const again = await run(files, vectors, { options })
  expect(labelsOf(await objectsOf(again))).toEqual(labelsOf(await objectsOf(found)))
  expect(labelsOf(await objectsOf(again))).toEqual({ 5: trees.length, 6: houses.length, 15: lamps.length })
  const bySize = (a: { area: number }, b: { area: number }) => a.area - b.area
  const before = (await polygonsOf(found)).sort(bySize)
  const after = (await polygonsOf(again)).sort(bySize)
  expect(after).toHaveLength(before.length)
  for (const [i, { corners }] of before.entries()) {
    expect(after[i]!.corners).toHaveLength(corners.length)
    for (const [k, { x, y, z }] of corners.entries()) {
      const other = after[i]!.corners[k]!
      expect(Math.hypot(other.x - x, other.y - y, other.z - z)).toBeLessThan(0.1)
    }
  }
  const [lines, linesAgain] = [await linesOf(found), await linesOf(again)]
  expect(linesAgain).toHaveLength(wires.length)
  for (const [i, { Length, MeanDiameter }] of lines.entries()) {
    expect(linesAgain[i]!.Length).toBeCloseTo(Length, 2)
    expect(linesAgain[i]!.MeanDiameter).toBeCloseTo(MeanDiameter, 2)
  }
})

test('labels that say nothing mean what the codes of ASPRS do, trees in layers of height are whole, and nobody is unsure', async () => {
  const layered = made.truth.map((code, i) => (code === 5 && i % 3 === 0 ? 4 : code))
  const job = await run(await given({ ...named, 4: { Name: 'bushes' } }, layered))
  const objects = await objectsOf(job)
  expect(labelsOf(objects)).toEqual({ 5: trees.length, 6: houses.length, 15: lamps.length })
  expect(objects.every(({ LabelInfo }) => LabelInfo.Confidence === undefined)).toBe(true)
  expect(labelsOf(await linesOf(job))).toEqual({ 14: wires.length })
  expect((await polygonsOf(job)).map(({ label }) => label)).toEqual(houses.map(() => 6))
  expect(job.warnings).toEqual([])
})

test('a class of any other code becomes objects and polygons if it has a label, and nothing without', async () => {
  // The ground in two squares, of which one has a courtyard.
  const bed = made.truth.map((code, i) => {
    const [u, v] = [made.x[i]! - corner[0], made.y[i]! - corner[1]]
    const isIn = (from: number, to: number) => u > from && u < to && v > from - 36 && v < to - 36
    return code === 2 && ((isIn(62, 74) && !isIn(66, 70)) || isIn(40, 44)) ? 40 : code
  })
  const labels: Labels = { ...named, 40: { Name: 'bed' } }
  const job = await run(await given(labels, bed), ['objects3D', 'polygons3D', 'exportedPolygons3DGeoJSON'])
  expect(labelsOf(await objectsOf(job))[40]).toBe(2)
  const areas = (await polygonsOf(job)).flatMap(({ label, area }) => (label === 40 ? [area] : []))
  const [small, large] = areas.sort((a, b) => a - b) as [number, number]
  expect(Math.abs(small - 16) / 16).toBeLessThan(0.15)
  expect(Math.abs(large - 128) / 128).toBeLessThan(0.15)
  const { features } = JSON.parse(
    String(await job.read('exportedPolygons3DGeoJSON', 'exportedPolygons3DGeoJSON.geojson')),
  ) as { features: { properties: { class: number; label: string; confidence?: number } }[] }
  const { properties } = features.find((feature) => feature.properties.class === 40)!
  expect([properties.label, properties.confidence]).toEqual(['bed', undefined])
  expect(labelsOf(await objectsOf(await run(await given(named, bed), ['objects3D'])))[40]).toBeUndefined()
})

test('labels that say what they feed are taken at their word, and what comes out empty is told', async () => {
  const labels: Labels = {
    ...named,
    6: { Name: 'houses', Contour: true },
    5: { Name: 'trees', Object: true },
  }
  const job = await run(await given(labels))
  expect(labelsOf(await objectsOf(job))).toEqual({ 5: trees.length })
  expect(await linesOf(job)).toEqual([])
  expect(await polygonsOf(job)).toHaveLength(houses.length)
  expect(job.warnings.map(({ code, params }) => [code, ...params])).toEqual([
    ['Classes_Unused', 'lines3D', 'segmentation3D'],
  ])
})

test('a line that bends and branches is a graph, with widths where they are asked for, and short ones go', async () => {
  const pipe: Town = { x: [...made.x], y: [...made.y], z: [...made.z], truth: [...made.truth] }
  const add = (u: number, v: number, wiggle: number) => {
    pipe.x.push(corner[0] + u + wiggle)
    pipe.y.push(corner[1] + v + wiggle)
    pipe.z.push(403)
    pipe.truth.push(63)
  }
  // Along u, round a quarter of a circle, and a branch.
  for (let k = 0; k < 400; k++) {
    const wiggle = 0.1 * Math.sin(17 * k)
    if (k < 200) add(5 + k / 10, 40, wiggle)
    else add(25 + 15 * Math.sin((k - 200) / 127), 55 - 15 * Math.cos((k - 200) / 127), wiggle)
    if (k > 100 && k < 200) add(15, 40 - (k - 100) / 10, wiggle)
  }
  const labels: Labels = { 63: { Name: 'pipe', Line: true } }
  const outputs = ['lines3D', 'exportedLines3DGeoJSON', 'exportedLines3DCesium']
  const files = await given(labels, pipe.truth, pipe)
  const job = await run(files, outputs, { options: { computeLineWidth: true } })
  const lines = await linesOf(job)
  const length = lines.reduce((sum, { Length }) => sum + Length, 0)
  // 20 m along, 23.6 m round, 10 m of a branch.
  expect(length).toBeGreaterThan(45)
  expect(length).toBeLessThan(58)
  for (const { MeanDiameter } of lines) expect(MeanDiameter).toBeLessThan(1.5)
  expect(lines.some(({ MeanDiameter }) => MeanDiameter > 0.05)).toBe(true)
  expect(await linesOf(await run(files, ['lines3D'], { options: { removeSmallLines: 100 } }))).toEqual([])
})

test('the same bytes come of any number of threads, and of files that are one cloud together', async () => {
  const half = made.x.length >> 1
  const part = ({ x, y, z, truth }: Town, from: number, to: number): Town => {
    return { x: x.slice(from, to), y: y.slice(from, to), z: z.slice(from, to), truth: truth.slice(from, to) }
  }
  const files = await given(named)
  const one = await run(files, vectors, { threads: 3 })
  const folder = await temporaryFolder()
  const parts = [part(made, 0, half), part(made, half, made.x.length)]
  const tiles = await Promise.all(
    parts.map((tile, i) => writeTown(folder, `${i}.las`, tile, { classification: tile.truth })),
  )
  expect(await (await run([files[0]!, ...tiles], vectors)).files()).toEqual(await one.files())
})

/** Four runs, on a machine that may have other work. */
const patienceMs = 120_000

/** Of the ground, in u and v: a frame longer than a tile with its surroundings, in which nothing is called ground. */
function frameIn(wide: Town): number[] {
  const isIn = (i: number, inset: number) => {
    const [u, v] = [wide.x[i]! - corner[0], wide.y[i]! - corner[1]]
    return u > 20 + inset && u < 220 - inset && v > 37.5 + inset && v < 45.5 - inset
  }
  return wide.truth.map((code, i) => (code !== 2 || !isIn(i, 0) ? code : isIn(i, 1.5) ? 1 : 40))
}

test(
  'objects, lines and polygons are those of one piece in two and in eight tiles, through whatever these cut',
  async () => {
    const wide = everyNth(wideTown(), 2)
    const files = await given({ ...named, 1: { Name: 'rest' }, 40: { Name: 'bed' } }, frameIn(wide), wide)
    const whole = await run(files)
    const things = await Promise.all(vectors.map((output) => thingsIn(whole, output)))
    const polygons = await polygonsOf(whole)
    expect(polygons.map(({ label }) => label).filter((label) => label === 40)).toEqual([40])
    expect(labelsOf(await objectsOf(whole))[40]).toBe(1)
    for (const tiles of [2, 8]) {
      let made: Tile[] = []
      const type = divided(segmentation3D, {
        fromPoints: (4 * wide.x.length) / tiles,
        onTiles: (all) => {
          made = all
        },
      })
      const inputs = { segmentation3D: files }
      const job = await runJobType(type, { inputs, outputs: vectors, threads: 2 })
      expect(made).toHaveLength(tiles)
      for (const [k, output] of vectors.entries())
        expect(await thingsIn(job, output), `${output} of ${tiles}`).toEqual(things[k])
      const planned = {
        inputs: { segmentation3D: await inspectedFiles(...files) },
        outputs: vectors,
        threads: 2,
      }
      const { parts } = await type.division!.planDivide(planned, 1e5)
      const all = [...parts, { part: 'tiles' }, ...(await type.division!.planMerge(planned, made))]
      expect(job.steps.map(({ part }) => part)).toEqual(all.map(({ part }) => part))
      for (const { part, done, total } of job.steps) expect(done, part).toBe(total)
      // Of lines alone no tile has anything.
      if (tiles === 2) continue
      const lines = await runJobType(type, { inputs, outputs: ['lines3D'] })
      expect(made).toHaveLength(1)
      expect(await thingsIn(lines, 'lines3D')).toEqual(things[1])
    }
  },
  patienceMs,
)

test('vectors with their middle outside of a region are left out', async () => {
  const { from, to } = houses[1]
  const ring = [from, [to[0], from[1]], to, [from[0], to[1]], from].map(([u, v]) => [
    corner[0] + u!,
    corner[1] + v!,
  ])
  const region = join(await temporaryFolder(), 'region.geojson')
  const crs = { type: 'name', properties: { name: 'urn:ogc:def:crs:EPSG::32632' } }
  await writeFile(region, JSON.stringify({ type: 'Polygon', crs, coordinates: [ring] }))
  const job = await runJobType(segmentation3D, {
    ...{ inputs: { segmentation3D: await given(named), clipPolygon: region }, outputs: vectors },
  })
  expect(labelsOf(await objectsOf(job))).toEqual({ 6: 1 })
  expect([await linesOf(job), (await polygonsOf(job)).length]).toEqual([[], 1])
})

async function inspected(files: string[], outputs: string[], more: Record<string, string[]> = {}) {
  const inputs = { segmentation3D: await inspectedFiles(...files) }
  const others = await Promise.all(
    Object.entries(more).map(async ([name, paths]) => [name, await inspectedFiles(...paths)] as const),
  )
  return segmentation3D.inspect({ ...inputs, ...Object.fromEntries(others) }, outputs, signal, {})
}

test('cloud or detector beside it, and a segmentation of it, are refused from headers and by the run', async () => {
  const files = await given(named)
  const { faults } = await inspected(files, ['objects3D', 'segmentation3D', 'segmentedPointCloud'], {
    pointClouds: [files[1]!],
  })
  expect(faults.map(({ input, output, error }) => [input ?? output, error.code])).toEqual([
    ['pointClouds', 'InputData_Invalid'],
    ['segmentation3D', 'InputData_Invalid'],
    ['segmentedPointCloud', 'InputData_Invalid'],
  ])
  const inputs = { segmentation3D: await inspectedFiles(...files) }
  const beside = await segmentation3D.inspect(inputs, ['objects3D'], signal, {}, detectors)
  expect(beside.faults.map(({ input }) => input)).toEqual(['pointCloudSegmentationDetector'])
  await expect(run(files, ['objects3D'], { detectors })).rejects.toThrow('beside segmentation3D')
  await expect(run(files, ['objects3D', 'segmentation3D'])).rejects.toThrow('is the segmentation already')
})

test('headers and labels tell what will be empty, has no place on the Earth, or is no scene, and the memory it takes', async () => {
  const groundOnly: Labels = { 1: { Name: 'unclassified' }, 2: { Name: 'ground' } }
  const nowhere = await given(groundOnly, made.truth, made, 'none')
  const outputs = ['polygons3D', 'exportedPolygons3DGeoJSON']
  const { faults, warnings, memoryMegabytes } = await inspected(nowhere, outputs)
  expect(faults.map(({ output, error }) => [output, error.code])).toEqual([
    ['exportedPolygons3DGeoJSON', 'Crs_Missing'],
  ])
  expect(warnings.map(({ code }) => code)).toEqual(['Unit_Assumed', 'Classes_Unused'])
  expect(memoryMegabytes).toBeGreaterThan(350)
  const broken = join(await temporaryFolder(), 'ContextScene.json')
  await writeFile(broken, '{"version":"6.0","Annotations":{"Labels":{"6":{}}}}')
  const bad = await inspected([broken, nowhere[1]!], ['polygons3D'])
  expect(bad.faults.map(({ input, error }) => [input, error.code])).toEqual([
    ['segmentation3D', 'InputData_Invalid'],
  ])
  expect(bad.faults[0]!.error.message).toContain('$.Annotations.Labels.6.Name')
})

test('more samples than the memory holds end the run by name', async () => {
  await expect(run(await given(named), vectors, { memoryLimitMegabytes: 400 })).rejects.toThrow(
    'for want of memory',
  )
})

test('a run that is cancelled ends with the reason', async () => {
  const controller = new AbortController()
  const reason = new Error('enough')
  const running = run(await given(named), vectors, {
    signal: controller.signal,
    onReport: ({ step }: { step: string }) => {
      if (step === 'Classify_Points') controller.abort(reason)
    },
  })
  await expect(running).rejects.toBe(reason)
})

test('the plan foresees every part that a run counts, in its order', async () => {
  const files = await given(named)
  const plan = await segmentation3D.plan({
    inputs: { segmentation3D: await inspectedFiles(...files) },
    ...{ outputs: vectors, threads: 1 },
  })
  const job = await run(files, vectors)
  const partsOf = (parts: { step: string; part?: string | undefined }[]) =>
    parts.map(({ step, part }) => `${step} ${part}`)
  expect(partsOf(job.steps)).toEqual(partsOf(plan))
  for (const { done, total } of job.steps) expect(done).toBe(total)
})
