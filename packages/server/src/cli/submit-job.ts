// Creates and submits a job by the names of v1.
import type { Client } from '@alidade/client'
import type { Job } from '@alidade/contract'
import type { Io } from './main.ts'

export interface AskedJob {
  type: string
  name: string
  iTwinId: string
  inputs: readonly { name: string; id: string }[]
  outputs: string[]
  /** As they were typed: the service reads options from text. */
  options: Record<string, string>
}

export async function submitJob(
  client: Client,
  { type, name, iTwinId, inputs, outputs, options }: AskedJob,
  { signal }: Io,
): Promise<Job> {
  const job = await client.jobs.create(
    {
      type,
      name,
      iTwinId,
      inputs: inputs.map((input) => ({ type: input.name, id: input.id })),
      outputs,
      options,
    },
    { signal },
  )
  try {
    return await client.jobs.submit(job.id, { signal })
  } catch (error) {
    // What the headers of the inputs tell is refused here; a job that was never started is of no use to anybody.
    await client.jobs.delete(job.id, { signal }).catch(() => undefined)
    throw error
  }
}
