// From the counts of one attempt to its row: the newest only, one write at a time.
import type { JobMessage } from '@alidade/contract'
import { jobTypeImplementations } from '@alidade/jobs'
import type { JobRecord } from '../store/job-record.ts'
import type { JobWork } from '../store/job-store.ts'
import { createPercentage } from './percentage.ts'

export interface ProgressReporter {
  report(report: { step: string; done: number; total: number }): void
  warn(warning: JobMessage): void
  /** Returns when the row shows the newest progress. */
  flush(): Promise<void>
}

/** @param onStale called when the row does not want to hear of this attempt any more, or cannot be written. */
export function reportProgress(
  jobs: JobWork,
  job: JobRecord,
  onStale: (error?: unknown) => void,
): ProgressReporter {
  const attempt = { jobId: job.id, attempt: job.attempt }
  const percentage = createPercentage(jobTypeImplementations[job.type].steps)
  // A later attempt comes upon what an earlier one has already warned of.
  const warned = new Set(job.warnings.map((warning) => JSON.stringify(warning)))
  let unwritten: JobMessage[] = []
  let written = { percentage: -1, step: '' }
  let writing: Promise<void> | undefined

  async function write(): Promise<void> {
    for (;;) {
      const { value, step } = percentage
      // The wire shows whole percents; a finer change is not worth a write.
      const shown = Math.floor(value) === Math.floor(written.percentage) && step === written.step
      if (shown && unwritten.length === 0) return
      written = { percentage: value, step }
      const warnings = unwritten
      unwritten = []
      const progress = { percentage: value, step, ...(warnings.length > 0 && { warnings }) }
      if (!(await jobs.report(attempt, progress))) onStale()
    }
  }
  function kick(): void {
    writing ??= write()
      .catch(onStale)
      .finally(() => {
        writing = undefined
      })
  }
  return {
    report: (report) => {
      percentage.update(report)
      kick()
    },
    warn: (warning) => {
      const key = JSON.stringify(warning)
      if (warned.has(key)) return
      warned.add(key)
      unwritten.push(warning)
      kick()
    },
    flush: async () => {
      kick()
      await writing
    },
  }
}
