/** Worker threads that share out tasks, and end together: at the first failure, at an abort, or when dismissed. */
import { Worker } from 'node:worker_threads'

export type CrewOptions = {
  /** How many of them: at least 1. */
  readonly threads: number
  readonly workerData: unknown
  readonly signal?: AbortSignal | undefined
  /** What the workers do, for the message of a failure: `a worker that ... broke`. */
  readonly work: string
}

export class Crew<Task, Report> {
  readonly #workers: Worker[]
  readonly #failed: Promise<never>
  readonly #stopListening: () => void

  constructor(file: URL, { threads, workerData, signal, work }: CrewOptions) {
    requireThreads(threads)
    this.#workers = Array.from({ length: threads }, () => new Worker(file, { workerData }))
    const { promise, reject } = Promise.withResolvers<never>()
    this.#failed = promise
    // Whoever runs tasks races against this; between runs nobody may be listening, which is no fault.
    promise.catch(() => {})
    const onAbort = () => reject(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    this.#stopListening = () => signal?.removeEventListener('abort', onAbort)
    for (const worker of this.#workers) {
      worker.on('error', (cause) => reject(asFailure(cause, work)))
      worker.on('exit', (code) =>
        reject(asFailure(new Error(`the worker left with exit code ${code}`), work)),
      )
    }
  }

  /** Gives each free worker the next task; `isDone` sees every report and tells which one ends a task. */
  async run(tasks: readonly Task[], isDone: (report: Report) => boolean): Promise<void> {
    const waiting = [...tasks]
    let open = tasks.length
    if (open === 0) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const handOut = (worker: Worker) => {
      const task = waiting.shift()
      if (task !== undefined) worker.postMessage(task)
    }
    const listeners = this.#workers.map((worker) => (report: Report) => {
      try {
        if (!isDone(report)) return
      } catch (error) {
        // The caller's own callback threw: that ends the work as well.
        reject(error)
        return
      }
      open--
      if (open === 0) resolve()
      else handOut(worker)
    })
    this.#workers.forEach((worker, k) => {
      worker.on('message', listeners[k]!)
      handOut(worker)
    })
    try {
      await Promise.race([promise, this.#failed])
    } finally {
      this.#workers.forEach((worker, k) => {
        worker.off('message', listeners[k]!)
      })
    }
  }

  async dismiss(): Promise<void> {
    this.#stopListening()
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }
}

/** Throws RangeError for a number of threads that makes no sense. */
export function requireThreads(threads: number): void {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new RangeError(`threads must be a whole number from 1, got ${threads}`)
  }
}

function asFailure(cause: unknown, work: string): Error {
  if (cause instanceof RangeError) return cause
  const told = cause instanceof Error ? cause.message : String(cause)
  return new Error(`a worker that ${work} broke: ${told}`, { cause })
}
