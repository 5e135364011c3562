/** Ground, buildings, vegetation, wires and poles among the points of a cloud, by where the points are and nothing else. */
import { buildingFootprints, type Footprints, footprintPlan, footprintWork } from './building-footprints.ts'
import { buildingSamples } from './building-roofs.ts'
import { classifyGround, groundClass } from './classify-ground.ts'
import type { GroundSurface } from './ground-surface.ts'
import { heightsAboveGround } from './ground-height.ts'
import { type Pace, paceSteps } from './pace.ts'
import type { Place } from './cell-order.ts'
import { countPoints, type PointArrays } from './point-arrays.ts'
import type { SegmentOptions } from './segment-options.ts'
import { type Pole, poleSteps } from './segment-poles.ts'
import { lowestCorner, noSample, takeSamples } from './segment-samples.ts'
import { classesOfSamples } from './segment-samples-classes.ts'
import { measureShapes } from './segment-shapes.ts'
import type { Wire } from './segment-wires.ts'

export type SegmentPointsOptions = {
  readonly threads?: number
  readonly signal?: AbortSignal
  /** Where these points are a part of a cloud. */
  readonly whole?: SegmentedWhole
  /** How much more of a stage is done, of how much in all. */
  readonly onAdvance?: (stage: SegmentStage, done: number, total: number) => void
}

/** What parts of a cloud have to have in common, so that what two of them see of the same place is the same. */
export type SegmentedWhole = {
  /** Where the cubes of samples begin: the lowest of all that stands on the ground. */
  readonly origin: Place
  /** Edge of a cell of the raster of buildings. */
  readonly footprintCell: number
}

/**
 * What is done one after the other, in what it is counted: points while heights are found, while they are thinned to samples, and
 * while each gets the class of its sample; cells of the raster of buildings; all else in samples, for poles each twice.
 */
export type SegmentStage =
  | 'heights'
  | 'thin'
  | 'measure'
  | 'roofs'
  | 'footprints'
  | 'wires'
  | 'poles'
  | 'classes'

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
  const tell = async (stage: SegmentStage, done: number, total: number) => {
    await new Promise((resolve) => setImmediate(resolve))
    signal?.throwIfAborted()
    onAdvance?.(stage, done, total)
  }
  /** What the work has not told of when it is done is told then. */
  const counted = async <T>(
    stage: SegmentStage,
    total: number,
    work: (pace: Pace) => Promise<T>,
  ): Promise<T> => {
    let left = total
    await tell(stage, 0, total)
    const result = await work(async (done) => {
      const told = Math.min(done, left)
      left -= told
      await tell(stage, told, total)
    })
    await tell(stage, left, total)
    return result
  }
  const { classes, height, stands } = await counted('heights', count, (pace) =>
    onGround(points, surface, pace),
  )
  const isGround = classes.map((code) => (code === groundClass ? 1 : 0))
  const { points: samples, sampleOf } = await counted('thin', count, (pace) =>
    takeSamples(points, stands, options.sampleSize, pace, whole?.origin),
  )
  const sampled = samples.x.length
  await tell('measure', 0, sampled)
  const shapes = await measureShapes(samples, {
    ...{ neighbours: options.neighbours, reach: options.neighbourReach, threads, signal },
    onAdvance: (done) => onAdvance?.('measure', done, sampled),
  })
  const sampleHeight = heightsAboveGround(surface, samples)
  const found = await counted('roofs', sampled, (pace) =>
    buildingSamples(samples, sampleHeight, shapes, options, pace),
  )
  const plan = footprintPlan(samples, found, shapes, options, whole?.footprintCell)
  const footprints = await counted('footprints', footprintWork(plan, count), (pace) =>
    buildingFootprints(plan, points, isGround, samples, found, options, pace),
  )
  const named = await classesOfSamples(samples, sampleHeight, found.kind, footprints, shapes, options, {
    wires: (work) => counted('wires', sampled, work),
    poles: (work) => counted('poles', poleSteps * sampled, work),
  })
  const confidence = new Uint8Array(count)
  await counted('classes', count, async (pace) => {
    for (let i = 0; i < count; i++) {
      if (i % paceSteps === paceSteps - 1) await pace(paceSteps)
      const sample = sampleOf[i]!
      if (sample !== noSample) {
        classes[i] = named.classes[sample]!
        confidence[i] = Math.round(255 * named.confidence[sample]!)
      } else confidence[i] = Math.round(255 * (isGround[i] === 1 ? sureOfGround(height[i]!, options) : 0.5))
    }
  })
  return {
    ...{ classes, confidence, footprints, samples, sampleOf },
    ...{ sampleClasses: named.classes, sampleHeights: sampleHeight, sampleConfidence: named.confidence },
    ...{ wires: named.wires, poles: named.poles },
  }
}

/** On each axis the lowest of the points that stand on the ground, Infinity where there are none. */
export async function lowestStanding(
  points: PointArrays,
  surface: GroundSurface,
  pace: Pace,
): Promise<Place> {
  return lowestCorner(points, (await onGround(points, surface, pace)).stands)
}

async function onGround({ x, y, z }: PointArrays, surface: GroundSurface, pace: Pace) {
  const classes = new Uint8Array(x.length)
  const height = new Float32Array(x.length)
  for (let from = 0; from < x.length; from += paceSteps) {
    const to = Math.min(from + paceSteps, x.length)
    const some = { x: x.subarray(from, to), y: y.subarray(from, to), z: z.subarray(from, to) }
    classifyGround(surface, some.x, some.y, some.z, classes.subarray(from, to))
    height.set(heightsAboveGround(surface, some), from)
    await pace(to - from)
  }
  // What lies below the ground is an error of measurement.
  const stands = classes.map((code, i) => (code !== groundClass && height[i]! > 0 ? 1 : 0))
  return { classes, height, stands }
}

/** Surely on the ground within the noise of a survey, less so the farther off. */
function sureOfGround(height: number, options: SegmentOptions): number {
  return Math.max(0.5, 1 - (0.5 * Math.abs(height)) / options.mediumVegetation)
}
