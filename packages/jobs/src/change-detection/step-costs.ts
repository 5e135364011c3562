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

export interface CountedPart extends Omit<PlannedPart<Step>, 'seconds' | 'part'> {
  part: string
  /** What a unit of it costs. */
  cost: keyof typeof measuredCosts
}

export async function planChangeDetection(run: PlannedRun): Promise<PlannedPart<Step>[]> {
  return (await countedParts(run)).map(({ cost, ...part }) => {
    const { alone, shared }: Cost = measuredCosts[cost]
    return { ...part, seconds: part.total * (alone + shared / run.threads) }
  })
}

/** Every part of a run in order, with the counts that are expected. */
export async function countedParts({ inputs, outputs }: PlannedRun): Promise<CountedPart[]> {
  const [a, b] = (await Promise.all([inputs.modelA, inputs.modelB].map((files) => sizesOf(files ?? [])))) as [
    FileSize[],
    FileSize[],
  ]
  const points = (files: FileSize[]) => files.reduce((sum, { pointCount }) => sum + pointCount, 0)
  const count = points(a) + points(b)
  const written =
    (outputs.includes('segmentedModel3DA') ? points(a) : 0) +
    (outputs.includes('segmentedModel3DB') ? points(b) : 0)
  return [
    ...[...a, ...b].map(
      ({ pointCount, compressed }, i): CountedPart => ({
        step: 'Read_Clouds',
        part: readPart(i + 1),
        total: pointCount,
        cost: compressed ? 'readLaz' : 'readLas',
      }),
    ),
    { step: 'Compare_Clouds', part: 'index', total: count, cost: 'index' },
    { step: 'Compare_Clouds', part: 'distances', total: count, cost: 'distances' },
    { step: 'Cluster_Changes', part: 'group', total: count, cost: 'group' },
    { step: 'Cluster_Changes', part: 'describe', total: count, cost: 'describe' },
    { step: 'Write_Results', part: 'locations', total: 1, cost: 'locations' },
    { step: 'Write_Results', part: 'segmented', total: written, cost: 'segmented' },
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
