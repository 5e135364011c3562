// Errors and warnings of a job, for people.
import type { CallOptions, Client } from '@alidade/client'
import type { JobMessage } from '@alidade/contract'
import type { FoundJob } from './find-job.ts'
import type { Io } from './main.ts'

export interface JobMessages {
  errors: readonly JobMessage[]
  warnings: readonly JobMessage[]
}

export async function messagesOf(
  _client: Client,
  found: FoundJob,
  _options: CallOptions,
): Promise<JobMessages> {
  const { errors = [], warnings = [] } = found.job.executionInformation ?? {}
  return { errors, warnings }
}

export function tellMessages({ errors, warnings }: JobMessages, out: Io['stdout']): void {
  for (const { code, title, message } of errors) out.write(`Error ${code}: ${title}\n  ${message}\n`)
  for (const { code, title, message } of warnings) out.write(`Warning ${code}: ${title}\n  ${message}\n`)
}
