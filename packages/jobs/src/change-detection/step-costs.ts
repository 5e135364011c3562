// What a change detection is going to cost, from what the headers of its files tell.
import { surveyShiftWork } from '@alidade/analysis'
import type { jobTypes } from '@alidade/contract'
import { type LasHeader, readLasHeader } from '@alidade/formats'
import type { InspectedFile, PlannedPart, PlannedRun } from '../job-type.ts'
import { measuredCosts } from './measured-costs.ts'

export type Step = (typeof jobTypes.changeDetection.steps)[number]
export type CostName = keyof typeof measuredCosts

/** So many units of one kind of work, shared evenly by so many threads. */
export interface Work {
  cost: CostName
  units: number
  threads: number
}

export interface CountedPart extends Omit<PlannedPart<Step>, 'seconds'> {
  part: string
  work: Work[]
}

/** A part for each file, since points of LAS and of LAZ take different time. Numbers count from 1, over both surveys. */
export function readPart(fileNumber: number): string {
  return `file ${fileNumber}`
}

export async function planChangeDetection(run: PlannedRun): Promise<PlannedPart<Step>[]> {
  return (await countedParts(run)).map(({ work, ...part }) => ({
    ...part,
    seconds: work.reduce((sum, { cost, units, threads }) => sum + (measuredCosts[cost] * units) / threads, 0),
  }))
}

/** Every part of a run in order, with the counts that are expected and the work that makes it up. */
export async function countedParts({ inputs, outputs, threads }: PlannedRun): Promise<CountedPart[]> {
  const [a, b] = [await headersOf(inputs.modelA ?? []), await headersOf(inputs.modelB ?? [])]
  const [pointsA, pointsB] = [pointsIn(a), pointsIn(b)]
  const count = pointsA + pointsB
  const sought = surveyShiftWork(pointsA, pointsB)
  const part = (step: Step, part: string, total: number, ...work: Work[]) => ({ step, part, total, work })
  const written =
    (outputs.includes('segmentedModel3DA') ? pointsA : 0) +
    (outputs.includes('segmentedModel3DB') ? pointsB : 0)
  // One thread indexes one survey.
  const indexed = threads > 1 ? Math.max(pointsA, pointsB) : count
  return [
    ...[...a, ...b].map((header, i) =>
      part('Read_Clouds', readPart(i + 1), header?.pointCount ?? 0, ...reading(header, threads)),
    ),
    part('Compare_Clouds', 'shift', sought, { cost: 'shift', units: sought, threads: 1 }),
    part('Compare_Clouds', 'index', count, { cost: 'index', units: indexed, threads: 1 }),
    part('Compare_Clouds', 'distances', count, { cost: 'distances', units: count, threads }),
    // Expected of nobody: surveys that lie beside each other are compared a second time.
    part('Compare_Clouds', 'aligned', 0),
    part('Cluster_Changes', 'offsets', 4 * count, { cost: 'offsets', units: 4 * count, threads: 1 }),
    part('Cluster_Changes', 'evidence', count, { cost: 'evidence', units: count, threads: 1 }),
    part('Cluster_Changes', 'group', count, { cost: 'group', units: count, threads: 1 }),
    part('Cluster_Changes', 'describe', count, { cost: 'describe', units: count, threads: 1 }),
    part('Write_Results', 'locations', 1, { cost: 'locations', units: 1, threads: 1 }),
    part('Write_Results', 'segmented', written, { cost: 'segmented', units: written, threads: 1 }),
  ]
}

/** As `readXyz` does it: threads that decode are started anew for each LAZ file that is worth them. */
function reading(header: LasHeader | undefined, threads: number): Work[] {
  const units = header?.pointCount ?? 0
  if (header?.compressed !== true) return [{ cost: 'readLas', units, threads: 1 }]
  const fewestChunksForThreads = 4
  const chunkPoints = header.laszip?.chunkPoints ?? 50_000
  if (threads === 1 || units <= (fewestChunksForThreads - 1) * chunkPoints)
    return [{ cost: 'readLaz', units, threads: 1 }]
  return [
    { cost: 'startDecoding', units: 1, threads: 1 },
    { cost: 'readLaz', units, threads },
  ]
}

function pointsIn(headers: readonly (LasHeader | undefined)[]): number {
  return headers.reduce((sum, header) => sum + (header?.pointCount ?? 0), 0)
}

/** Each is a request where files are on another machine. */
const filesAtATime = 16

/** A file that is no point cloud has no header, and still its place. */
async function headersOf(files: InspectedFile[]): Promise<(LasHeader | undefined)[]> {
  const headers: (LasHeader | undefined)[] = []
  for (let first = 0; first < files.length; first += filesAtATime) {
    const some = files.slice(first, first + filesAtATime)
    headers.push(
      ...(await Promise.all(some.map(({ source }) => readLasHeader(source).catch(() => undefined)))),
    )
  }
  return headers
}
