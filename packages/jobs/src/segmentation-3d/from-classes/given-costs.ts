// What making vectors of given classes is going to cost, from what the headers of the cloud tell.
import { planExtractGround, planGroundOfTiles } from '../../extract-ground/step-costs.ts'
import type { PlannedPart, PlannedRun } from '../../job-type.ts'
import { headersOf, pointsOfHeaders } from '../../point-clouds/reading-work.ts'
import { isRunInTiles, largestTile, secondsOf, type Step } from '../als-costs.ts'
import { samplePartOf } from '../tiles/sample-part.ts'
import { passes, vectorsPart } from './make-vectors.ts'
import { segmentationInput } from './scene-labels.ts'
import { joinPart, tilesPart } from './tile-vectors.ts'
import { askedVectors } from './vector-classes.ts'

/** Seconds of a thread: processor time of the stages on the AHN tile and Autzen as `bench/from-classes.ts` tells it. */
const costs = { thin: 1e-7, make: 1e-6, scene: 0.02 }
/** To write what a sample has become a part of. */
const writeCosts = { objects3D: 5e-8, lines3D: 1e-9, polygons3D: 2e-8 }
/** Of tiles: to deal a point out, and to read it back and thin it; to read a tile's results; to join an area. */
const tileCosts = { deal: 5e-8, gather: 1.2e-7, read: 0.05, join: 1e-3 }
/** Share of the points that are samples of classes that vectors are made of; the run finds the true one. */
export const sampleShare = 0.3
/** Of the points: those that are dealt out, with those around tiles; those of lines and poles; and of areas that edges cut through. */
const [dealtShare, wholeShare, cutShare] = [0.6, 0.002, 5e-6]
/** Of the points that are dealt out. */
const dealtSampleShare = sampleShare / dealtShare

export const gatherPart = 'gather'
/** A run in one process, in tiles. */
export const countedInTiles = { step: 'Classify_Points', part: 'tiles' } as const

export async function pointsIn({ inputs }: Pick<PlannedRun, 'inputs'>): Promise<number> {
  return pointsOfHeaders(await headersOf((inputs[segmentationInput] ?? []).slice(1)))
}

export async function planGiven(run: PlannedRun): Promise<PlannedPart<Step>[]> {
  const points = await pointsIn(run)
  if (isRunInTiles(points)) {
    const secondsEach = secondsOf(partsOfTiles(points)) / points
    return [
      ...(await partsOfDivide(run)),
      { ...countedInTiles, total: points, secondsEach },
      ...(await partsOfMerge(run)),
    ]
  }
  const { making, scenes } = vectorParts(run.outputs, Math.round(sampleShare * points))
  return [...(await partsOfReading(run, planExtractGround, costs.thin)), ...making, ...scenes]
}

/** Reading and the ground; `more` for each point. */
async function partsOfReading(
  run: PlannedRun,
  planGround: typeof planExtractGround,
  more: number,
): Promise<PlannedPart<Step>[]> {
  const inputs = { pointClouds: (run.inputs[segmentationInput] ?? []).slice(1) }
  const ground = await planGround({ ...run, inputs, memoryLimitMegabytes: 0 })
  return ground
    .filter(({ step }) => step !== 'Write_Results')
    .map((part): PlannedPart<Step> => {
      const secondsEach = part.secondsEach + (part.step === 'Read_Clouds' ? more : 0)
      return { ...part, secondsEach }
    })
}

/** What one attempt does before there are tiles. */
export async function partsOfDivide(run: PlannedRun): Promise<PlannedPart<Step>[]> {
  const pointClouds = (run.inputs[segmentationInput] ?? []).slice(1)
  return [
    await samplePartOf({ inputs: { pointClouds } }),
    ...(await partsOfReading(run, planGroundOfTiles, costs.thin + tileCosts.deal)),
  ]
}

/** Of so many points that are dealt out to it, with those around it, and samples for each of these. */
export function partsOfTile(points: number, samplesEach = dealtSampleShare): PlannedPart<Step>[] {
  return [
    { step: 'Classify_Points', part: gatherPart, total: points, secondsEach: tileCosts.gather },
    making(samplesEach * points),
  ]
}

/** The same for all tiles of a cloud of so many points. */
export function partsOfTiles(points: number): PlannedPart<Step>[] {
  return partsOfTile(dealtShare * points)
}

/** What is known once the run is divided. */
export interface KnownOfTiles {
  wholeSamples: number
  tiles: number
}

/** As the run plans it, before it is divided, or after that. */
export async function partsOfMerge(run: PlannedRun, known?: KnownOfTiles): Promise<PlannedPart<Step>[]> {
  const points = await pointsIn(run)
  const { wholeSamples, tiles } = known ?? {
    wholeSamples: wholeShare * points,
    tiles: Math.ceil(points / 3e6),
  }
  const { whole, joining, scenes } = partsAfterTiles(run.outputs, points, wholeSamples)
  const reading = { part: tilesPart, total: tiles, secondsEach: tileCosts.read }
  return [whole, { step: 'Classify_Points', ...reading }, joining, ...scenes]
}

/** Of so many points, once tiles have made what is near. */
export function partsAfterTiles(
  outputs: readonly string[],
  points: number,
  wholeSamples = wholeShare * points,
) {
  const joining: PlannedPart<Step> = {
    ...{ step: 'Classify_Points', part: joinPart },
    ...{ total: Math.ceil(cutShare * points), secondsEach: tileCosts.join },
  }
  return {
    ...{ whole: making((wholeSamples * passes.lines) / passes.areas), joining },
    scenes: vectorParts(outputs, Math.round(sampleShare * points)).scenes,
  }
}

function making(samples: number): PlannedPart<Step> {
  const total = Math.round(samples) * passes.areas
  return { step: 'Classify_Points', part: vectorsPart, total, secondsEach: costs.make / passes.areas }
}

/** Of so many samples: in the step that classifies, and in the one that writes. */
export function vectorParts(
  outputs: readonly string[],
  samples: number,
): { making: PlannedPart<Step>[]; scenes: PlannedPart<Step>[] } {
  const asked = askedVectors(outputs)
  if (asked.length === 0) return { making: [], scenes: [] }
  return {
    making: [making(samples)],
    scenes: asked.map((part) => ({
      ...{ step: 'Write_Results', part, total: 1 },
      secondsEach: costs.scene + samples * writeCosts[part],
    })),
  }
}

/** Of a point that is dealt out, in memory, and in files with what tiles leave. */
export const tilePointBytes = 40
/** Of a runner without points. */
const tileMegabytes = 350
/** Of points that are dealt out, as headers tell it: all, with those around tiles. */
const mostDealt = 1.3

/** At the peak of a tile to which so many points are dealt out, each of which may be a sample, beside a ground of so many cells. */
export function memoryOfTile(points: number, cells: number, bytesPerSample = 100): number {
  return Math.ceil(tileMegabytes + (points * (tilePointBytes + bytesPerSample) + cells * 2 * 4) / 1e6)
}

export const largestDealt = mostDealt * largestTile

export function filesOfTiles(points: number): number {
  return points * mostDealt * tilePointBytes
}
