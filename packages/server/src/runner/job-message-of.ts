// What the owner of a job is told about an error, wherever it came up: in the runner or in its agent.
import { basename } from 'node:path'
import { type JobMessage, jobErrorMessage } from '@alidade/contract/jobs'
import { JobError } from '@alidade/jobs'
import { isAtDataLimit } from './data-limit.ts'

/**
 * Names the cause where it can be acted on; what is our own fault shows no more than that it is.
 * @param writingTo where a full disk is met when the error names no path
 * @param loggedAs what to look for in the log
 */
export function jobMessageOf(
  error: unknown,
  { writingTo, loggedAs }: { writingTo: string; loggedAs: string },
): JobMessage {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof JobError) return cause.jobMessage
    const { code, path } = cause as NodeJS.ErrnoException
    // NoSpace is the blob store's name for the two of the file system.
    if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'NoSpace') {
      // Where this machine keeps its folders is nobody's business.
      return jobErrorMessage('DiskFull', path === undefined ? writingTo : basename(path))
    }
    if (cause instanceof RangeError && /allocation failed|Invalid typed array length/i.test(cause.message)) {
      return outOfMemory()
    }
  }
  if (isAtDataLimit()) return outOfMemory()
  return jobErrorMessage('Internal', loggedAs)
}

/** The limit is its agent's to fill in: a runner is not told. */
function outOfMemory(): JobMessage {
  return jobErrorMessage('OutOfMemory', '?', String(Math.round(process.memoryUsage.rss() / 1e6)))
}
