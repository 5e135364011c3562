// Both surveys of a run, brought into LAS and opened once what is known of them before they are read holds no fault.
import { jobWarningMessage } from '@alidade/contract/jobs'
import { JobError } from '../job-error.ts'
import type { InputFile, InspectedFile, Inspection, JobContext } from '../job-type.ts'
import { openInputFile } from '../open-input-file.ts'
import { isAnyForeign } from '../point-clouds/any-header.ts'
import { type Cloud, closeClouds, openCloud } from '../point-clouds/cloud.ts'
import { readExtent } from '../point-clouds/extent.ts'
import { asJobError } from '../point-clouds/format-faults.ts'
import type { PlanRegion } from '@alidade/analysis'
import { bringIntoLas } from './bring-into-las.ts'
import { mayHaveColours } from './colours.ts'
import { filesOf, inputOf, shownInputOf } from './epoch-inputs.ts'
import { commonCrs } from './found-change.ts'
import { inspectClouds } from './inspect.ts'
import type { Epoch } from './segmented-clouds.ts'
import { shownName } from './shown-name.ts'
import type { Step } from './step-costs.ts'
import { areColoursAsked } from './thresholds.ts'

export interface OpenSurveys {
  a: Cloud
  b: Cloud
  /** Of a vertex of one mesh against one of the other: what `bringIntoLas` tells. */
  roughness: number
  /** Nothing outside of it is a change. */
  extent: PlanRegion | undefined
  /** Whether colours are asked for, and in the records of both. */
  mayHaveColours: boolean
}

const epochs: readonly Epoch[] = ['A', 'B']

/** Tells all warnings of the inspection; JobError for its first fault. What is brought into LAS goes into the scratch folder. */
export async function withOpenSurveys<T>(
  context: JobContext<Step>,
  use: (surveys: OpenSurveys) => Promise<T>,
): Promise<T> {
  const { inputs, outputs, options, signal, warn } = context
  const clouds: Cloud[] = []
  const extentFile = await openExtent(inputs)
  try {
    const inspected = (surveys: Record<string, InspectedFile[]>) =>
      inspectClouds(
        { ...surveys, ...(extentFile !== undefined && { extent: [extentFile] }) },
        Object.keys(outputs),
        signal,
        options,
      )
    const isForeign = epochs.some((epoch) => isAnyForeign(filesOf(epoch, inputs)))
    // What the headers tell is told before anything is converted, and again of what came of it.
    if (isForeign) refuseFaults(await inspectAsTheyCame(inputs, inspected))
    const brought = await bringIntoLas(context)
    clouds.push(await openCloud(shownInputOf('A', inputs), brought.a, signal))
    clouds.push(await openCloud(shownInputOf('B', inputs), brought.b, signal))
    const [a, b] = clouds as [Cloud, Cloud]
    const inspection = await inspected({
      [inputOf('A', inputs)]: a.files,
      [inputOf('B', inputs)]: b.files,
    })
    for (const warning of inspection.warnings) warn(warning)
    refuseFaults(inspection)
    return await use({
      ...{ a, b, roughness: brought.roughness },
      extent: extentFile && (await readExtent(shownName('extent'), extentFile, commonCrs({ a, b }))),
      mayHaveColours: areColoursAsked(options) && [a, b].every(({ headers }) => mayHaveColours(headers)),
    })
  } finally {
    await closeClouds(clouds)
    await extentFile?.source.close()
  }
}

/** The region of surveys that were inspected with it. */
export async function readExtentOf(
  inputs: JobContext['inputs'],
  surveys: Pick<OpenSurveys, 'a' | 'b'>,
): Promise<PlanRegion | undefined> {
  const file = await openExtent(inputs)
  try {
    return file && (await readExtent(shownName('extent'), file, commonCrs(surveys)))
  } finally {
    await file?.source.close()
  }
}

/** Warns of surveys whose records have room for colours that nobody filled; whether none of the two is. */
export function areBothColoured(
  { a, b }: Pick<OpenSurveys, 'a' | 'b'>,
  coloured: readonly boolean[],
  warn: JobContext['warn'],
): boolean {
  for (const [k, { input }] of [a, b].entries())
    if (!coloured[k]) warn(jobWarningMessage('Colour_Missing', input))
  return !coloured.includes(false)
}

async function openExtent(inputs: JobContext['inputs']): Promise<InspectedFile | undefined> {
  return inputs.extent?.[0] && openInputFile(inputs.extent[0])
}

/** Of files of any format, opened for it. */
async function inspectAsTheyCame(
  inputs: Record<string, InputFile[]>,
  inspect: (surveys: Record<string, InspectedFile[]>) => Promise<Inspection>,
): Promise<Inspection> {
  const opened: InspectedFile[] = []
  try {
    const surveys: Record<string, InspectedFile[]> = {}
    for (const epoch of epochs) {
      const files: InspectedFile[] = []
      surveys[inputOf(epoch, inputs)] = files
      for (const file of filesOf(epoch, inputs)) {
        const open = await openInputFile(file).catch((error: unknown) => {
          throw asJobError(error, shownInputOf(epoch, inputs), file.name)
        })
        opened.push(open)
        files.push(open)
      }
    }
    return await inspect(surveys)
  } finally {
    for (const { source } of opened) await source.close()
  }
}

function refuseFaults({ faults: [fault] }: Inspection): void {
  if (fault !== undefined) throw new JobError(fault.error)
}
