/**
 * A segmentation by a model of next to nothing, and by one that is slow: what is left of the first is what thinning, blocks and finding the voxel of a point again cost,
 * the constants of `packages/jobs/src/segmentation-3d/onnx/plan.ts`.
 *
 *   node bench/onnx-clouds.ts [--threads 2] [--voxel 0.5] [--normals] [--memory-limit 4000] [--work 5000] [FILE ...]
 *
 * Needs ALIDADE_TEST_DATA (default ../shared/data) where no files are named: then the first Autzen tile, in feet. One run with
 * @alidade/ground and one with each model, each in a runner of its own. Prints seconds of each step, voxels, microseconds a point
 * or voxel, the peak resident memory, how far the percentage was from the share of time, and how long after a cancellation in the midst of the model the runner is gone.
 */
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { PointFeature } from '@alidade/contract'
import { type InputDetector, openInputFile } from '@alidade/jobs'
import { detectorArchive } from '../packages/jobs/src/detector/detector.fixture.ts'
import {
  heightModel,
  labels,
  modelOf,
  floats,
  loopingModel,
  wideningModel,
} from '../packages/jobs/src/segmentation-3d/onnx/point-model.fixture.ts'
import { node } from '../packages/jobs/src/detector/onnx.fixture.ts'
import { type AttemptResult, runAttempt } from '../packages/server/src/agent/run-attempt.ts'
import { createPercentage } from '../packages/server/src/agent/percentage.ts'
import { planRun } from '../packages/server/src/agent/plan-run.ts'
import { localOutputs } from './local-outputs.ts'
import { pointCloudFile } from '../packages/formats/src/real-data.fixture.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    threads: { type: 'string', default: '2' },
    voxel: { type: 'string', default: '0.5' },
    normals: { type: 'boolean', default: false },
    'memory-limit': { type: 'string', default: '4000' },
    work: { type: 'string', default: '5000' },
  },
})
const isOwnChoice = positionals.length > 0
const paths = isOwnChoice
  ? positionals.map((path) => resolve(path))
  : [pointCloudFile('perf/autzen-tile1-ft.laz')]
const folder = await mkdtemp(join(tmpdir(), 'alidade-onnx-clouds-'))

try {
  const ground = await run('ground', { library: { name: '@alidade/ground', version: '1.0' } })
  show('@alidade/ground', ground)
  const byModel = await run(
    'model',
    await (values.normals ? detector(normalsModel(), ['normalZ']) : detector(heightModel())),
  )
  show('a model of nothing', byModel)
  show(
    `a model of ${values.work} exponentials a voxel`,
    await run('slow', await detector(wideningModel(Number(values.work)))),
  )
  const points = byModel.totals.Write_Results!
  const voxels = byModel.totals.Classify_Points!
  const micros = (step: string) => ((byModel.steps[step]! - (ground.steps[step] ?? 0)) * 1e6) / points
  console.log(`${points} points, ${voxels} voxels of all blocks, ${values.threads} threads`)
  console.log(`thinning out ${micros('Read_Clouds').toFixed(3)} us a point more than reading`)
  console.log(`classifying ${((byModel.steps.Classify_Points! * 1e6) / voxels).toFixed(3)} us a voxel`)
  console.log(`writing ${((byModel.steps.Write_Results! * 1e6) / points).toFixed(3)} us a point, read again`)

  const abort = new AbortController()
  let abortedAt = 0
  const endless = await detector(loopingModel(2n ** 62n))
  await run('endless', endless, abort.signal, (step) => {
    if (step !== 'Prepare_Production' || abortedAt > 0) return
    abortedAt = Infinity
    // By then the model is loaded and in its loop.
    setTimeout(() => {
      abortedAt = performance.now()
      abort.abort(new Error('cancelled'))
    }, 5000)
  })
  console.log(
    `a model that never ends: gone ${((performance.now() - abortedAt) / 1000).toFixed(2)} s after its cancellation`,
  )
} finally {
  await rm(folder, { recursive: true, force: true })
}

interface Run {
  result: AttemptResult
  steps: Record<string, number>
  totals: Record<string, number>
  /** Seconds, and the percentage there. */
  reports: { at: number; percentage: number }[]
  seconds: number
}

async function detector(model: Uint8Array, more: PointFeature[] = []): Promise<InputDetector> {
  const input = { features: ['heightAboveGround', ...more], voxelSizeMetres: Number(values.voxel) }
  const changes = { task: 'SemanticSegmentation3D', layout: 'point-scores', labels, input }
  const path = join(folder, 'detector.zip')
  await writeFile(path, detectorArchive(changes, model))
  return { files: [{ name: 'detector.zip', segments: [{ path, sizeBytes: (await stat(path)).size }] }] }
}

function normalsModel(): Uint8Array {
  return modelOf([node('MatMul', ['points', 'w'], ['scores'])], 2, [floats('w', [2, 3], [0, 4, 8, 0, 0, 0])])
}

async function run(
  name: string,
  detector: InputDetector,
  signal = new AbortController().signal,
  onStep: (step: string) => void = () => undefined,
): Promise<Run> {
  const [scratch, out] = [join(folder, `${name}-scratch`), join(folder, `${name}-out`)]
  for (const path of [scratch, out]) await mkdir(path)
  const pointClouds = await Promise.all(
    paths.map(async (path) => ({
      name: basename(path),
      segments: [{ path, sizeBytes: (await stat(path)).size }],
      ...(!isOwnChoice && { sceneCrs: 'EPSG:2992' }),
    })),
  )
  const opened = await Promise.all(pointClouds.map(openInputFile))
  const type = 'segmentation3D'
  const detectors = { pointCloudSegmentationDetector: detector }
  const threads = Number(values.threads)
  const plan = await planRun({
    ...{ type, inputs: { pointClouds: opened }, outputs: ['segmentedPointCloud'], threads, detectors },
    ...{ bytesToFetch: 0 },
  })
  await Promise.all(opened.map(({ source }) => source.close()))
  const percentage = createPercentage(plan)
  const began = performance.now()
  const reports: Run['reports'] = []
  const begun: [step: string, at: number][] = []
  const totals: Record<string, number> = {}
  const result = await runAttempt({
    type,
    inputs: { pointClouds },
    detectors,
    options: {},
    outputs: localOutputs({ segmentedPointCloud: out }),
    scratch,
    threads,
    loggedAs: 'this run',
    memoryLimitMegabytes: Number(values['memory-limit']),
    signal,
    onProgress: (report) => {
      const { step, part, total } = report
      percentage.update(report)
      reports.push({ at: (performance.now() - began) / 1000, percentage: percentage.value })
      if (part === 'scene' || part === 'start') return
      totals[step] = total
      if (begun.at(-1)?.[0] !== step) begun.push([step, performance.now()])
      onStep(step)
    },
  })
  if (result.state === 'failed') throw new Error(JSON.stringify(result))
  const end = performance.now()
  const steps = begun.map(([step, at], i) => [step, ((begun[i + 1]?.[1] ?? end) - at) / 1000])
  return { result, steps: Object.fromEntries(steps), totals, reports, seconds: (end - began) / 1000 }
}

/** Distance of the percentage from the share of time passed, in points, looked at a hundred times. */
function offTruth({ seconds, reports }: Run): string {
  const off = Array.from({ length: 100 }, (_, share) =>
    Math.abs((reports.findLast(({ at }) => at <= (share / 100) * seconds)?.percentage ?? 0) - share),
  )
  const mean = off.reduce((sum, points) => sum + points, 0) / off.length
  return `percentage off ${mean.toFixed(1)} mean ${Math.max(...off).toFixed(1)} worst`
}

function show(name: string, run: Run): void {
  const { result, steps } = run
  const shares = Object.entries(steps).map(([step, seconds]) => `${step} ${seconds.toFixed(2)}`)
  const peak = 'peakMegabytes' in result ? `${result.peakMegabytes} MB` : ''
  console.log(`${name}: ${shares.join(', ')} s, ${peak}, ${offTruth(run)}`)
}
