import type { JobMessages } from './find-job.ts'
import type { Io } from './main.ts'

/** Errors and warnings of a job, for people. */
export function tellMessages({ errors, warnings }: JobMessages, out: Io['stdout']): void {
  for (const { code, title, message } of errors) out.write(`Error ${code}: ${title}\n  ${message}\n`)
  for (const { code, title, message } of warnings) out.write(`Warning ${code}: ${title}\n  ${message}\n`)
}
