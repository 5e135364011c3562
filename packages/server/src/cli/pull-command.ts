// `alidade pull`: the files of a reality data, or all results of a job, onto this machine.
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Client } from '@alidade/client'
import { pull } from '@alidade/client/node'
import { CommandError } from './command-error.ts'
import { connect, connectionHelp, connectionOptions } from './connection.ts'
import { findJob } from './find-job.ts'
import type { Io } from './main.ts'
import { quoted } from './quoted.ts'
import { formatBytes, transferProgress } from './transfer-progress.ts'
import { UsageError } from './usage-error.ts'

const usage = `Usage: alidade pull ID [--out DIR] [options]       files of a reality data into DIR
       alidade pull --job ID [--out DIR] [options]  every result of a job into DIR/<output>

Called again after an interruption it fetches what is missing; files that are there already, byte for byte, stay.
Until a file is whole it is called <name>.alidade.part. Examples:

  alidade pull 3f0a8f3e-7f66-4a3e-a2f1-0a4d9fb6a1b1 --out march
  alidade pull --job cc3d35cc-416a-4262-9714-b359da70b419 --out changes

  --out DIR         made if need be; default a folder with the name of the id
  --prefix TEXT     only files whose names begin so, e.g. tiles/
  --json            print {outputs: [{id, name, path, files: [{name, sizeBytes}], receivedBytes}], seconds} as one line;
                    name is that of the output of a job
${connectionHelp}`

interface Pulled {
  id: string
  /** Of the output of a job. */
  name?: string
  path: string
  files: { name: string; sizeBytes: number }[]
  receivedBytes: number
}

export async function pullCommand(args: string[], io: Io): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...connectionOptions,
      job: { type: 'string' },
      out: { type: 'string' },
      prefix: { type: 'string' },
    },
  })
  if (values.help === true) {
    io.stdout.write(usage)
    return 0
  }
  const [id, ...rest] = positionals
  if (rest.length > 0) throw new UsageError(`unexpected argument '${rest[0]}'`)
  if ((id === undefined) === (values.job === undefined))
    throw new UsageError(
      'expected the id of a reality data or --job ID, and one of them only; the folder goes behind --out',
    )
  const client = await connect(values, io)
  const began = performance.now()
  const out = resolve(io.cwd, values.out ?? values.job ?? id!)
  const wanted =
    values.job === undefined
      ? [{ id: id!, path: out }]
      : (await outputsOf(client, values.job, io)).map((output) => ({
          ...output,
          path: join(out, output.name),
        }))
  try {
    const outputs: Pulled[] = []
    for (const one of wanted) outputs.push(await pullOne(client, one, values.prefix, io))
    const seconds = Math.round(performance.now() - began) / 1000
    if (values.json === true) io.stdout.write(`${JSON.stringify({ outputs, seconds })}\n`)
    else tell(outputs, seconds, io)
    return 0
  } catch (error) {
    const what = values.job === undefined ? quoted(id!) : `--job ${quoted(values.job)}`
    io.stderr.write(`Not done. To go on: alidade pull ${what} --out ${quoted(out)}\n`)
    throw error
  }
}

async function outputsOf(
  client: Client,
  jobId: string,
  { signal }: Io,
): Promise<{ id: string; name: string }[]> {
  const { state, succeeded, outputs } = await findJob(client, jobId, { signal })
  if (!succeeded) throw new CommandError(`job ${jobId} is ${state}; it has results once it succeeds`)
  return outputs
}

async function pullOne(
  client: Client,
  { id, name, path }: { id: string; name?: string; path: string },
  prefix: string | undefined,
  io: Io,
): Promise<Pulled> {
  const { signal } = io
  const progress = transferProgress(io.stderr)
  try {
    const { files, receivedBytes } = await pull(() => client.realityData.readAccess(id, { signal }), path, {
      signal,
      ...(prefix !== undefined && { prefix }),
      onBytes: progress.show,
    })
    const listed = files.map((file) => ({ name: file.name, sizeBytes: file.sizeBytes }))
    return { id, ...(name !== undefined && { name }), path, files: listed, receivedBytes }
  } finally {
    progress.end()
  }
}

function tell(outputs: Pulled[], seconds: number, io: Io): void {
  for (const { path, files } of outputs) {
    for (const { name } of files) io.stdout.write(`${join(path, ...name.split('/'))}\n`)
  }
  const bytes = outputs.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0)
  io.stderr.write(`${formatBytes(bytes)} received in ${seconds.toFixed(1)} s.\n`)
}
