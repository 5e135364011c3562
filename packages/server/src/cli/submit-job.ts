// Creates and submits a job, by the version of the API whose name of the type was used: v1 and v2 spell it differently.
import type { Client, CreateJobOptions } from '@alidade/client'
import { type DeclaredJobType, declaredJobTypes, entryNamed, type Job, type JobV2 } from '@alidade/contract'
import { readJobCreate as readJobCreateV1 } from '../http/v1/job-from-v1.ts'
import { readJobCreate as readJobCreateV2 } from '../http/v2/job-from-v2.ts'
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

/** What is wrong with it that the service would say without a look at the inputs. */
export function faultsOf(asked: AskedJob): string[] {
  const { body, headers } = isOfV2(asked) ? requestOfV2(asked) : requestOfV1(asked)
  const { faults = [] } = isOfV2(asked) ? readJobCreateV2(body, headers) : readJobCreateV1(body, headers)
  return faults.map(({ message }) => message)
}

export async function submitJob(client: Client, asked: AskedJob, io: Io): Promise<Job | JobV2> {
  const { signal } = io
  if (!isOfV2(asked)) return submitJobV1(client, asked, io)
  const { body, headers } = requestOfV2(asked)
  return client.v2.jobs.create(body, { headers, signal })
}

function isOfV2({ type }: AskedJob): boolean {
  return declaredJobTypes.some(({ v2 }) => v2 === type)
}

function requestOfV2({ type, name, iTwinId, outputs, ...asked }: AskedJob) {
  const declaration = declaredJobTypes.find(({ v2 }) => v2 === type)!
  const { headers, published } = splitOwn(declaration, asked.options)
  const inputs = Object.fromEntries(asked.inputs.map((input) => [input.name, input.id]))
  const options = Object.fromEntries(
    Object.entries(published).map(([option, text]) => {
      const [, declared] = entryNamed(declaration.options, 'v2', option) ?? []
      return [option, typed(text, declared?.type)]
    }),
  )
  return { body: { type, name, iTwinId, specifications: { inputs, outputs, options } }, headers }
}

function requestOfV1({ type, name, iTwinId, inputs, outputs, ...asked }: AskedJob) {
  const named = inputs.map((input) => ({ type: input.name, id: input.id }))
  const declaration = declaredJobTypes.find(({ v1 }) => v1 === type)
  const { headers, published: options } = splitOwn(declaration, asked.options)
  // Options go as text, which v1 reads.
  return { body: { type, name, iTwinId, inputs: named, outputs, options }, headers }
}

async function submitJobV1(client: Client, asked: AskedJob, { signal }: Io): Promise<Job> {
  const { body, headers } = requestOfV1(asked)
  const job = await client.jobs.create(body, { headers, signal })
  try {
    return await client.jobs.submit(job.id, { signal })
  } catch (error) {
    // What the headers of the inputs tell is refused here; a job that was never started is of no use to anybody.
    await client.jobs.delete(job.id, { signal }).catch(() => undefined)
    throw error
  }
}

/** Options that the published API has no place for are headers of ours; `alidade run` has them under the same names. */
function splitOwn(declaration: DeclaredJobType | undefined, options: AskedJob['options']) {
  const headers: NonNullable<CreateJobOptions['headers']> = {}
  const published: AskedJob['options'] = {}
  for (const [option, text] of Object.entries(options)) {
    const header = declaration?.options[option]?.header
    if (header === undefined) published[option] = text
    else Object.assign(headers, { [header]: text })
  }
  return { headers, published }
}

/** What makes no sense goes as it is: the service says best what it expected. */
function typed(text: string, type: string | undefined): unknown {
  if (type === 'boolean') return text === 'true' || (text === 'false' ? false : text)
  if (type !== 'number' && type !== 'integer') return text
  return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text)
}
