/** The tasks of `compareClouds` on the calling thread, for clouds that are compared before another one had begun. */
import {
  compareChunk,
  indexCloud,
  type NearestData,
  type NearestReport,
  type NearestTask,
} from './nearest-tasks.ts'
import type { PointTree } from './point-tree.ts'

/** As a `Crew` of its workers. Between chunks, milliseconds each, the caller has its turn. */
export class NearestAlone {
  readonly #data: NearestData
  readonly #signal: AbortSignal | undefined

  constructor(data: NearestData, signal: AbortSignal | undefined) {
    this.#data = data
    this.#signal = signal
  }

  async run(tasks: readonly NearestTask[], isDone: (report: NearestReport) => boolean): Promise<void> {
    let beside: PointTree | undefined
    for (const task of tasks) {
      if (task.kind === 'index') {
        const indexed = indexCloud(this.#data, task, isDone, beside)
        beside ??= indexed
        await this.#yield()
        continue
      }
      while (!isDone(compareChunk(task))) await this.#yield()
    }
  }

  async dismiss(): Promise<void> {}

  async #yield(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    this.#signal?.throwIfAborted()
  }
}
