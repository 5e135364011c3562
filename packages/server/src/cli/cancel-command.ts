// `alidade cancel`: ends jobs.
import { parseArgs } from 'node:util'
import { cancelJob } from './find-job.ts'
import { connect, connectionHelp, connectionOptions } from './connection.ts'
import type { Io } from './main.ts'
import { UsageError } from './usage-error.ts'

const usage = `Usage: alidade cancel ID... [options]

Cancels active jobs; one that is cancelled already stays so. The decision is final at once. Example:

  alidade cancel cc3d35cc-416a-4262-9714-b359da70b419

  --json            a line of {id, state} for each job
${connectionHelp}`

export async function cancelCommand(args: string[], io: Io): Promise<number> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: connectionOptions })
  if (values.help === true) {
    io.stdout.write(usage)
    return 0
  }
  if (positionals.length === 0) throw new UsageError('expected the id of a job')
  const client = await connect(values, io)
  for (const jobId of positionals) {
    const { id, state } = await cancelJob(client, jobId, { signal: io.signal })
    io.stdout.write(values.json === true ? `${JSON.stringify({ id, state })}\n` : `${id}  ${state}\n`)
  }
  return 0
}
