import { expect, test } from 'vitest'
import { changeDetection } from './change-detection.ts'
import { inspectClouds } from './inspect.ts'
import { inspectedFiles, readCloud, runJob, temporaryFolder } from './run-job.fixture.ts'
import {
  bare,
  crate,
  randomNumbers,
  type SurveyOptions,
  withCrate,
  writeSurvey,
} from './two-surveys.fixture.ts'

type Colour = NonNullable<SurveyOptions['colour']>

const [side, density] = [35, 4]
const square = { x: 28, y: 10, side: 8 }
const isInSquare = (x: number, y: number) =>
  Math.max(Math.abs(x - square.x), Math.abs(y - square.y)) <= square.side / 2
const isOnCrate = (x: number, y: number) =>
  Math.abs(x - crate.x) <= crate.length / 2 && Math.abs(y - crate.y) <= crate.width / 2

/** Grass, half of it a road, with a texture of `scatter` in each band; what `isPainted` is 100 redder. In 16 bits. */
function ground(
  seed: number,
  isPainted: (x: number, y: number) => boolean = () => false,
  scatter = 20,
): Colour {
  const random = randomNumbers(seed)
  return (x, y) => {
    const [red, green, blue] = y < 15 ? [90, 120, 70] : [130, 130, 135]
    const value = (mean: number) => Math.round(257 * (mean + scatter * (random() - 0.5)))
    return [value(red! + (isPainted(x, y) ? 100 : 0)), value(green!), value(blue!)]
  }
}

const outputs = ['exportedLocations3DGeoJSON']
const thresholds = { colorThresholdLow: 40, colorThresholdHigh: 60 }

async function surveys(
  before: Partial<SurveyOptions>,
  after: Partial<SurveyOptions>,
  surface = bare,
): Promise<[string, string]> {
  const folder = await temporaryFolder()
  return [
    await writeSurvey(folder, 'before.las', bare, { seed: 1, side, density, ...before }),
    await writeSurvey(folder, 'after.las', surface, { seed: 2, side, density, ...after }),
  ]
}

const repainted = () => surveys({ colour: ground(3) }, { colour: ground(4, isInSquare) })

test('a square that was painted is one change without volume, of just its points', async () => {
  const job = await runJob(...(await repainted()), { options: thresholds })
  const features = await job.features()
  expect(features.map(({ properties }) => [properties.label, properties.volumeCubicMetres])).toEqual([
    ['recoloured', 0],
  ])
  const [{ properties }] = features as [(typeof features)[0]]
  expect(properties).not.toHaveProperty('volumeUncertainty95')
  expect(properties.confidence).toBeGreaterThan(0.3)
  expect((await job.scene()).Annotations!.Labels!.get('3')!.Name).toBe('recoloured')
  for (const output of ['segmentedModel3DA', 'segmentedModel3DB']) {
    const cloud = await readCloud(job.path(output, `${output}.las`))
    let [inside, found, beside] = [0, 0, 0]
    for (const [i, change] of cloud.change.entries()) {
      const isInside = isInSquare(cloud.x[i]! - 500_300, cloud.y[i]! - 5_400_200)
      if (isInside) inside++
      if (change === 1) isInside ? found++ : beside++
    }
    expect(beside).toBe(0)
    // Within two spacings of its edge there are points of the old colour around, in the other survey.
    expect(found / inside).toBeGreaterThan(0.6)
  }
})

test('colours are not looked at where both thresholds are 0', async () => {
  const options = { colorThresholdLow: 0, colorThresholdHigh: 0 }
  const job = await runJob(...(await repainted()), { options, outputs })
  expect(await job.features()).toEqual([])
})

test('the texture and the borders of colours of an unchanged place are no change', async () => {
  const paths = await surveys({ colour: ground(3) }, { colour: ground(4) })
  expect(await (await runJob(...paths, { options: { colorThresholdHigh: 30 }, outputs })).features()).toEqual(
    [],
  )
})

test('a low slab of another colour than the ground is one change, with its volume: geometry wins', async () => {
  const withSlab = (x: number, y: number) => bare(x, y) + (isOnCrate(x, y) ? 0.4 : 0)
  const dense = { density: 6 }
  const paths = await surveys(
    { ...dense, colour: ground(3) },
    { ...dense, colour: ground(4, isOnCrate) },
    withSlab,
  )
  const features = await (await runJob(...paths, { options: thresholds, outputs })).features()
  expect(features.map(({ properties }) => properties.label)).toEqual(['appeared'])
  const volume = 0.4 * crate.length * crate.width
  expect(Number(features[0]!.properties.volumeCubicMetres) / volume).toBeCloseTo(1, 1)
})

test('paint beside a crate that came is a change of its own', async () => {
  const paths = await surveys({ colour: ground(3) }, { colour: ground(4, isInSquare) }, withCrate)
  const labels = (await (await runJob(...paths, { options: thresholds, outputs })).features()).map(
    ({ properties }) => properties.label,
  )
  expect(labels.sort()).toEqual(['appeared', 'recoloured'])
})

test('a survey that fills 8 of its 16 bits is compared with one that fills them all', async () => {
  const eight: Colour = (x, y) =>
    ground(3)(x, y).map((value) => Math.round(value / 257)) as [number, number, number]
  const paths = await surveys({ colour: eight }, { colour: ground(4, isInSquare) })
  const features = await (await runJob(...paths, { options: thresholds, outputs })).features()
  expect(features.map(({ properties }) => properties.label)).toEqual(['recoloured'])
  expect(features[0]!.properties.areaSquareMetres).toBeLessThan(1.5 * square.side ** 2)
})

test('several files of a survey keep their colours in order', async () => {
  const folder = await temporaryFolder()
  const colours = [ground(3), ground(4, isInSquare)]
  const halves = [(x: number) => x > 20, (x: number) => x <= 20]
  const [before, after] = await Promise.all(
    colours.map((colour, epoch) =>
      Promise.all(
        halves.map((without, half) =>
          writeSurvey(folder, `${epoch}-${half}.las`, bare, {
            seed: 1 + epoch,
            side,
            density,
            colour,
            without,
          }),
        ),
      ),
    ),
  )
  const job = await runJob(before!, after!, { options: thresholds, outputs })
  expect((await job.features()).map(({ properties }) => properties.label)).toEqual(['recoloured'])
})

test('paint is found where one survey lies beside the other, and told where the later survey has it', async () => {
  const higher = (x: number, y: number) => bare(x, y) + 0.5
  const paths = await surveys({ colour: ground(3) }, { colour: ground(4, isInSquare) }, higher)
  const job = await runJob(...paths, { options: thresholds, outputs })
  expect(job.warnings.map(({ code }) => code)).toEqual(['Surveys_Shifted'])
  const features = await job.features()
  expect(features.map(({ properties }) => properties.label)).toEqual(['recoloured'])
  expect(features[0]!.geometry.coordinates[2]).toBeCloseTo(100.5, 0)
})

test('a survey without colours is warned of by name, before and during the run, and geometry is found all the same', async () => {
  const black: Colour = () => [0, 0, 0]
  const paths = await surveys({ colour: black }, {}, withCrate)
  const job = await runJob(...paths, { options: thresholds, outputs })
  expect(job.warnings.map(({ code, params }) => `${code} ${params}`)).toEqual(['Colour_Missing pointClouds2'])
  expect((await job.features()).map(({ properties }) => properties.label)).toEqual(['appeared'])

  const unfilled = await surveys({ colour: black }, { colour: ground(4) })
  const run = await runJob(...unfilled, { options: thresholds, outputs })
  expect(run.warnings.map(({ code, params }) => `${code} ${params}`)).toEqual(['Colour_Missing pointClouds1'])

  const inputs = { modelA: await inspectedFiles(paths[0]), modelB: await inspectedFiles(paths[1]) }
  const { signal } = new AbortController()
  const told = async (options: Record<string, number>) =>
    (await inspectClouds(inputs, [], signal, options)).warnings.map(({ code }) => code)
  expect(await told(thresholds)).toEqual(['Colour_Missing'])
  expect(await told({})).toEqual([])
})

test('a plan has a part for colours where they are asked for, and the run counts it to its end', async () => {
  const paths = await repainted()
  const [modelA, modelB] = await Promise.all(paths.map((path) => inspectedFiles(path)))
  const run = { inputs: { modelA: modelA!, modelB: modelB! }, outputs: ['objects3D'], threads: 1 }
  const part = ({ part }: { part?: string | undefined }) => part === 'colours'
  expect((await changeDetection.plan(run)).find(part)!.total).toBe(0)
  const planned = (await changeDetection.plan({ ...run, options: thresholds })).find(part)!
  const job = await runJob(...paths, { outputs: ['objects3D'], options: thresholds })
  const counted = job.steps.find(part)!
  expect([counted.total, counted.done]).toEqual([planned.total, planned.total])
})
