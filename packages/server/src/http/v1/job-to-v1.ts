// A job as v1 shows it. Published clients refuse unknown members and nulls: what is not known is left out.
import type { Job, JobTypeDeclaration } from '@alidade/contract'
import { jobTypes } from '@alidade/contract'
import type { JobRecord } from '../../store/job-record.ts'
import { v1Name } from './declared-names.ts'

export function toV1Job(job: JobRecord): Job {
  const declaration: JobTypeDeclaration = jobTypes[job.type]
  const { optionsSent, costParameters } = job
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
      type: v1Name(declaration.inputs, name),
      id: realityDataId,
    })),
    outputs: job.outputs.map(({ name, realityDataId }) => ({
      type: v1Name(declaration.outputs, name),
      id: realityDataId,
    })),
    ...(optionsSent !== undefined && { options: optionsSent }),
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

/** ISO 8601, UTC, whole seconds: `2026-03-30T15:14:55Z`. */
function wireDate(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}

function definedOnly<T extends object>(object: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>
  }
}
