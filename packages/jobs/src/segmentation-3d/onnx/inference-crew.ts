// Threads that run one model side by side. An engine is native code: no signal reaches it while it works on a piece, so whoever
// waits is told at once and the thread is left to end by itself, or with its process. It is never terminated: where its
// engine comes back into a thread that may run nothing any more, it aborts the whole process.
import { Worker } from 'node:worker_threads'
import type { PointClasses } from '@alidade/analysis'
import { JobError } from '../../job-error.ts'
import type { InferenceData, InferenceReport, InferenceRequest, InferenceTask } from './inference-task.ts'

export interface InferenceCrewOptions extends InferenceData {
  threads: number
  signal: AbortSignal
  /** As messages name the detector. */
  shownName: string
}

/** Nothing that ends takes longer to start, or to run once on few points. */
const trialSeconds = 60
const graceMilliseconds = 500

/** With whoever waits for its answers, which come in the order of its tasks. */
interface Thread {
  worker: Worker
  ended: Promise<unknown>
  waiting: ((report: InferenceReport) => void)[]
}

export class InferenceCrew {
  readonly #threads: Thread[]
  readonly #failed: Promise<never>
  readonly #stopListening: () => void
  readonly #failure: (problem: string, cause?: unknown) => JobError
  #fail: (error: unknown) => void

  constructor({ threads, signal, shownName, ...data }: InferenceCrewOptions) {
    this.#failure = (problem, cause) => {
      // Whoever set the limit fills in the numbers. What asks for a size beyond all limits is told with it instead.
      if (/bad_alloc/.test(problem)) return new JobError('OutOfMemory', ['?', '?'], { cause })
      return new JobError('Detector_Failed', [shownName, `${problem.replace(/\.$/, '')}.`], { cause })
    }
    const { promise, reject } = Promise.withResolvers<never>()
    this.#failed = promise
    this.#fail = reject
    // Between runs nobody may be listening, which is no fault.
    promise.catch(() => undefined)
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    this.#stopListening = () => signal.removeEventListener('abort', onAbort)
    // Packed packages hold .js files; there is no .ts beside them.
    const file = import.meta.url.endsWith('.ts') ? './inference-worker.ts' : './inference-worker.js'
    this.#threads = Array.from({ length: threads }, () => {
      const worker = new Worker(new URL(file, import.meta.url), { workerData: data satisfies InferenceData })
      return { worker, ended: new Promise((resolve) => worker.once('exit', resolve)), waiting: [] }
    })
    for (const { worker, waiting } of this.#threads) {
      worker.on('message', (report: InferenceReport) => waiting.shift()?.(report))
      worker.on('error', (cause) => reject(this.#failure(`its engine broke: ${cause.message}`, cause)))
      worker.on('exit', () => reject(this.#failure('its engine ended before its work')))
    }
  }

  /** Resolves when all have loaded the model, each of which `onLoaded` hears of, and the first has run it once. */
  async ready(trial: InferenceTask, onLoaded?: () => void): Promise<void> {
    await this.#inTime(`one run on ${trial.points} points`, async () => {
      await Promise.all(this.#threads.map((thread) => this.#answer(thread).then(onLoaded)))
      await this.#ask(this.#threads[0]!, trial)
    })
  }

  /** Resolves when all have loaded the model. */
  async loaded(): Promise<void> {
    await this.#inTime('loading its model', () =>
      Promise.all(this.#threads.map((thread) => this.#answer(thread))),
    )
  }

  /** Seconds of a core that one run takes; undefined where these points cannot be run. */
  async time(task: InferenceTask): Promise<number | undefined> {
    const report = await this.#inTime(`one run on ${task.points} points`, () =>
      this.#send(this.#threads[0]!, task),
    )
    return report.kind === 'found' ? report.seconds : undefined
  }

  /**
   * Takes tasks from `next` until there are none; `take` gets what was found, with what stands for the task. Each thread has so many
   * tasks at a time: where it works on one and others lie beside it, it does not wait for whoever shows it the next.
   */
  async run<Key>(
    next: () => { task: InferenceTask; key: Key } | undefined,
    take: (found: PointClasses, key: Key) => void,
    tasksEach = 1,
  ): Promise<void> {
    const work = async (thread: Thread) => {
      for (let given = next(); given !== undefined; given = next())
        take(await this.#ask(thread, given.task), given.key)
    }
    const working = Array.from({ length: tasksEach }, () => this.#threads.map(work)).flat()
    await Promise.race([Promise.all(working), this.#failed])
  }

  /** Waits a moment for the threads, each of which ends when its engine comes back from the piece it works on. */
  async dismiss(): Promise<void> {
    this.#stopListening()
    for (const { worker } of this.#threads) worker.postMessage('leave' satisfies InferenceRequest)
    const ended = Promise.all(this.#threads.map((thread) => thread.ended))
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, graceMilliseconds).unref())])
  }

  async #inTime<T>(what: string, work: () => Promise<T>): Promise<T> {
    const late = setTimeout(
      () => this.#fail(this.#failure(`${what} took more than ${trialSeconds} s`)),
      trialSeconds * 1000,
    )
    try {
      return await Promise.race([work(), this.#failed])
    } finally {
      clearTimeout(late)
    }
  }

  async #ask(thread: Thread, task: InferenceTask): Promise<PointClasses> {
    const report = this.#checked(await this.#send(thread, task))
    if (report.kind !== 'found') throw new TypeError(`expected classes, got ${report.kind}`)
    return report
  }

  async #send(thread: Thread, task: InferenceTask): Promise<InferenceReport> {
    const answer = nextReport(thread)
    thread.worker.postMessage(task satisfies InferenceRequest, [task.values.buffer])
    return answer
  }

  async #answer(thread: Thread): Promise<InferenceReport> {
    return this.#checked(await nextReport(thread))
  }

  #checked(report: InferenceReport): InferenceReport {
    if (report.kind === 'failed') throw this.#failure(report.problem)
    return report
  }
}

function nextReport({ waiting }: Thread): Promise<InferenceReport> {
  return new Promise((resolve) => waiting.push(resolve))
}
