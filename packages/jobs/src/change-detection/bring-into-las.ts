// What is no LAS yet is brought into it, in parts of the step that reads.
import { jobWarningMessage } from '@alidade/contract'
import type { InputFile, JobContext, StepProgress, WorkFiles } from '../job-type.ts'
import { foreignFormatOf } from '../point-clouds/any-header.ts'
import { convertedName, convertFiles } from '../point-clouds/convert-files.ts'
import { filesOf, shownInputOf } from './epoch-inputs.ts'
import type { Epoch } from './segmented-clouds.ts'
import type { Step } from './step-costs.ts'

/** Numbered as the parts that read are, over both surveys. */
export function convertPart(fileNumber: number): string {
  return `convert ${fileNumber}`
}

/**
 * The files of both surveys, all of them LAS or LAZ, and `roughness`: the standard deviation of a vertex of the one survey
 * against one of the other, where they are meshes; in no sample of them does it show as scatter.
 */
export async function bringIntoLas({
  inputs,
  options,
  progress,
  scratch,
  signal,
  warn,
}: JobContext<Step>): Promise<{ a: InputFile[]; b: InputFile[]; roughness: number }> {
  const resolution = options.resolution === undefined ? undefined : Number(options.resolution)
  let before = 0
  const roughness = { A: 0, B: 0 }
  const brought: InputFile[][] = []
  for (const epoch of ['A', 'B'] as const) {
    const files = filesOf(epoch, inputs)
    const input = shownInputOf(epoch, inputs)
    const first = before + 1
    const parts = new Map<number, StepProgress>()
    /** Begun when its turn comes: parts have an order. */
    const partOf = (i: number) => {
      const known = parts.get(i)
      if (known !== undefined) return known
      const total = 2 * files[i]!.segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
      const part = progress.begin('Read_Clouds', { part: convertPart(first + i), total, unit: 'bytes' })
      parts.set(i, part)
      return part
    }
    brought.push(
      await convertFiles(files, {
        ...{ input, scratch, resolution, signal },
        prefix: prefixOf(epoch),
        onRead: (i, bytes) => partOf(i).advance(bytes),
        onSurface: (one) => {
          roughness[epoch] = Math.max(roughness[epoch], one)
        },
        onNote: (name, note) => warn(jobWarningMessage('Format_Converted', name, input, note)),
      }),
    )
    before += files.length
  }
  const [a, b] = brought as [InputFile[], InputFile[]]
  return { a, b, roughness: Math.hypot(roughness.A, roughness.B) }
}

/** Whether anything is there to be brought into LAS. */
export function isAnyForeign(files: readonly { name: string }[]): boolean {
  return files.some(({ name }) => foreignFormatOf(name) !== undefined)
}

const prefixOf = (epoch: Epoch) => `survey-${epoch}`

/** The files of a survey, those that `bringIntoLas` has left in a folder in place of the ones that they came of. */
export function broughtFiles(
  epoch: Epoch,
  inputs: Readonly<Record<string, InputFile[]>>,
  folder: WorkFiles,
): InputFile[] {
  return filesOf(epoch, inputs).map((file, i): InputFile => {
    if (!isAnyForeign([file])) return file
    return { ...file, segments: folder[convertedName(prefixOf(epoch), i)]!.segments, isLas: true }
  })
}
