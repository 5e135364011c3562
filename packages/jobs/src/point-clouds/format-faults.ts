// What a reader says of a file, in the words a job's owner gets.
import { FormatError } from '@alidade/formats'
import { JobError } from '../job-error.ts'

/** A JobError for a FormatError; anything else as it is. */
export function asJobError(error: unknown, input: string, fileName: string): unknown {
  // Deleted between submission and now.
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
    return new JobError('InputData_Missing', [input, fileName], { cause: error as Error })
  }
  if (!(error instanceof FormatError)) return error
  if (error.code === 'Changed') return new JobError('InputData_Changed', [fileName, input], { cause: error })
  const code = error.code === 'NotAPointCloud' ? 'InputData_NotAPointCloud' : 'InputData_Corrupt'
  if (error.code === 'Unsupported') {
    return new JobError('InputData_Invalid', [input, `${fileName}, ${sentence(error.message)}`], {
      cause: error,
    })
  }
  return new JobError(code, [fileName, input, sentence(error.message)], { cause: error })
}

/** Others follow it in a message. */
export function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
