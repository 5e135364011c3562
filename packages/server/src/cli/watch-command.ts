// `alidade watch`: follows a job to its end.
import { parseArgs } from 'node:util'
import { connect, connectionHelp, connectionOptions } from './connection.ts'
import type { Io } from './main.ts'
import { UsageError } from './usage-error.ts'
import { readEvery, watchJob } from './watch-job.ts'

const usage = `Usage: alidade watch ID [options]

Follows a job to its end: percentage, state and step. Exit code 0 if it succeeded, 1 if it failed or was cancelled.
Ctrl-C stops the watching; the job goes on. Examples:

  alidade watch cc3d35cc-416a-4262-9714-b359da70b419
  alidade watch cc3d35cc-416a-4262-9714-b359da70b419 --every 1 --json

  --every SECONDS   gap between two looks; default 15, 30, 60, 120 s, and 15 s again when the percentage has changed
  --json            a line of {id, percentage, state, step} for each change; of a job that v1 does not show, without step
${connectionHelp}`

export async function watchCommand(args: string[], io: Io): Promise<number> {
  const options = { ...connectionOptions, every: { type: 'string' } } as const
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options })
  if (values.help === true) {
    io.stdout.write(usage)
    return 0
  }
  const [id, ...rest] = positionals
  if (id === undefined || rest.length > 0) throw new UsageError('expected the id of one job')
  const everySeconds = readEvery(values.every)
  const client = await connect(values, io)
  return watchJob(client, id, { json: values.json === true, everySeconds }, io)
}
