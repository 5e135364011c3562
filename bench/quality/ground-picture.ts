/**
 * Draws what an extraction of ground found: on the left the highest points shaded, ground in green and everything else as it
 * is, on the right the ground alone.
 *
 *   node bench/quality/ground-picture.ts --out ground.png [--cloud FILE.laz] [--pixel 2] [--window minX,minY,maxX,maxY]
 *
 * Without a file it takes CSite4 of the ISPRS filter test (CC BY 4.0) below ALIDADE_TEST_DATA (default ../shared/data). `--pixel` is the edge of
 * a pixel in the unit of the cloud. Black: no points. Made so: `docs/ground.png`.
 */
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { groundClass } from '@alidade/analysis'
import { decodeAttribute, openFile, readLasHeader, readPointBatches } from '@alidade/formats'
import { runAttempt } from '../../packages/server/src/agent/run-attempt.ts'
import { localOutputs } from '../local-outputs.ts'
import { heightsOf, planView, shade } from './hillshade.ts'
import { readSurvey } from './survey-points.ts'
import { writePng } from './write-png.ts'

const isprs = join(resolve(process.env.ALIDADE_TEST_DATA ?? '../shared/data'), 'pointcloud/isprs')
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'ground.png' },
    cloud: { type: 'string', default: join(isprs, 'CSite4_orig-utm.laz') },
    pixel: { type: 'string', default: '2' },
    window: { type: 'string' },
  },
})
const path = resolve(values.cloud)

/** The path of the segmented cloud. */
async function findGround(folder: string): Promise<string> {
  const output = 'segmentedPointCloud'
  await mkdir(join(folder, output))
  const file = { name: basename(path), segments: [{ path, sizeBytes: (await stat(path)).size }] }
  const result = await runAttempt({
    type: 'extractGround',
    inputs: { pointClouds: [file] },
    options: {},
    outputs: localOutputs({ [output]: join(folder, output) }),
    scratch: folder,
    threads: 2,
    loggedAs: 'picture',
    memoryLimitMegabytes: 16_000,
    signal: new AbortController().signal,
    onWarning: ({ message }) => console.log(message),
  })
  if (result.state !== 'success') throw new Error(JSON.stringify(result))
  const [name] = await readdir(join(folder, output))
  return join(folder, output, name!)
}

async function readClasses(path: string): Promise<Uint8Array> {
  const source = await openFile(path)
  try {
    const header = await readLasHeader(source)
    const classes = new Uint8Array(header.pointCount)
    for await (const batch of readPointBatches(source, header))
      classes.set(Uint8Array.from(decodeAttribute(batch, header, 'classification')), batch.firstIndex)
    return classes
  } finally {
    await source.close()
  }
}

const folder = await mkdtemp(join(tmpdir(), 'alidade-picture-'))
try {
  const { points } = await readSurvey(path)
  const classes = await readClasses(await findGround(folder))
  const range = (values: Float64Array): [number, number] => {
    const sorted = Float64Array.from(values).sort()
    return [sorted[0]!, sorted.at(-1)!]
  }
  const [[west, east], [south, north]] = [range(points.x), range(points.y)]
  const window = values.window?.split(',').map(Number) ?? [west, south, east, north]
  const view = planView(window as [number, number, number, number], Number(values.pixel))
  const { width, height } = view
  const isGround = (i: number) => classes[i] === groundClass
  const all = heightsOf(points, view)
  const ground = heightsOf(points, view, isGround)
  const rgb = new Uint8Array(3 * 2 * width * height)
  for (let at = 0; at < all.length; at++) {
    const put = (half: 0 | 1, colour: readonly number[]) =>
      rgb.set(colour.map(Math.round), 3 * (Math.floor(at / width) * 2 * width + half * width + (at % width)))
    // Few shades make a small file.
    const lit = Math.round(shade(all, view, at) / 16) * 16
    const isLowest = all[at] === ground[at]
    put(0, isLowest ? [0.55 * lit, 0.85 * lit, 0.45 * lit] : [lit, lit, lit])
    const own = Math.round(shade(ground, view, at) / 16) * 16
    put(1, [0.55 * own, 0.85 * own, 0.45 * own])
  }
  await writePng(values.out, rgb, 2 * width, height)
  const share = classes.reduce((sum, one) => sum + Number(one === groundClass), 0) / classes.length
  console.log(
    `${values.out}: ${2 * width} x ${height}, ${(100 * share).toFixed(1)} % of ${classes.length} points are ground`,
  )
} finally {
  await rm(folder, { recursive: true, force: true })
}
