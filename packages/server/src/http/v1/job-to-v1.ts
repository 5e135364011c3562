// A job as v1 shows it. Published clients refuse unknown members and nulls: what is not known is left out.
import type { Job, JobTypeDeclaration } from '@alidade/contract'
import { jobTypes } from '@alidade/contract'
import type { JobRecord } from '../../store/job-record.ts'
import { nameIn } from '../jobs/declared-names.ts'
import { splitOptions } from '../jobs/own-options.ts'
import { wireDate } from '../jobs/wire-date.ts'

export function toV1Job(job: JobRecord): Job {
  const declaration: JobTypeDeclaration = jobTypes[job.type]
  const { costParameters } = job
  const options = optionsOf(job)
  return {
    id: job.id,
    name: job.name,
    type: declaration.v1 ?? job.type,
    iTwinId: job.iTwinId,
    state: job.state,
    email: job.email,
    dataCenter: 'Local',
    createdDateTime: wireDate(job.createdAt),
    lastModifiedDateTime: wireDate(job.modifiedAt),
    inputs: job.inputs.map(({ name, realityDataId }) => ({
      type: nameIn('v1', declaration.inputs, name),
      id: realityDataId,
    })),
    outputs: job.outputs.map(({ name, realityDataId }) => ({
      type: nameIn('v1', declaration.outputs, name),
      id: realityDataId,
    })),
    ...(options !== undefined && { options }),
    ...(costParameters !== undefined && {
      costEstimation: {
        ...definedOnly(costParameters),
        estimatedCost: declaration.estimateProcessingUnits(costParameters),
      },
    }),
    ...(job.submittedAt !== undefined && {
      executionInformation: executionInformation(job, job.submittedAt),
    }),
  }
}

/** As the client sent them; those of a job of v2 as v1 clients send theirs, in strings. Undefined: there are none. */
export function optionsOf(job: JobRecord): Record<string, unknown> | undefined {
  const { type, optionsSent } = job
  const { published: entries } = splitOptions(job)
  if (optionsSent !== undefined || entries.length === 0) return optionsSent
  const declarations: JobTypeDeclaration['options'] = jobTypes[type].options
  return Object.fromEntries(entries.map(([name, value]) => [nameIn('v1', declarations, name), String(value)]))
}

function executionInformation(
  { startedAt, endedAt, exitCode, processingUnits, errors, warnings }: JobRecord,
  submittedAt: Date,
): NonNullable<Job['executionInformation']> {
  return {
    submissionDateTime: wireDate(submittedAt),
    ...(startedAt !== undefined && { startedDateTime: wireDate(startedAt) }),
    ...(endedAt !== undefined && { endedDateTime: wireDate(endedAt) }),
    ...(exitCode !== undefined && { exitCode }),
    ...(processingUnits !== undefined && { estimatedUnits: processingUnits }),
    errors: errors.map(message),
    warnings: warnings.map(message),
  }
}

function message({ code, title, message, params }: JobRecord['errors'][number]) {
  return { code, title, message, params }
}

function definedOnly<T extends object>(object: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>
  }
}
