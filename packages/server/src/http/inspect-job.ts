// At submission: what the headers of the input files tell, as faults of the request and warnings of the job.
import { type ErrorDetail, type JobMessage, type JobTypeDeclaration, jobTypes } from '@alidade/contract'
import { type InspectedFile, JobError, jobTypeImplementations } from '@alidade/jobs'
import {
  createInputReader,
  detectorsOf,
  filesOfInput,
  type InputReaderOptions,
} from '../agent/input-reader.ts'
import { openBlob } from '../agent/open-blob.ts'
import type { DiskWatch } from '../disk/watch-disk.ts'
import { diskFault } from './disk-fault.ts'
import { nameIn } from './jobs/declared-names.ts'
import { errorIn } from './jobs/job-messages.ts'
import type { InspectJob } from './jobs/submission.ts'

export interface JobInspection {
  faults: ErrorDetail[]
  warnings: JobMessage[]
  /** What the run is going to take, as far as headers tell. */
  memoryMegabytes?: number
  /** Ids of the reality data that hold the files that were found, and of the inputs. */
  reads?: string[]
}

export interface InspectJobOptions extends Omit<InputReaderOptions, 'org' | 'iTwinId'> {
  /** Reading headers stops after this long, in milliseconds; what they did not tell by then, the run will. */
  timeoutMs?: number
  /** Of the disk that jobs are worked on; without, nobody asks whether they fit. */
  disk?: Pick<DiskWatch, 'look'> | undefined
}

/** Faults are in the words of the request, and so are their targets. */
export function createInspectJob({
  blobs,
  realityData,
  disk,
  timeoutMs = 10_000,
}: InspectJobOptions): InspectJob {
  return async (job, places) => {
    const { version } = places
    const reader = createInputReader({ org: job.org, iTwinId: job.iTwinId, blobs, realityData })
    const declaration: JobTypeDeclaration = jobTypes[job.type]
    const fault = (message: JobMessage, target: string | undefined): ErrorDetail => ({
      code: 'InvalidValue',
      message: errorIn(version, declaration, message).message,
      ...(target !== undefined && { target }),
    })
    const inputTarget = (index: number, name: string) =>
      places.input(index, nameIn(version, declaration.inputs, name))
    const opened: InspectedFile[] = []
    const inputs: Record<string, InspectedFile[]> = {}
    const faults: ErrorDetail[] = []
    const reads = new Set(job.inputs.map(({ realityDataId }) => realityDataId))
    let bytesToFetch = 0
    try {
      for (const [i, { name, realityDataId, detector }] of job.inputs.entries()) {
        if (detector !== undefined) continue
        try {
          const shown = nameIn(version, declaration.inputs, name)
          for (const file of await filesOfInput(reader, declaration.inputs[name], shown, realityDataId)) {
            reads.add(file.realityDataId)
            const container = await reader.container(file.realityDataId)
            const source = await openBlob(blobs, container, file.name)
            if (source === undefined) throw new JobError('InputData_Missing', [shown, file.name])
            const inspected: InspectedFile = {
              ...{ name: file.name, source },
              ...(file.sceneCrs && { sceneCrs: file.sceneCrs }),
              ...(file.waveforms && { waveforms: [{ path: '', sizeBytes: file.waveforms.sizeBytes }] }),
            }
            opened.push(inspected)
            // What lies in a folder of this machine is read where it lies.
            if ((await blobs.localSegments?.(container, file.name)) === undefined)
              bytesToFetch += source.sizeBytes + (file.waveforms?.sizeBytes ?? 0)
            inputs[name] ??= []
            inputs[name].push(inspected)
          }
        } catch (error) {
          if (!(error instanceof JobError)) throw error
          faults.push(fault(error.jobMessage, inputTarget(i, name)))
        }
      }
      if (faults.length > 0) return { faults, warnings: [] }
      const outputs = job.outputs.map(({ name }) => name)
      const inspection = await jobTypeImplementations[job.type].inspect(
        inputs,
        outputs,
        AbortSignal.timeout(timeoutMs),
        job.options,
        detectorsOf(job.inputs),
      )
      for (const { input, output, option, error } of inspection.faults) {
        const inputIndex = job.inputs.findIndex(({ name }) => name === input)
        const outputIndex = job.outputs.findIndex(({ name }) => name === output)
        const target =
          outputIndex >= 0
            ? places.output(outputIndex)
            : option !== undefined
              ? places.option(nameIn(version, declaration.options, option))
              : inputIndex >= 0
                ? inputTarget(inputIndex, input!)
                : undefined
        faults.push(fault(error, target))
      }
      if (disk !== undefined) {
        const needed = { bytesToFetch, resultBytes: inspection.resultBytes }
        for (const noRoom of diskFault(needed, await disk.look()))
          faults.push({ ...noRoom, target: places.outputs })
      }
      return {
        faults,
        warnings: inspection.warnings,
        memoryMegabytes: inspection.memoryMegabytes,
        reads: [...reads],
      }
    } catch (error) {
      // Too slow to tell now: the run will.
      if ((error as Error).name === 'TimeoutError') return { faults: [], warnings: [], reads: [...reads] }
      throw error
    } finally {
      await Promise.all(opened.map(({ source }) => source.close()))
    }
  }
}
