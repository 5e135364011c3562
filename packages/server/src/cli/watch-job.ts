// Waiting for the end of a job on the command line: a bar or lines, or JSON lines.
import type { Client } from '@alidade/client'
import { findJob, messagesOf } from './find-job.ts'
import type { Io } from './main.ts'
import { statusLine } from './status-line.ts'
import { tellMessages } from './tell-messages.ts'
import { UsageError } from './usage-error.ts'

export interface WatchOptions {
  json: boolean
  /** Gap between polls; undefined: as the published page asks. */
  everySeconds?: number | undefined
}

/** The exit code: 0 if the job succeeded. */
export async function watchJob(
  client: Client,
  jobId: string,
  { json, everySeconds }: WatchOptions,
  io: Io,
): Promise<number> {
  const { signal } = io
  const line = statusLine(io.stderr)
  const onProgress = (progress: { percentage: number; state: string; step?: string }) => {
    const { percentage, state, step = '' } = progress
    if (json) io.stdout.write(`${JSON.stringify({ id: jobId, ...progress })}\n`)
    else line.show(percentage, `${state}  ${step}`.trimEnd())
  }
  const options = {
    signal,
    onProgress,
    ...(everySeconds !== undefined && { intervalsSeconds: [everySeconds] }),
  }
  try {
    const { version } = await findJob(client, jobId, { signal })
    await (version === 'v1' ? client : client.v2).waitForJob(jobId, options)
  } catch (error) {
    line.end()
    if (signal.aborted) {
      io.stderr.write(
        `The job goes on. To see how far it is: alidade watch ${jobId}. To end it: alidade cancel ${jobId}\n`,
      )
    }
    throw error
  }
  line.end()
  const { succeeded } = await tellEnd(client, jobId, json, io)
  return succeeded ? 0 : 1
}

async function tellEnd(client: Client, jobId: string, json: boolean, io: Io) {
  const found = await findJob(client, jobId, { signal: io.signal })
  if (json) return found
  const messages = await messagesOf(client, found, { signal: io.signal })
  tellMessages(messages, io.stderr)
  if (found.succeeded) {
    for (const { name, id } of found.outputs) io.stdout.write(`${name}  ${id}\n`)
    io.stderr.write(`To fetch the results: alidade pull --job ${jobId}\n`)
  }
  return found
}

/** For `--every`. */
export function readEvery(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const seconds = Number(text)
  if (seconds > 0 && Number.isFinite(seconds)) return seconds
  throw new UsageError(`--every: expected a number of seconds, got '${text}'`)
}
