/** Ground, buildings, vegetation, wires and poles among the points of a cloud, by where the points are and nothing else. */
import { buildingFootprints, type Footprints } from './building-footprints.ts'
import { buildingSamples } from './building-roofs.ts'
import { classifyGround, groundClass } from './classify-ground.ts'
import type { GroundSurface } from './ground-surface.ts'
import { heightsAboveGround } from './ground-height.ts'
import type { Pace } from './pace.ts'
import type { Place } from './cell-order.ts'
import { countPoints, type PointArrays } from './point-arrays.ts'
import type { SegmentOptions } from './segment-options.ts'
import type { Pole } from './segment-poles.ts'
import { lowestCorner, noSample, takeSamples } from './segment-samples.ts'
import { classesOfSamples } from './segment-samples-classes.ts'
import { measureShapes } from './segment-shapes.ts'
import type { Wire } from './segment-wires.ts'

export type SegmentPointsOptions = {
  readonly threads?: number
  readonly signal?: AbortSignal
  /** Where these points are a part of a cloud. */
  readonly whole?: SegmentedWhole
  /** How much more of a stage is done, of how much in all: points while they are thinned, then the samples that are left of them. */
  readonly onAdvance?: (stage: SegmentStage, done: number, total: number) => void
}

/** What parts of a cloud have to have in common, so that what two of them see of the same place is the same. */
export type SegmentedWhole = {
  /** Where the cubes of samples begin: the lowest of all that stands on the ground. */
  readonly origin: Place
  /** Edge of a cell of the raster of buildings. */
  readonly footprintCell: number
}

export type SegmentStage = 'thin' | 'measure' | 'classify'

/** Each sample is counted once for each of these while classes are found. */
export const classifySteps = 4

export type Segmentation = {
  /** Of each point, one of `segmentClass`. */
  readonly classes: Uint8Array
  /** 0 to 255 for 0 to 1: how far each point is from being of another class. */
  readonly confidence: Uint8Array
  readonly footprints: Footprints
  /** The thinned points off the ground, and which of them each point belongs to. */
  readonly samples: PointArrays
  readonly sampleOf: Uint32Array
  /** Of each sample: its class, and its height above the ground. */
  readonly sampleClasses: Uint8Array
  readonly sampleHeights: Float32Array
  readonly sampleConfidence: Float32Array
  readonly wires: readonly Wire[]
  readonly poles: readonly Pole[]
}

export async function segmentPoints(
  points: PointArrays,
  surface: GroundSurface,
  options: SegmentOptions,
  { threads = 1, signal, whole, onAdvance }: SegmentPointsOptions = {},
): Promise<Segmentation> {
  const count = countPoints(points)
  const paceOf =
    (stage: SegmentStage, total: number): Pace =>
    async (done) => {
      await new Promise((resolve) => setImmediate(resolve))
      signal?.throwIfAborted()
      onAdvance?.(stage, done, total)
    }
  const thinning = paceOf('thin', count)
  const { classes, height, stands } = onGround(points, surface)
  const isGround = classes.map((code) => (code === groundClass ? 1 : 0))
  await thinning(0)
  const { points: samples, sampleOf } = await takeSamples(
    points,
    stands,
    options.sampleSize,
    thinning,
    whole?.origin,
  )
  const sampled = samples.x.length
  const shapes = await measureShapes(samples, {
    ...{ neighbours: options.neighbours, reach: options.neighbourReach, threads, signal },
    onAdvance: (done) => onAdvance?.('measure', done, sampled),
  })
  const classifying = paceOf('classify', classifySteps * sampled)
  /** Once over all samples: what the work has not told of when it is done is told then. */
  const classifyPass = async <T>(work: (pace: Pace) => Promise<T>): Promise<T> => {
    let left = sampled
    const result = await work(async (done) => {
      const told = Math.min(done, left)
      left -= told
      await classifying(told)
    })
    await classifying(left)
    return result
  }
  const sampleHeight = heightsAboveGround(surface, samples)
  const found = await classifyPass((pace) => buildingSamples(samples, sampleHeight, shapes, options, pace))
  const footprints = await classifyPass((pace) =>
    buildingFootprints(points, isGround, samples, found, shapes, options, pace, whole?.footprintCell),
  )
  const named = await classifyPass((pace) =>
    classesOfSamples(samples, sampleHeight, found.kind, footprints, shapes, options, pace),
  )
  const confidence = new Uint8Array(count)
  for (let i = 0; i < count; i++) {
    const sample = sampleOf[i]!
    if (sample !== noSample) {
      classes[i] = named.classes[sample]!
      confidence[i] = Math.round(255 * named.confidence[sample]!)
    } else confidence[i] = Math.round(255 * (isGround[i] === 1 ? sureOfGround(height[i]!, options) : 0.5))
  }
  await classifying(sampled)
  return {
    ...{ classes, confidence, footprints, samples, sampleOf },
    ...{ sampleClasses: named.classes, sampleHeights: sampleHeight, sampleConfidence: named.confidence },
    ...{ wires: named.wires, poles: named.poles },
  }
}

/** On each axis the lowest of the points that stand on the ground, Infinity where there are none. */
export function lowestStanding(points: PointArrays, surface: GroundSurface): Place {
  return lowestCorner(points, onGround(points, surface).stands)
}

function onGround(points: PointArrays, surface: GroundSurface) {
  const classes = new Uint8Array(countPoints(points))
  classifyGround(surface, points.x, points.y, points.z, classes)
  const height = heightsAboveGround(surface, points)
  // What lies below the ground is an error of measurement.
  const stands = classes.map((code, i) => (code !== groundClass && height[i]! > 0 ? 1 : 0))
  return { classes, height, stands }
}

/** Surely on the ground within the noise of a survey, less so the farther off. */
function sureOfGround(height: number, options: SegmentOptions): number {
  return Math.max(0.5, 1 - (0.5 * Math.abs(height)) / options.mediumVegetation)
}
