// Counts and costs -> one percentage. The engine computes it, so that no job can make it up.
import type { PartCost, PlannedPart, StepReport } from '@alidade/jobs'

export interface Percentage {
  /** Exact share of the work done, 0 to 100; never decreases. */
  readonly value: number
  readonly step: string
  /** Takes in a report; one of an earlier part than the current one, or of an unknown one, is our fault. */
  update(report: Counts): void
}

export type Counts = Pick<StepReport, 'step' | 'part' | 'done' | 'total' | 'ahead'>

/**
 * The percentage is the cost of what is done in the cost of the whole. What the run finds out changes the whole: a part
 * with another total than planned costs in proportion, one that is passed over costs nothing. Where that makes the whole
 * smaller the percentage leaps to what is true now; where it makes it larger the percentage goes on from where it is,
 * slower, so that it arrives with the work.
 */
export function createPercentage(plan: readonly PlannedPart[]): Percentage {
  const parts = plan.map(({ step, part, total, secondsEach }) => ({ step, part, total, secondsEach }))
  if (!(costOf(parts) > 0)) throw new RangeError(`the plan costs ${costOf(parts)} s, expected more than 0`)
  let current = 0
  let before = 0
  let whole = costOf(parts)
  let value = 0
  /** From where on the percentage rises, evenly with the cost, to 100. */
  let since = { value: 0, cost: 0 }

  /** Moves to a part, or corrects its total. */
  function enter(index: number, total: number): void {
    for (const passed of parts.slice(current + 1, index)) passed.total = 0
    parts[index]!.total = total
    current = index
    before = costOf(parts.slice(0, index))
    whole = costOf(parts)
  }

  /** Takes over what parts cost of which nothing is done yet; those that are not planned are somebody else's. */
  function learn(costs: readonly PartCost[], first: number): void {
    for (const cost of costs) {
      const known = parts.slice(first).find(({ step, part }) => step === cost.step && part === cost.part)
      if (known !== undefined) Object.assign(known, cost)
    }
    whole = costOf(parts)
  }

  return {
    get value() {
      return value
    },
    get step() {
      return parts[current]!.step
    },
    update(report) {
      const { done, total, ahead } = report
      const index = parts.findIndex(({ step, part }) => step === report.step && part === report.part)
      const name = [report.step, report.part].filter(Boolean).join('/')
      if (index < current) throw new RangeError(`'${name}' was reported after '${parts[current]!.step}'`)
      const isEntered = index > current || total !== parts[index]!.total
      if (isEntered) enter(index, total)
      if (ahead !== undefined) learn(ahead, done > 0 ? index + 1 : index)
      // What there is nothing to do for is done. A count beyond the total cannot push into the next part.
      const share = total > 0 ? Math.min(1, Math.max(0, done / total)) : 1
      const cost = before + costOf([parts[index]!]) * share
      if (isEntered || ahead !== undefined)
        since = 100 * cost < value * whole ? { value, cost } : { value: 0, cost: 0 }
      const rest = whole - since.cost
      const risen = rest > 0 ? (cost - since.cost) / rest : 1
      value = Math.max(value, since.value + (100 - since.value) * risen)
    },
  }
}

function costOf(parts: readonly Pick<PlannedPart, 'total' | 'secondsEach'>[]): number {
  return parts.reduce((sum, { total, secondsEach }) => sum + total * secondsEach, 0)
}
