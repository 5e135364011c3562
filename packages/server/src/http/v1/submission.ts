// What is looked at before a job is put on the queue: everything that can be told without running it.
import {
  type ErrorDetail,
  type JobMessage,
  type JobTypeDeclaration,
  jobTypes,
  jobWarningMessage,
} from '@alidade/contract'
import type { JobRecord } from '../../store/job-record.ts'
import type { JobInspection } from '../inspect-job.ts'
import type { RealityDataStore } from '../../store/reality-data-store.ts'
import { entryNamedLoosely, shown, v1Name } from './declared-names.ts'

/** Looks into the headers of the input files. Targets are those of v1, e.g. `inputs[0].id`. */
export type InspectJob = (job: JobRecord) => Promise<JobInspection>

/** The faults that forbid the submission of `job`, and the warnings that it will carry. */
export async function checkSubmission(
  job: JobRecord,
  realityData: Pick<RealityDataStore, 'get'>,
  inspectJob: InspectJob,
): Promise<JobInspection> {
  const faults = await inputFaults(job, realityData)
  if (faults.length > 0) return { faults, warnings: [] }
  const inspection = await inspectJob(job)
  return { ...inspection, warnings: [...ignoredOptions(job), ...inspection.warnings] }
}

async function inputFaults(
  job: JobRecord,
  realityData: Pick<RealityDataStore, 'get'>,
): Promise<ErrorDetail[]> {
  const { inputs }: JobTypeDeclaration = jobTypes[job.type]
  const found = await Promise.all(
    job.inputs.map(({ realityDataId }) => realityData.get(job.org, realityDataId)),
  )
  return job.inputs.flatMap(({ name, realityDataId }, i): ErrorDetail[] => {
    const fault = (message: string) => [{ code: 'InvalidValue', message, target: `inputs[${i}].id` }]
    const type = found[i]?.properties.type
    const input = `Input '${v1Name(inputs, name)}'`
    if (type === undefined) return fault(`${input} refers to ${realityDataId}, which does not exist.`)
    const accepted = inputs[name]?.accepts ?? []
    if (accepted.some((one) => one.toLowerCase() === type.toLowerCase())) return []
    return fault(
      `${input} accepts ${accepted.join(', ')}; reality data ${realityDataId} is of type ${shown(type)}.`,
    )
  })
}

/** A warning for each option that was sent and has no effect in this version. */
function ignoredOptions(job: JobRecord): JobMessage[] {
  const { options }: JobTypeDeclaration = jobTypes[job.type]
  return Object.keys(job.optionsSent ?? {})
    .filter((name) => entryNamedLoosely(options, name)?.[1].delivered === false)
    .map((name) => jobWarningMessage('Option_Ignored', name))
}
