// A job type whose clouds may be of other formats than LAS: before all else they are brought into it in the scratch folder.
import { type JobMessage, jobErrorMessage, jobWarningMessage } from '@alidade/contract/jobs'
import { JobError } from '../job-error.ts'
import type { InputFile, InspectedFile, JobContext, JobType } from '../job-type.ts'
import { openInputFile } from '../open-input-file.ts'
import { isAnyForeign, isForeseen } from './any-header.ts'
import { convertFiles } from './convert-files.ts'
import { convertedBytes, convertingCosts, convertingParts, partsOfConverting } from './converting-work.ts'
import { asJobError } from './format-faults.ts'
import { headersOf } from './reading-work.ts'

/** Clouds come first: nothing else of a run begins before they can be read. */
const step = 'Prepare_Production'

/**
 * `input`: the one that the clouds are of, by its internal name, which messages show as well. Surfaces are refused. Runs that begin
 * with a conversion are never divided: every agent would have to fetch what came of it.
 */
export function inAnyFormat(type: JobType, input: string): JobType {
  const { division } = type
  const filesOf = <File>(inputs: Record<string, File[]>) => inputs[input] ?? []
  return {
    ...type,
    ...(division && {
      division: {
        ...division,
        isLarge: async (run, fromPoints) =>
          !isAnyForeign(filesOf(run.inputs)) && (await division.isLarge(run, fromPoints)),
      },
    }),
    plan: async (run) => {
      const files = filesOf(run.inputs)
      const parts = isAnyForeign(files) ? convertingParts(files, await headersOf(files)) : []
      const converting = parts.map(({ work, ...part }) => ({
        ...{ step, ...part },
        secondsEach: work.reduce((sum, { cost, unitsEach }) => sum + convertingCosts[cost] * unitsEach, 0),
      }))
      return [...converting, ...(await type.plan(run))]
    },
    inspect: async (inputs, ...rest) => {
      const headers = isAnyForeign(filesOf(inputs)) ? await headersOf(filesOf(inputs)) : []
      const surface = headers.findIndex((header) => header && isForeseen(header) && header.foreseen.isSurface)
      if (surface >= 0) {
        const error = surfaceFault(filesOf(inputs)[surface]!.name, input)
        return { faults: [{ input, error }], warnings: [], resultBytes: 0, memoryMegabytes: 0 }
      }
      const inspection = await type.inspect(inputs, ...rest)
      return { ...inspection, resultBytes: inspection.resultBytes + convertedBytes(headers) }
    },
    run: async (context) => {
      const files = filesOf(context.inputs)
      await type.run(isAnyForeign(files) ? await withConverted(context) : context)
    },
  }

  /** What the headers tell is told before anything is converted, and by the run again of what came of it. */
  async function withConverted(context: JobContext): Promise<JobContext> {
    const { inputs, outputs, options, detectors, progress, scratch, signal, threads, warn } = context
    const files = filesOf(inputs)
    const expected = await opened(files, input, async (asTheyCame) => {
      const names = Object.keys(outputs)
      const [fault] = (
        await inAnyFormat(type, input).inspect({ [input]: asTheyCame }, names, signal, options, detectors)
      ).faults
      if (fault !== undefined) throw new JobError(fault.error)
      return headersOf(asTheyCame)
    })
    const partOf = partsOfConverting(files, { progress, step })
    const converted = await convertFiles(files, {
      ...{ input, scratch, signal, prefix: 'cloud' },
      onRead: (i, bytes) => partOf(i).advance(bytes),
      onSurface: (_, name) => {
        throw new JobError(surfaceFault(name, input))
      },
      onNote: (name, note) => warn(jobWarningMessage('Format_Converted', name, input, note)),
    })
    const brought = converted.map((file, i) =>
      file.isLas ? { ...file, plannedPoints: expected[i]?.pointCount ?? 0 } : file,
    )
    // Where points lie, and how many they are in truth, is known only now.
    const parts = await opened(brought, input, (clouds) =>
      type.plan({
        ...{ inputs: { [input]: clouds }, outputs: Object.keys(outputs), options, threads },
        ...(detectors && { detectors }),
        memoryLimitMegabytes: context.memoryLimitMegabytes,
      }),
    )
    partOf(converted.findLastIndex(({ isLas }) => isLas)).advance(0, parts)
    return { ...context, inputs: { ...inputs, [input]: brought } }
  }
}

function surfaceFault(name: string, input: string): JobMessage {
  const problem = 'it is a mesh, and a point cloud is expected here.'
  return jobErrorMessage('InputData_NotAPointCloud', name, input, problem)
}

async function opened<T>(
  files: readonly InputFile[],
  input: string,
  use: (files: InspectedFile[]) => Promise<T>,
): Promise<T> {
  const open: InspectedFile[] = []
  try {
    for (const file of files)
      open.push(
        await openInputFile(file).catch((error: unknown) => {
          throw asJobError(error, input, file.name)
        }),
      )
    return await use(open)
  } finally {
    for (const { source } of open) await source.close()
  }
}
