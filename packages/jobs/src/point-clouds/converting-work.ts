// What bringing files of other formats into LAS is as work, and how it is counted: each file in a part of its own, in bytes.
import type { LasHeader } from '@alidade/formats'
import type { InspectedFile, Progress, StepProgress } from '../job-type.ts'
import { foreignFormatOf, isForeseen } from './any-header.ts'
import type { Work } from './reading-work.ts'

/**
 * Seconds that a unit of work takes one thread. Of made clouds and surfaces of 0.6 M points; `convertE57` is a guess, as no E57 of
 * that size is at hand.
 */
export const convertingCosts = {
  convertPly: 4e-9,
  convertText: 1.7e-8,
  convertObj: 5e-8,
  convertE57: 1e-8,
  sampleMesh: 2.4e-7,
}

export type ConvertingCost = keyof typeof convertingCosts

const costOfFormat = {
  ply: 'convertPly',
  obj: 'convertObj',
  xyz: 'convertText',
  e57: 'convertE57',
  glb: 'convertPly',
} as const satisfies Record<string, ConvertingCost>

/** Numbered as the parts that read are. */
function convertPart(fileNumber: number): string {
  return `convert ${fileNumber}`
}

/** The parts of those of the files that are no LAS, which have numbers from 1 on. */
export function convertingParts(
  files: readonly InspectedFile[],
  headers: readonly (LasHeader | undefined)[],
) {
  return files.flatMap(({ name, source, isLas }, i) => {
    const format = isLas ? undefined : foreignFormatOf(name)
    if (format === undefined) return []
    const header = headers[i]
    const total = 2 * source.sizeBytes
    const samples = header && isForeseen(header) && header.foreseen.isSurface ? header.pointCount : 0
    const work: Work<ConvertingCost>[] = [
      { cost: costOfFormat[format], unitsEach: 1, threads: 1 },
      { cost: 'sampleMesh', unitsEach: samples / Math.max(1, total), threads: 1 },
    ]
    return [{ part: convertPart(i + 1), total, work }]
  })
}

/** The part of a file by its number among `files`, 0 the first; begun when its turn comes, since parts have an order. */
export function partsOfConverting<Step extends string>(
  files: readonly { segments: readonly { sizeBytes: number }[] }[],
  { progress, step, before = 0 }: { progress: Progress<Step>; step: Step; before?: number },
): (i: number) => StepProgress {
  const parts = new Map<number, StepProgress>()
  return (i) => {
    const known = parts.get(i)
    if (known !== undefined) return known
    const total = 2 * files[i]!.segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    const part = progress.begin(step, { part: convertPart(before + 1 + i), total, unit: 'bytes' })
    parts.set(i, part)
    return part
  }
}

/** What goes into scratch: files of other formats, as LAS. */
export function convertedBytes(headers: readonly (LasHeader | undefined)[]): number {
  return headers.reduce(
    (sum, header) =>
      header && isForeseen(header) ? sum + header.pointCount * header.pointRecordLength : sum,
    0,
  )
}
