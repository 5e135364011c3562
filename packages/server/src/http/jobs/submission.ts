// What is looked at before a job is put on the queue: everything that can be told without running it.
import {
  type ErrorDetail,
  type InputDeclaration,
  type JobMessage,
  type JobTypeDeclaration,
  jobTypes,
  jobWarningMessage,
} from '@alidade/contract'
import type { Binding, JobRecord } from '../../store/job-record.ts'
import type { RealityDataStore } from '../../store/reality-data-store.ts'
import type { JobInspection } from '../inspect-job.ts'
import { nameIn, shown } from './declared-names.ts'
import type { JobPlaces } from './job-places.ts'

/** What is looked at of a job; it need not exist yet. */
export type JobToInspect = Pick<JobRecord, 'org' | 'iTwinId' | 'type' | 'inputs' | 'outputs' | 'options'>

/** Looks into the headers of the input files. */
export type InspectJob = (job: JobToInspect, places: JobPlaces) => Promise<JobInspection>

export interface SubmissionDependencies {
  realityData: Pick<RealityDataStore, 'get'>
  inspectJob: InspectJob
}

/** The faults that forbid the submission of `job`, and the warnings that it will carry. */
export async function checkSubmission(
  job: JobToInspect,
  places: JobPlaces,
  { realityData, inspectJob }: SubmissionDependencies,
): Promise<JobInspection> {
  const { inputs }: JobTypeDeclaration = jobTypes[job.type]
  const check = (binding: Binding, i: number) =>
    inputFault(job, binding, inputs[binding.name]!, {
      places,
      target: places.input(i, nameIn(places.version, inputs, binding.name)),
      realityData,
    })
  const faults = (await Promise.all(job.inputs.map(check))).flat()
  if (faults.length > 0) return { faults, warnings: [] }
  const inspection = await inspectJob(job, places)
  return { ...inspection, warnings: [...ignoredOptions(job), ...inspection.warnings] }
}

async function inputFault(
  { org }: JobToInspect,
  { name, realityDataId }: Binding,
  { kind = 'realityData', accepts, ...names }: InputDeclaration,
  {
    places,
    target,
    realityData,
  }: { places: JobPlaces; target: string; realityData: SubmissionDependencies['realityData'] },
): Promise<ErrorDetail[]> {
  // Files in the bucket are looked for with those of the other inputs.
  if (kind !== 'realityData') return []
  const fault = (message: string): ErrorDetail[] => [{ code: 'InvalidValue', message, target }]
  const input = `Input '${names[places.version] ?? name}'`
  const type = (await realityData.get(org, realityDataId))?.properties.type
  if (type === undefined) return fault(`${input} refers to ${realityDataId}, which does not exist.`)
  if (accepts.some((one) => one.toLowerCase() === type.toLowerCase())) return []
  return fault(
    `${input} accepts ${accepts.join(', ')}; reality data ${realityDataId} is of type ${shown(type)}.`,
  )
}

/** A warning for each option that was given and has no effect in this version, by the name that jobs give it. */
function ignoredOptions({ type, options: given }: JobToInspect): JobMessage[] {
  const { options }: JobTypeDeclaration = jobTypes[type]
  return Object.keys(given)
    .filter((name) => options[name]?.delivered === false)
    .map((name) => jobWarningMessage('Option_Ignored', options[name]?.v1 ?? name))
}
