/** Ground, buildings, vegetation, wires and poles among the points of a cloud, by where the points are and nothing else. */
import { buildingFootprints, type Footprints } from './building-footprints.ts'
import { buildingSamples } from './building-roofs.ts'
import { classifyGround, groundClass } from './classify-ground.ts'
import type { GroundSurface } from './ground-surface.ts'
import { heightsAboveGround } from './height-above-ground.ts'
import type { Pace } from './pace.ts'
import { countPoints, type PointArrays } from './point-arrays.ts'
import type { SegmentOptions } from './segment-options.ts'
import type { Pole } from './segment-poles.ts'
import { noSample, takeSamples } from './segment-samples.ts'
import { classesOfSamples } from './segment-samples-classes.ts'
import { measureShapes } from './segment-shapes.ts'
import type { Wire } from './segment-wires.ts'

export type SegmentPointsOptions = {
  readonly threads?: number
  readonly signal?: AbortSignal
  /** Called with how many more points' worth of work is done; in all, `segmentPointsWork` of them. */
  readonly onAdvance?: (points: number) => void
}

export type Segmentation = {
  /** Of each point, one of `segmentClass`. */
  readonly classes: Uint8Array
  /** 0 to 255 for 0 to 1: how far each point is from being of another class. */
  readonly confidence: Uint8Array
  readonly footprints: Footprints
  /** The thinned points off the ground, and which of them each point belongs to. */
  readonly samples: PointArrays
  readonly sampleOf: Uint32Array
  readonly wires: readonly Wire[]
  readonly poles: readonly Pole[]
}

export async function segmentPoints(
  points: PointArrays,
  surface: GroundSurface,
  options: SegmentOptions,
  { threads = 1, signal, onAdvance }: SegmentPointsOptions = {},
): Promise<Segmentation> {
  const count = countPoints(points)
  const pace: Pace = async (done) => {
    await new Promise((resolve) => setImmediate(resolve))
    signal?.throwIfAborted()
    onAdvance?.(done)
  }
  const classes = new Uint8Array(count)
  classifyGround(surface, points.x, points.y, points.z, classes)
  const height = heightsAboveGround(surface, points)
  const isGround = classes.map((code) => (code === groundClass ? 1 : 0))
  // What lies below the ground is an error of measurement.
  const stands = classes.map((code, i) => (code !== groundClass && height[i]! > 0 ? 1 : 0))
  const { points: samples, sampleOf } = await takeSamples(points, stands, options.sampleSize, pace)
  const shapes = await measureShapes(samples, {
    ...{ neighbours: options.neighbours, reach: options.neighbourReach, threads, signal },
    onAdvance: (n) => onAdvance?.(n),
  })
  const sampleHeight = heightsAboveGround(surface, samples)
  const found = buildingSamples(samples, sampleHeight, shapes, options)
  const footprints = buildingFootprints(points, isGround, samples, found, shapes, options)
  const named = classesOfSamples(samples, sampleHeight, found.kind, footprints, shapes, options)
  const confidence = new Uint8Array(count)
  for (let i = 0; i < count; i++) {
    const sample = sampleOf[i]!
    if (sample !== noSample) {
      classes[i] = named.classes[sample]!
      confidence[i] = Math.round(255 * named.confidence[sample]!)
    } else confidence[i] = Math.round(255 * (isGround[i] === 1 ? sureOfGround(height[i]!, options) : 0.5))
  }
  return { classes, confidence, footprints, samples, sampleOf, wires: named.wires, poles: named.poles }
}

/** Surely on the ground within the noise of a survey, less so the farther off. */
function sureOfGround(height: number, options: SegmentOptions): number {
  return Math.max(0.5, 1 - (0.5 * Math.abs(height)) / options.mediumVegetation)
}
