// Creates and submits a job, by the version of the API whose name of the type was used: v1 and v2 spell it differently.
import type { Client } from '@alidade/client'
import { declaredJobTypes, entryNamed, type Job, type JobV2 } from '@alidade/contract'
import type { Io } from './main.ts'

export interface AskedJob {
  type: string
  name: string
  iTwinId: string
  inputs: readonly { name: string; id: string }[]
  outputs: string[]
  /** As they were typed. */
  options: Record<string, string>
}

export async function submitJob(client: Client, asked: AskedJob, io: Io): Promise<Job | JobV2> {
  const { name, type, iTwinId, outputs } = asked
  const { signal } = io
  const declaration = declaredJobTypes.find(({ v2 }) => v2 === type)
  if (declaration === undefined) return submitJobV1(client, asked, io)
  const inputs = Object.fromEntries(asked.inputs.map((input) => [input.name, input.id]))
  const options = Object.fromEntries(
    Object.entries(asked.options).map(([option, text]) => {
      const [, declared] = entryNamed(declaration.options, 'v2', option) ?? []
      return [option, typed(text, declared?.type)]
    }),
  )
  const specifications = { inputs, outputs, options }
  return client.v2.jobs.create({ type, name, iTwinId, specifications }, { signal })
}

async function submitJobV1(
  client: Client,
  { type, name, iTwinId, inputs, outputs, options }: AskedJob,
  { signal }: Io,
): Promise<Job> {
  const named = inputs.map((input) => ({ type: input.name, id: input.id }))
  // Options go as text, which v1 reads.
  const create = { type, name, iTwinId, inputs: named, outputs, options }
  const job = await client.jobs.create(create, { signal })
  try {
    return await client.jobs.submit(job.id, { signal })
  } catch (error) {
    // What the headers of the inputs tell is refused here; a job that was never started is of no use to anybody.
    await client.jobs.delete(job.id, { signal }).catch(() => undefined)
    throw error
  }
}

/** What makes no sense goes as it is: the service says best what it expected. */
function typed(text: string, type: string | undefined): unknown {
  if (type === 'boolean') return text === 'true' || (text === 'false' ? false : text)
  if (type !== 'number' && type !== 'integer') return text
  return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text)
}
