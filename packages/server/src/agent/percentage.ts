// Counts and weights -> one percentage. The engine computes it, so that no job can make it up.
import type { StepReport } from '@alidade/jobs'

export interface Percentage {
  /** Exact share of the work done, 0 to 100; never decreases. */
  readonly value: number
  readonly step: string
  /** Takes in a report; reports of an earlier step than the current one, or of an unknown one, are our fault. */
  update(report: Pick<StepReport, 'step' | 'done' | 'total'>): void
}

/**
 * @param steps declared steps in order with their weights: the share of a run's time that each takes, in any unit.
 */
export function createPercentage(steps: Readonly<Record<string, number>>): Percentage {
  const names = Object.keys(steps)
  const sum = Object.values(steps).reduce((total, weight) => total + weight, 0)
  if (!(sum > 0)) throw new RangeError(`the weights of the steps add up to ${sum}, expected more than 0`)
  let value = 0
  let current = 0
  return {
    get value() {
      return value
    },
    get step() {
      return names[current] ?? ''
    },
    update({ step, done, total }) {
      const index = names.indexOf(step)
      if (index < current) throw new RangeError(`step '${step}' was reported after '${names[current]}'`)
      current = index
      const before = names.slice(0, index).reduce((weight, name) => weight + steps[name]!, 0)
      // A step with nothing to do is done. A count beyond the total cannot push into the next step.
      const share = total > 0 ? Math.min(1, Math.max(0, done / total)) : 1
      value = Math.max(value, (100 * (before + steps[step]! * share)) / sum)
    },
  }
}
