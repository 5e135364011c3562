// What is counted file by file, counted over all files: which of them is being worked on says little to whoever waits.
import { isFilePart, type PlannedPart, type StepReport } from '@alidade/jobs'

type Counts = Pick<StepReport, 'step' | 'part' | 'done' | 'total'>

/** The report with the counts of all files of its step where it is about one of them, else as it is. */
export function countAllFiles<R extends Counts>(plan: readonly PlannedPart[], report: R): R {
  const { step, part, done, total } = report
  const files = plan.filter((planned) => planned.step === step && isFilePart(planned.part))
  const place = files.findIndex((planned) => planned.part === part)
  if (place < 0) return report
  const before = sumOf(files.slice(0, place))
  return { ...report, done: before + done, total: before + total + sumOf(files.slice(place + 1)) }
}

function sumOf(parts: readonly PlannedPart[]): number {
  return parts.reduce((sum, { total }) => sum + total, 0)
}
