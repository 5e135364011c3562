// One stream of counts over several parts of a step: what counts need not know what a unit costs when.
import type { PartCost, Progress } from './job-type.ts'

/**
 * Begins the first part, and each next one as soon as the one before is full. Counts beyond the last are left out; `ahead` is
 * told with whichever part is counted.
 */
export function countInTurn<Step extends string>(
  progress: Progress<Step>,
  step: Step,
  unit: string,
  totals: Readonly<Record<string, number>>,
): (count: number, ahead?: readonly PartCost[]) => void {
  const waiting = Object.entries(totals)
  let left = 0
  let current: ReturnType<Progress['begin']> | undefined
  const beginNext = () => {
    const [part, total] = waiting.shift()!
    current = progress.begin(step, { part, total, unit })
    left = total
  }
  while (left === 0 && waiting.length > 0) beginNext()
  return (count, ahead) => {
    if (ahead) current?.advance(0, ahead)
    let open = count
    while (open > 0 && left > 0) {
      const now = Math.min(open, left)
      open -= now
      left -= now
      current!.advance(now)
      while (left === 0 && waiting.length > 0) beginNext()
    }
  }
}
