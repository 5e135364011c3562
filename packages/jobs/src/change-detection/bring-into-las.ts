// What is no LAS yet is brought into it, in parts of the step that reads.
import { jobWarningMessage } from '@alidade/contract/jobs'
import type { InputFile, JobContext, WorkFiles } from '../job-type.ts'
import { isAnyForeign } from '../point-clouds/any-header.ts'
import { convertedName, convertFiles } from '../point-clouds/convert-files.ts'
import { partsOfConverting } from '../point-clouds/converting-work.ts'
import { filesOf, shownInputOf } from './epoch-inputs.ts'
import type { Epoch } from './segmented-clouds.ts'
import type { Step } from './step-costs.ts'

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
    const partOf = partsOfConverting(files, { progress, step: 'Read_Clouds', before })
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
