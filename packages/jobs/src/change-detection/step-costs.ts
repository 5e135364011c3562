// What a change detection is going to cost, from what the headers of its files tell.
import type { jobTypes } from '@alidade/contract'
import { readLasHeader } from '@alidade/formats'
import type { InspectedFile, PlannedPart, PlannedRun } from '../job-type.ts'
import { type Cost, measuredCosts } from './measured-costs.ts'

export type Step = (typeof jobTypes.changeDetection.steps)[number]

/** A part for each file, since points of LAS and of LAZ take different time. Numbers count from 1, over both surveys. */
export function readPart(fileNumber: number): string {
  return `file ${fileNumber}`
}

export async function planChangeDetection({
  inputs,
  outputs,
  threads,
}: PlannedRun): Promise<PlannedPart<Step>[]> {
  const part = (step: Step, part: string, total: number, cost: Cost): PlannedPart<Step> => ({
    step,
    part,
    total,
    seconds: total * (cost.alone + cost.shared / threads),
  })
  const [a, b] = await Promise.all([inputs.modelA, inputs.modelB].map((files) => sizesOf(files ?? [])))
  const points = (files: FileSize[]) => files.reduce((sum, { pointCount }) => sum + pointCount, 0)
  const count = points(a!) + points(b!)
  const written =
    (outputs.includes('segmentedModel3DA') ? points(a!) : 0) +
    (outputs.includes('segmentedModel3DB') ? points(b!) : 0)
  return [
    ...[...a!, ...b!].map(({ pointCount, compressed }, i) =>
      part(
        'Read_Clouds',
        readPart(i + 1),
        pointCount,
        compressed ? measuredCosts.readLaz : measuredCosts.readLas,
      ),
    ),
    part('Compare_Clouds', 'index', count, measuredCosts.index),
    part('Compare_Clouds', 'distances', count, measuredCosts.distances),
    part('Cluster_Changes', 'group', count, measuredCosts.group),
    part('Cluster_Changes', 'describe', count, measuredCosts.describe),
    part('Write_Results', 'locations', 1, measuredCosts.locations),
    part('Write_Results', 'segmented', written, measuredCosts.segmented),
  ]
}

interface FileSize {
  pointCount: number
  compressed: boolean
}

/** Each is a request where files are on another machine. */
const filesAtATime = 16

async function sizesOf(files: InspectedFile[]): Promise<FileSize[]> {
  const sizeOf = async ({ source }: InspectedFile): Promise<FileSize> => {
    // A file that is none still has its number.
    const header = await readLasHeader(source).catch(() => undefined)
    return { pointCount: header?.pointCount ?? 0, compressed: header?.compressed ?? false }
  }
  const sizes: FileSize[] = []
  for (let first = 0; first < files.length; first += filesAtATime)
    sizes.push(...(await Promise.all(files.slice(first, first + filesAtATime).map(sizeOf))))
  return sizes
}
