// `alidade logs`: what a job says about itself.
import { parseArgs } from 'node:util'
import { connect, connectionHelp, connectionOptions } from './connection.ts'
import { findJob, messagesOf } from './find-job.ts'
import type { Io } from './main.ts'
import { tellMessages } from './tell-messages.ts'
import { UsageError } from './usage-error.ts'

const usage = `Usage: alidade logs ID [options]

Why a job failed, and what it warns of. docs/errors.md says what to do about each. Example:

  alidade logs cc3d35cc-416a-4262-9714-b359da70b419

  --json            print {id, state, errors, warnings} as one line; entries are {code, title, message, params}
${connectionHelp}`

export async function logsCommand(args: string[], io: Io): Promise<number> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: connectionOptions })
  if (values.help === true) {
    io.stdout.write(usage)
    return 0
  }
  const [jobId, ...rest] = positionals
  if (jobId === undefined || rest.length > 0) throw new UsageError('expected the id of one job')
  const client = await connect(values, io)
  const found = await findJob(client, jobId, { signal: io.signal })
  const messages = await messagesOf(client, found, { signal: io.signal })
  const { id, state } = found
  if (values.json === true) {
    io.stdout.write(`${JSON.stringify({ id, state, ...messages })}\n`)
    return 0
  }
  tellMessages(messages, io.stdout)
  const { errors, warnings } = messages
  if (errors.length + warnings.length === 0)
    io.stderr.write(`The job is ${state}; it has no errors or warnings.\n`)
  return 0
}
