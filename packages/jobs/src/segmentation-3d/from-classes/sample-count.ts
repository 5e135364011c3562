// Counts what is made of the samples of classes: each of them as often as it is looked at.
import type { Pace } from '@alidade/analysis'
import type { JobContext, StepProgress } from '../../job-type.ts'

export class SampleCount {
  readonly #counting: StepProgress
  readonly #signal: JobContext['signal']

  constructor(counting: StepProgress, signal: JobContext['signal']) {
    this.#counting = counting
    this.#signal = signal
  }

  /** Of so many samples; what has not been told of is counted at the end. */
  of(samples: number, passes: number): { pace: Pace; tell: (done: number) => void; end: () => void } {
    let left = samples * passes
    const tell = (done: number) => {
      const told = Math.min(done, left)
      left -= told
      this.#counting.advance(told)
    }
    const pace = async (done: number) => {
      await new Promise((resolve) => setImmediate(resolve))
      this.#signal.throwIfAborted()
      tell(done)
    }
    return { pace, tell, end: () => tell(left) }
  }
}
