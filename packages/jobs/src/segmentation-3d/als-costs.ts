// What a segmentation is going to cost, from what the headers of its files tell.
import { classifySteps } from '@alidade/analysis'
import type { jobTypes } from '@alidade/contract'
import { filePart } from '../extract-ground/read-clouds.ts'
import { planExtractGround } from '../extract-ground/step-costs.ts'
import type { PlannedPart, PlannedRun } from '../job-type.ts'
import { headersOf } from '../point-clouds/reading-work.ts'

export type Step = (typeof jobTypes.segmentation3D.steps)[number]

/** Seconds of a thread: processor time of the stages on the second Autzen tile, taken once on a busy machine. */
const costs = { decode: 3e-8, thin: 1.9e-7, measure: 3.7e-6, classify: 9e-7, scene: 0.02 }
/** Share of the points that are samples off the ground; the run finds the true one. */
const sampleShare = 0.3

/** Of tiles: to deal a point out, to read it back, and to have its class in the order of the cloud. */
const tileCosts = { deal: 1e-7, read: 1e-8, order: 1e-8 }
/** Points of tiles with those around them, for each point of the cloud. */
const withHalo = 1.2

export async function planAls(run: PlannedRun): Promise<PlannedPart<Step>[]> {
  const ground = await planExtractGround(run)
  const headers = await headersOf(run.inputs.pointClouds ?? [])
  const points = pointsOf(headers)
  return [
    ...ground.filter(({ step }) => step !== 'Write_Results'),
    ...headers.map((header, i) => classifyPart(filePart(i), header?.pointCount ?? 0, costs.decode)),
    ...classifyParts(points, run.threads),
    ...ground.filter(({ step }) => step === 'Write_Results'),
    ...vectorParts(run, points),
  ]
}

/** What one attempt does before there are tiles. */
export async function partsOfDivide(run: PlannedRun): Promise<PlannedPart<Step>[]> {
  const ground = await planExtractGround(run)
  return ground
    .filter(({ step }) => step !== 'Write_Results')
    .map((part) =>
      part.step === 'Read_Clouds' ? { ...part, secondsEach: part.secondsEach + tileCosts.deal } : part,
    )
}

/** Of so many points, those around the tile as well. */
export function partsOfTile(points: number, threads: number): PlannedPart<Step>[] {
  return classifyParts(points, threads, tileCosts.read)
}

/** The same for all tiles of a cloud. */
export function partsOfTiles(points: number, threads: number): PlannedPart<Step>[] {
  return partsOfTile(withHalo * points, threads)
}

/** Everything is read once more. */
export async function partsOfMerge(run: PlannedRun): Promise<PlannedPart<Step>[]> {
  const ground = await planExtractGround({ ...run, memoryLimitMegabytes: 0 })
  return [
    ...ground
      .filter(({ step }) => step === 'Write_Results')
      .map((part) =>
        part.part === 'scene' ? part : { ...part, secondsEach: part.secondsEach + tileCosts.order },
      ),
    ...vectorParts(run, pointsOf(await headersOf(run.inputs.pointClouds ?? []))),
  ]
}

export function secondsOf(parts: readonly PlannedPart<Step>[]): number {
  return parts.reduce((sum, { total, secondsEach }) => sum + total * secondsEach, 0)
}

/** Of a runner without points, and for each point and each sample of it: README.md says which. */
const tileMegabytes = 350
export const bytesPerPoint = 190

/** At the peak of a tile of so many points, beside a ground of so many cells. */
export function memoryOfTile(points: number, cells: number): number {
  return Math.ceil(tileMegabytes + (points * bytesPerPoint + cells * 2 * 4) / 1e6)
}

function pointsOf(headers: Awaited<ReturnType<typeof headersOf>>): number {
  return headers.reduce((sum, header) => sum + (header?.pointCount ?? 0), 0)
}

function classifyParts(points: number, threads: number, readEach = 0): PlannedPart<Step>[] {
  const samples = Math.round(sampleShare * points)
  return [
    classifyPart('thin', Math.round(points), costs.thin + readEach),
    classifyPart('measure', samples, costs.measure / threads),
    classifyPart('classify', classifySteps * samples, costs.classify),
  ]
}

function classifyPart(part: string, total: number, secondsEach: number): PlannedPart<Step> {
  return { step: 'Classify_Points', part, total, secondsEach }
}

function vectorParts(run: PlannedRun, points: number): PlannedPart<Step>[] {
  return ['objects3D', 'lines3D', 'polygons3D'].map((part) => ({
    ...{ step: 'Write_Results', part },
    total: run.outputs.includes(part) ? 1 : 0,
    secondsEach: costs.scene + sampleShare * points * 1e-6,
  }))
}
