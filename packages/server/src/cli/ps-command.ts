// `alidade ps`: jobs of a service, newest first.
import { parseArgs } from 'node:util'
import { type Client, NotFoundError } from '@alidade/client'
import { finalStates, jobV2States } from '@alidade/contract/jobs'
import { alignedTable } from './aligned-table.ts'
import { connect, connectionHelp, connectionOptions, iTwinOf } from './connection.ts'
import type { Io } from './main.ts'
import { UsageError } from './usage-error.ts'

const usage = `Usage: alidade ps [options]

Lists your jobs, newest first; with an iTwin those of everybody in it. Examples:

  alidade ps
  alidade ps --state active --itwin fb06eb47-4f3d-4a7d-9a1c-3f4f9e2d8a01
  alidade ps --filter "type eq changeDetection and createdDateTime ge 2026-04-01T00:00:00Z" --top 100

  --state STATE     unsubmitted, active, success, failed or cancelled
  --type TYPE       job type
  --itwin ID        [ALIDADE_ITWIN]
  --filter TEXT     a $filter of the API, joined to the others by and
  --top N           so many at most; default 20
  --v2              what v2 of the API shows, in its words: TrainingS3D, Active ...
  --json            a line for each job, as the API gives it
${connectionHelp}`

export async function psCommand(args: string[], io: Io): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...connectionOptions,
      state: { type: 'string' },
      type: { type: 'string' },
      itwin: { type: 'string' },
      filter: { type: 'string' },
      top: { type: 'string' },
      v2: { type: 'boolean' },
    },
  })
  if (values.help === true) {
    io.stdout.write(usage)
    return 0
  }
  if (positionals.length > 0) throw new UsageError(`unexpected argument '${positionals[0]}'`)
  const most = Number(values.top ?? 20)
  if (!Number.isInteger(most) || most < 1)
    throw new UsageError(`--top: expected a whole number of at least 1, got '${values.top}'`)
  const client = await connect(values, io)
  const filter = filterOf({ ...values, iTwinId: iTwinOf(values.itwin, io) })
  const jobs: ListedJob[] = []
  const listed = list(client, { v2: values.v2 === true, filter, top: Math.min(most, 1000) }, io)
  for await (const job of listed) {
    if (values.json === true) io.stdout.write(`${JSON.stringify(job)}\n`)
    jobs.push(job)
    if (jobs.length === most) break
  }
  if (values.json !== true) io.stdout.write(await table(client, jobs, io))
  return 0
}

interface Filters {
  state?: string | undefined
  type?: string | undefined
  iTwinId?: string | undefined
  filter?: string | undefined
}

function filterOf({ state, type, iTwinId, filter }: Filters): string {
  const parts: string[] = []
  for (const [property, value] of Object.entries({ state, type, iTwinId })) {
    if (value === undefined) continue
    if (!/^[\w-]+$/.test(value)) throw new UsageError(`expected a word for ${property}, got '${value}'`)
    parts.push(`${property} eq ${value}`)
  }
  if (filter !== undefined) parts.push(parts.length === 0 ? filter : `(${filter})`)
  return parts.join(' and ')
}

interface ListedJob {
  id: string
  state: string
  type: string
  name?: string
  createdDateTime?: string
  executionInfo?: { createdDateTime: string }
}

function list(
  client: Client,
  { v2, filter, top }: { v2: boolean; filter: string; top: number },
  { signal }: Io,
): AsyncIterable<ListedJob> {
  if (!v2) return client.jobs.list({ ...(filter !== '' && { filter }), top, signal })
  // v2 wants a filter, and pages of two at least.
  return client.v2.jobs.list(filter || 'createdDateTime ge 1970-01-01T00:00:00Z', {
    top: Math.max(top, 2),
    signal,
  })
}

async function table(client: Client, jobs: readonly ListedJob[], io: Io): Promise<string> {
  if (jobs.length === 0) return 'No jobs.\n'
  const rows = await Promise.all(
    jobs.map(async (job) => {
      const { id, state, type, name = '', createdDateTime = job.executionInfo?.createdDateTime ?? '' } = job
      return [
        id,
        state,
        await progressOf(client, job, io),
        type,
        createdDateTime,
        name.replace(/[\s\p{Cc}]+/gu, ' '),
      ]
    }),
  )
  return alignedTable([['ID', 'STATE', 'PROGRESS', 'TYPE', 'CREATED', 'NAME'], ...rows])
}

/** Of those that have not ended yet, and were submitted. */
async function progressOf(client: Client, { id, state }: ListedJob, { signal }: Io): Promise<string> {
  try {
    if (state === 'active') {
      const { percentage, step } = await client.jobs.progress(id, { signal })
      return `${percentage} % ${step}`
    }
    const underWay = (jobV2States as readonly string[]).includes(state) && !isFinal(state)
    return underWay ? `${(await client.v2.jobs.progress(id, { signal })).percentage} %` : ''
  } catch (error) {
    // Gone since it was listed.
    if (error instanceof NotFoundError) return ''
    throw error
  }
}

const isFinal = (state: string) => (finalStates as readonly string[]).includes(state.toLowerCase())
