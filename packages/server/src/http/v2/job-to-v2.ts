// A job as v2 shows it. Published clients refuse nulls: what is not known is left out.
import { type JobMessagesResponse, type JobTypeDeclaration, type JobV2, jobTypes } from '@alidade/contract'
import type { JobRecord } from '../../store/job-record.ts'
import { nameIn } from '../jobs/declared-names.ts'
import { errorIn, warningIn } from '../jobs/job-messages.ts'
import { splitOptions } from '../jobs/own-options.ts'
import { wireDate } from '../jobs/wire-date.ts'
import { isTerminating, toV2State } from './job-state.ts'

/** Shorter names, which v1 takes, are none in v2. */
const shortestName = 3

/** A job that `isShown` for v2. */
export function toV2Job(job: JobRecord): JobV2 {
  const declaration: JobTypeDeclaration = jobTypes[job.type]
  const named = <T>(kind: 'inputs' | 'outputs' | 'options', entries: [string, T][]): Record<string, T> =>
    Object.fromEntries(entries.map(([name, value]) => [nameIn('v2', declaration[kind], name), value]))
  const ids = (bindings: JobRecord['inputs']) =>
    bindings.map(({ name, realityDataId }): [string, string] => [name, realityDataId])
  const { published: options } = splitOptions(job)
  return {
    id: job.id,
    state: toV2State(job),
    userId: job.userId,
    ...(job.name.length >= shortestName && { name: job.name }),
    type: declaration.v2 ?? job.type,
    iTwinId: job.iTwinId,
    itwinId: job.iTwinId,
    executionInfo: executionInfo(job),
    specifications: {
      inputs: named('inputs', ids(job.inputs)),
      outputs: named('outputs', ids(job.outputs)),
      ...(options.length > 0 && { options: named('options', options) }),
    },
  }
}

/** What is still being ended has not ended. */
function executionInfo(job: JobRecord): JobV2['executionInfo'] {
  const { createdAt, startedAt, endedAt, processingUnits } = job
  return {
    createdDateTime: wireDate(createdAt),
    ...(startedAt !== undefined && { startedDateTime: wireDate(startedAt) }),
    ...(endedAt !== undefined && !isTerminating(job) && { endedDateTime: wireDate(endedAt) }),
    ...(processingUnits !== undefined && { processingUnits }),
  }
}

export function toV2Messages({ type, errors, warnings }: JobRecord): JobMessagesResponse['messages'] {
  const declaration: JobTypeDeclaration = jobTypes[type]
  const member = ({ code, title, message, params }: JobRecord['errors'][number]) => ({
    code,
    title,
    message,
    params,
  })
  return {
    errors: errors.map((message) => member(errorIn('v2', declaration, message))),
    warnings: warnings.map((message) => member(warningIn('v2', declaration, message))),
  }
}
