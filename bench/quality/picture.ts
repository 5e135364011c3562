/**
 * Draws what a change detection found over shaded heights: the earlier survey on the left, the later one on the right.
 *
 *   node bench/quality/picture.ts --out changes.png [--earlier A.laz] [--later B.laz] [--pixel 1.5]
 *   [--window minX,minY,maxX,maxY]
 *   node bench/quality/picture.ts --quarry --out docs/mesh-changes.png --pixel 0.4
 *
 * Surveys may be meshes, of which the points are drawn that they were sampled into; `--quarry` makes a mesh and a cloud of a pit.
 * Without files it takes the TTP pair below ALIDADE_TEST_DATA (default ../shared/data). `--pixel` is the edge of a pixel in the
 * unit of the surveys, `--window` what to draw of them. Red: points that went, on the left; blue: points that came, on the right;
 * yellow: changed points of the other survey; grey is the shaded height, black where there are no points. Prints the changes.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { runAttempt } from '../../packages/server/src/agent/run-attempt.ts'
import { writeQuarry } from './made-quarry.ts'
import { heightsOf, pixelAt, planView, shade } from './hillshade.ts'
import { readChanges } from './score.ts'
import { readSurvey } from './survey-points.ts'
import { writePng } from './write-png.ts'
import { localOutputs } from '../local-outputs.ts'

const ttp = join(resolve(process.env.ALIDADE_TEST_DATA ?? '../shared/data'), 'pointcloud/epochs-real')
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'changes.png' },
    earlier: { type: 'string', default: join(ttp, 'TTP_15.laz') },
    later: { type: 'string', default: join(ttp, 'TTP_23.laz') },
    pixel: { type: 'string', default: '1.5' },
    window: { type: 'string' },
    quarry: { type: 'boolean', default: false },
  },
})
const pixel = Number(values.pixel)

interface Feature {
  properties: Record<string, number | string>
}

async function findChanges(folder: string, paths: readonly string[]) {
  const outputs: Record<string, string> = {}
  for (const name of ['objects3D', 'exportedLocations3DGeoJSON', 'segmentedModel3DA', 'segmentedModel3DB']) {
    outputs[name] = join(folder, name)
    await mkdir(outputs[name])
  }
  const inputs = await Promise.all(
    paths.map(async (path) => [
      { name: basename(path), segments: [{ path, sizeBytes: (await stat(path)).size }] },
    ]),
  )
  const result = await runAttempt({
    type: 'changeDetection',
    inputs: { modelA: inputs[0]!, modelB: inputs[1]! },
    options: {},
    outputs: localOutputs(outputs),
    scratch: folder,
    threads: 2,
    loggedAs: 'picture',
    memoryLimitMegabytes: 16_000,
    signal: new AbortController().signal,
    onProgress: () => {},
    onWarning: ({ message }) => console.log(message),
  })
  if (result.state !== 'success') throw new Error(JSON.stringify(result))
  const path = (name: string, file: string) => join(outputs[name]!, file)
  const name = 'exportedLocations3DGeoJSON'
  const { features }: { features: Feature[] } = JSON.parse(
    await readFile(path(name, `${name}.geojson`), 'utf8'),
  )
  const segmented = ['segmentedModel3DA', 'segmentedModel3DB']
  return {
    features,
    changes: await Promise.all(segmented.map((one) => readChanges(outputs[one]!))),
    surveys: await Promise.all(
      segmented.map(async (one) => {
        const [file] = await readdir(outputs[one]!)
        return (await readSurvey(path(one, file!))).points
      }),
    ),
  }
}

const folder = await mkdtemp(join(tmpdir(), 'alidade-picture-'))
try {
  const paths = values.quarry ? await writeQuarry(folder) : [values.earlier, values.later]
  const { features, changes, surveys } = await findChanges(folder, paths)
  const all = (axis: 'x' | 'y') => Float64Array.from(surveys.flatMap((points) => [...points[axis]])).sort()
  const [x, y] = [all('x'), all('y')]
  const window = values.window?.split(',').map(Number) ?? [x[0]!, y[0]!, x.at(-1)!, y.at(-1)!]
  const [left, bottom, right, top] = window as [number, number, number, number]
  const view = planView([left, bottom, right, top], pixel)
  const { width, height } = view
  const rgb = new Uint8Array(3 * 2 * width * height)
  const kinds = new Map(features.map(({ properties }) => [properties.change, properties.label]))
  for (const [epoch, points] of surveys.entries()) {
    const heights = heightsOf(points, view)
    const put = (at: number, colour: readonly number[]) =>
      rgb.set(colour, 3 * (Math.floor(at / width) * 2 * width + epoch * width + (at % width)))
    for (let at = 0; at < heights.length; at++) put(at, Array<number>(3).fill(shade(heights, view, at)))
    for (let i = 0; i < points.x.length; i++) {
      const change = changes[epoch]![i]!
      const at = change === 0 ? -1 : pixelAt(view, points.x[i]!, points.y[i]!)
      if (at < 0) continue
      const isMain = kinds.get(change) === (epoch === 0 ? 'disappeared' : 'appeared')
      put(at, isMain ? (epoch === 0 ? [255, 40, 40] : [70, 110, 255]) : [240, 200, 0])
    }
  }
  await writePng(values.out, rgb, 2 * width, height)
  console.log(`${values.out}: ${2 * width} x ${height}, x ${left} to ${right}, y ${bottom} to ${top}`)
  for (const [change] of kinds) {
    const [xs, ys]: number[][] = [[], []]
    for (const [epoch, points] of surveys.entries()) {
      for (const [i, number] of changes[epoch]!.entries()) {
        if (number !== change) continue
        xs!.push(points.x[i]!)
        ys!.push(points.y[i]!)
      }
    }
    const { properties } = features.find((one) => one.properties.change === change)!
    const mean = (of: number[]) => (of.reduce((sum, value) => sum + value, 0) / of.length).toFixed(1)
    console.log(
      `${change}: ${properties.label}, ${properties.pointCount} points at ${mean(xs!)}, ${mean(ys!)}, ` +
        `${properties.lengthMetres} x ${properties.widthMetres} x ${properties.heightMetres} m, ` +
        `${properties.volumeCubicMetres} +- ${properties.volumeUncertainty95} m3, confidence ${properties.confidence}`,
    )
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
