// What ends an attempt that does not end by itself: nothing was counted for too long, or its job has had its time.
import { JobError, type StepReport } from '@alidade/jobs'

export interface AttemptLimitsOptions {
  /** Longest time without a count; 0 for no limit. */
  stallMinutes: number
  /** Longest time from `startedAt` on, over all attempts; 0 for no limit. */
  timeLimitMinutes: number
  startedAt: Date
  now: () => Date
}

export interface AttemptLimits {
  /** Aborted by the first limit that is passed, with the JobError to fail with. */
  signal: AbortSignal
  /** Takes in what was counted. The same count again, however often it is sent, is no advance. */
  counted(report: Pick<StepReport, 'step' | 'part' | 'done'>): void
  stop(): void
}

/**
 * So many looks without a count make a stall. Counted in looks and not in time: an agent that was itself asleep, with
 * its machine or by SIGSTOP, finds one look missed on waking, and the counts that came meanwhile before the next.
 */
const looksOfStall = 20

export function limitAttempt(options: AttemptLimitsOptions): AttemptLimits {
  const { stallMinutes, timeLimitMinutes, startedAt, now } = options
  const passed = new AbortController()
  let step = 'Prepare_Production'
  let part: string | undefined
  let done = 0
  let looks = 0

  const look = () => {
    if (++looks > looksOfStall) passed.abort(new JobError('Stalled', [String(stallMinutes), step]))
  }
  const stalling = stallMinutes > 0 ? setInterval(look, (stallMinutes * 60_000) / looksOfStall) : undefined

  const timeOut = () => passed.abort(new JobError('TimedOut', [String(timeLimitMinutes)]))
  const leftMs = timeLimitMinutes * 60_000 - (now().getTime() - startedAt.getTime())
  const timing = timeLimitMinutes > 0 && leftMs > 0 ? setTimeout(timeOut, leftMs) : undefined
  if (timeLimitMinutes > 0 && leftMs <= 0) timeOut()

  return {
    signal: passed.signal,
    counted: (report) => {
      if (report.step === step && report.part === part && report.done <= done) return
      step = report.step
      part = report.part
      done = report.done
      looks = 0
    },
    stop: () => {
      clearInterval(stalling)
      clearTimeout(timing)
    },
  }
}
