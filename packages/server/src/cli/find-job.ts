// A job by its id alone: v1 is asked first, and v2 for what v1 does not show.
import { type CallOptions, type Client, NotFoundError } from '@alidade/client'
import type { ApiVersion, JobMessage } from '@alidade/contract'

/** What both versions of the API say of a job, in the words of the one that shows it. */
export interface FoundJob {
  version: ApiVersion
  id: string
  state: string
  succeeded: boolean
  outputs: { name: string; id: string }[]
}

export async function findJob(client: Client, jobId: string, options: CallOptions): Promise<FoundJob> {
  return byEitherVersion<FoundJob>(
    async () => {
      const { id, state, outputs } = await client.jobs.get(jobId, options)
      const named = outputs.map((output) => ({ name: output.type, id: output.id }))
      return { version: 'v1', id, state, succeeded: state === 'success', outputs: named }
    },
    async () => {
      const { id, state, specifications } = await client.v2.jobs.get(jobId, options)
      const named = Object.entries(specifications.outputs).map(([name, output]) => ({ name, id: output }))
      return { version: 'v2', id, state, succeeded: state === 'Success', outputs: named }
    },
  )
}

export async function cancelJob(
  client: Client,
  jobId: string,
  options: CallOptions,
): Promise<{ id: string; state: string }> {
  return byEitherVersion<{ id: string; state: string }>(
    () => client.jobs.cancel(jobId, options),
    () => client.v2.jobs.cancel(jobId, options),
  )
}

export interface JobMessages {
  errors: readonly JobMessage[]
  warnings: readonly JobMessage[]
}

export async function messagesOf(
  client: Client,
  { version, id }: FoundJob,
  options: CallOptions,
): Promise<JobMessages> {
  if (version === 'v2') return client.v2.jobs.messages(id, options)
  const { errors = [], warnings = [] } = (await client.jobs.get(id, options)).executionInformation ?? {}
  return { errors, warnings }
}

async function byEitherVersion<T>(v1: () => Promise<T>, v2: () => Promise<T>): Promise<T> {
  try {
    return await v1()
  } catch (error) {
    if (error instanceof NotFoundError) return v2()
    throw error
  }
}
