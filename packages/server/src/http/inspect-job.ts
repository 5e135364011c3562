// At submission: what the headers of the input files tell, as faults of the request and warnings of the job.
import { type ErrorDetail, type JobMessage, type JobTypeDeclaration, jobTypes } from '@alidade/contract'
import { findInputFiles, type InspectedFile, JobError, jobTypeImplementations } from '@alidade/jobs'
import { createInputReader, type InputReaderOptions } from '../agent/input-reader.ts'
import { openBlob } from '../agent/open-blob.ts'
import type { DiskWatch } from '../disk/watch-disk.ts'
import type { JobRecord } from '../store/job-record.ts'
import { diskFault } from './disk-fault.ts'
import { v1Name } from './v1/declared-names.ts'

export interface JobInspection {
  faults: ErrorDetail[]
  warnings: JobMessage[]
  /** What the run is going to take, as far as headers tell. */
  memoryMegabytes?: number
}

export interface InspectJobOptions extends Omit<InputReaderOptions, 'org'> {
  /** Reading headers stops after this long, in milliseconds; what they did not tell by then, the run will. */
  timeoutMs?: number
  /** Of the disk that jobs are worked on; without, nobody asks whether they fit. */
  disk?: Pick<DiskWatch, 'look'> | undefined
}

/** Targets of the faults are those of the request: `inputs[i].id` and `outputs[i]`. */
export function createInspectJob({ blobs, realityData, disk, timeoutMs = 10_000 }: InspectJobOptions) {
  return async (job: JobRecord): Promise<JobInspection> => {
    const reader = createInputReader({ org: job.org, blobs, realityData })
    const { inputs: declared, options: declaredOptions }: JobTypeDeclaration = jobTypes[job.type]
    const opened: InspectedFile[] = []
    const inputs: Record<string, InspectedFile[]> = {}
    const faults: ErrorDetail[] = []
    let bytesToFetch = 0
    try {
      for (const [i, { name, realityDataId }] of job.inputs.entries()) {
        try {
          const shown = v1Name(declared, name)
          for (const file of await findInputFiles(reader, shown, realityDataId)) {
            const source = await openBlob(blobs, await reader.container(file.realityDataId), file.name)
            if (source === undefined) throw new JobError('InputData_Missing', [shown, file.name])
            const inspected = { name: file.name, source, ...(file.sceneCrs && { sceneCrs: file.sceneCrs }) }
            opened.push(inspected)
            // What lies in a folder of this machine is read where it lies.
            if (blobs.localSegments === undefined) bytesToFetch += source.sizeBytes
            inputs[name] ??= []
            inputs[name].push(inspected)
          }
        } catch (error) {
          if (!(error instanceof JobError)) throw error
          faults.push(fault(error.jobMessage, `inputs[${i}].id`))
        }
      }
      if (faults.length > 0) return { faults, warnings: [] }
      const outputs = job.outputs.map(({ name }) => name)
      const inspection = await jobTypeImplementations[job.type].inspect(
        inputs,
        outputs,
        AbortSignal.timeout(timeoutMs),
        job.options,
      )
      for (const { input, output, option, error } of inspection.faults) {
        const inputIndex = job.inputs.findIndex(({ name }) => name === input)
        const outputIndex = job.outputs.findIndex(({ name }) => name === output)
        const inputTarget = inputIndex >= 0 ? `inputs[${inputIndex}].id` : undefined
        const optionTarget = option === undefined ? inputTarget : `options.${v1Name(declaredOptions, option)}`
        faults.push(fault(error, outputIndex >= 0 ? `outputs[${outputIndex}]` : optionTarget))
      }
      if (disk !== undefined) {
        faults.push(...diskFault({ bytesToFetch, resultBytes: inspection.resultBytes }, await disk.look()))
      }
      return { faults, warnings: inspection.warnings, memoryMegabytes: inspection.memoryMegabytes }
    } catch (error) {
      // Too slow to tell now: the run will.
      if ((error as Error).name === 'TimeoutError') return { faults: [], warnings: [] }
      throw error
    } finally {
      await Promise.all(opened.map(({ source }) => source.close()))
    }
  }
}

function fault(message: JobMessage, target: string | undefined): ErrorDetail {
  return { code: 'InvalidValue', message: message.message, ...(target !== undefined && { target }) }
}
