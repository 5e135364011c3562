// A job by its id alone.
import type { CallOptions, Client } from '@alidade/client'
import type { Job } from '@alidade/contract'

/** What both versions of the API say of a job. */
export interface FoundJob {
  id: string
  name: string
  type: string
  state: string
  succeeded: boolean
  outputs: { name: string; id: string }[]
  /** As the API gave it. */
  job: Job
}

export async function findJob(client: Client, jobId: string, options: CallOptions): Promise<FoundJob> {
  const job = await client.jobs.get(jobId, options)
  const { id, name, type, state } = job
  const outputs = job.outputs.map((output) => ({ name: output.type, id: output.id }))
  return { id, name, type, state, succeeded: state === 'success', outputs, job }
}

export async function cancelJob(
  client: Client,
  jobId: string,
  options: CallOptions,
): Promise<{ id: string; state: string }> {
  return client.jobs.cancel(jobId, options)
}
