// What is made of the points of classes that were dealt out to a tile: whatever is made of what is near.
import { ClassSamples, type GroundSurface, segmentOptions } from '@alidade/analysis'
import { JobError } from '../../job-error.ts'
import type { Progress, TileContext } from '../../job-type.ts'
import type { Step } from '../als-costs.ts'
import { cloudTileOf, isCore, readTile } from '../tiles/cloud-in-tiles.ts'
import { mostSamples } from './class-points.ts'
import { gatherPart, tilePointBytes } from './given-costs.ts'
import { type ClassPlace, makeVectors, type VectorsOfPlace } from './make-vectors.ts'
import { isOfNear, isOfWhole, type Makings } from './vector-classes.ts'

/** Points so far around a tile are known to it. */
export const haloMetres = 25

/** The attributes of a `CloudTile` of points of classes. */
export const tileAttributes = ['classification']
export const sureTileAttributes = [...tileAttributes, 'confidence']

export type MakingsByCode = ReadonlyMap<number, Makings>

/** As far as it is made by tiles. */
function nearMakings(makings: MakingsByCode): Map<number, Makings> {
  const near = [...makings].filter(([, one]) => isOfNear(one))
  return new Map(near.map(([code, one]) => [code, { ...one, poles: false, lines: false }]))
}

/** As far as it is made of all samples of the place. */
export function wholeMakings(makings: MakingsByCode): Map<number, Makings> {
  const whole = [...makings].filter(([, one]) => isOfWhole(one))
  return new Map(whole.map(([code, one]) => [code, { ...one, boxes: false, outlines: false, crowns: false }]))
}

export interface MadeOfTile {
  place: ClassPlace
  /** Of all classes. */
  makings: MakingsByCode
}

/** The facts of the tile are those of a `CloudTile`. */
export async function makeTile(
  context: Omit<TileContext<Step>, 'results' | 'inputs' | 'scratch' | 'warn'>,
  { place, makings }: MadeOfTile,
): Promise<VectorsOfPlace> {
  const near = nearMakings(makings)
  const { samples, surface } = await samplesOfTile(context, place, [...near.keys()])
  const tile = cloudTileOf(context.tile)
  return makeVectors(samples, near, {
    ...{ ...context, place, surface, region: undefined },
    isIn: (x, y) => isCore(tile, x, y),
  })
}

const pointsAtATime = 1 << 16

async function samplesOfTile(
  context: Parameters<typeof makeTile>[0],
  { origin, unitsPerMetre }: ClassPlace,
  codes: readonly number[],
): Promise<{ samples: ClassSamples; surface: GroundSurface }> {
  const { progress, signal, memoryLimitMegabytes } = context
  const { points, columns, surface } = await readTile(context)
  const { x, y, z } = points
  const [code, confidence] = columns
  const gathering = (progress as Progress<'Classify_Points'>).begin('Classify_Points', {
    ...{ part: gatherPart, total: x.length, unit: 'points' },
  })
  const size = segmentOptions(unitsPerMetre).sampleSize
  const samples = new ClassSamples({ size, origin, codes, withConfidence: confidence !== undefined })
  const most = mostSamples(memoryLimitMegabytes, x.length * tilePointBytes + surface.height.length * 8)
  for (let from = 0; from < x.length; from += pointsAtATime) {
    await new Promise((resolve) => setImmediate(resolve))
    signal.throwIfAborted()
    const to = Math.min(x.length, from + pointsAtATime)
    for (let i = from; i < to; i++) samples.add(code![i]!, x[i]!, y[i]!, z[i]!, confidence?.[i])
    const limit = String(memoryLimitMegabytes ?? '?')
    if (samples.count > most) throw new JobError('OutOfMemory', [limit, limit])
    gathering.advance(to - from)
  }
  return { samples, surface }
}
