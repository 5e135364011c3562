// From the counts of one attempt to its row: the newest only, one write at a time.
import type { JobMessage } from '@alidade/contract'
import type { PlannedPart } from '@alidade/jobs'
import type { JobRecord } from '../store/job-record.ts'
import type { JobWork } from '../store/job-store.ts'
import { type Counts, createPercentage, type Percentage } from './percentage.ts'
import { firstStep } from './plan-run.ts'

export interface ProgressReporter {
  /**
   * What the run is going to cost; comes before the first report. Of a divided job an attempt does a stretch, from which
   * percentage to which `span` says.
   */
  plan(parts: readonly PlannedPart[], span?: Span): void
  report(report: Counts): void
  warn(warning: JobMessage): void
  /** Returns when the row shows the newest progress, or cannot be written. */
  flush(): Promise<void>
}

export interface Span {
  from: number
  to: number
}

export interface ReportProgressOptions {
  /** The row does not want to hear of this attempt any more. */
  onStale: () => void
  /** The row cannot be written just now; the next report tries again. */
  onError: (error: unknown) => void
  /** The work has come to where a lost attempt had been: from here on the percentage rises again. */
  onCaughtUp?: (percentage: number) => void
}

export function reportProgress(
  jobs: Pick<JobWork, 'report'>,
  job: JobRecord,
  { onStale, onError, onCaughtUp }: ReportProgressOptions,
): ProgressReporter {
  const attempt = { jobId: job.id, attempt: job.attempt }
  let percentage: Percentage | undefined
  let span: Span = { from: 0, to: 100 }
  const reached = () => span.from + ((span.to - span.from) * (percentage?.value ?? 0)) / 100
  let behind = job.percentage > 0
  // A later attempt comes upon what an earlier one has already warned of.
  const warned = new Set(job.warnings.map(textOf))
  let unwritten: JobMessage[] = []
  let written = { percentage: -1, step: '' }
  let writing: Promise<void> | undefined

  async function write(): Promise<void> {
    for (;;) {
      const value = reached()
      const step = percentage?.step ?? firstStep
      // The wire shows whole percents; a finer change is not worth a write.
      const shown = Math.floor(value) === Math.floor(written.percentage) && step === written.step
      if (shown && unwritten.length === 0) return
      const warnings = [...unwritten]
      const progress = { percentage: value, step, ...(warnings.length > 0 && { warnings }) }
      const current = await jobs.report(attempt, progress)
      written = { percentage: value, step }
      unwritten = unwritten.slice(warnings.length)
      if (!current) onStale()
    }
  }
  function kick(): void {
    writing ??= write()
      .catch(onError)
      .finally(() => {
        writing = undefined
      })
  }
  return {
    plan: (parts, stretch = span) => {
      span = stretch
      percentage = createPercentage(parts)
      kick()
    },
    report: (report) => {
      if (percentage === undefined)
        throw new TypeError(`'${report.step}' was reported before there is a plan`)
      percentage.update(report)
      if (behind && reached() >= job.percentage) {
        behind = false
        onCaughtUp?.(job.percentage)
      }
      kick()
    },
    warn: (warning) => {
      const key = textOf(warning)
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

/** The same for the same warning: a database gives the members of an object back in an order of its own. */
function textOf({ code, params, message }: JobMessage): string {
  return JSON.stringify([code, params, message])
}
