// `alidade ps`: jobs of a service, newest first.
import { parseArgs } from 'node:util'
import { type Client, NotFoundError } from '@alidade/client'
import type { Job } from '@alidade/contract'
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
  const jobs: Job[] = []
  const listed = client.jobs.list({
    ...(filter !== '' && { filter }),
    top: Math.min(most, 1000),
    signal: io.signal,
  })
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

async function table(client: Client, jobs: readonly Job[], io: Io): Promise<string> {
  if (jobs.length === 0) return 'No jobs.\n'
  const rows = await Promise.all(
    jobs.map(async ({ id, state, type, name, createdDateTime }) => {
      const step = state === 'active' ? await progressOf(client, id, io) : ''
      return [id, state, step, type, createdDateTime, name.replace(/[\s\p{Cc}]+/gu, ' ')]
    }),
  )
  return alignedTable([['ID', 'STATE', 'PROGRESS', 'TYPE', 'CREATED', 'NAME'], ...rows])
}

async function progressOf(client: Client, jobId: string, { signal }: Io): Promise<string> {
  try {
    const { percentage, step } = await client.jobs.progress(jobId, { signal })
    return `${percentage} % ${step}`
  } catch (error) {
    // Gone since it was listed.
    if (error instanceof NotFoundError) return ''
    throw error
  }
}
