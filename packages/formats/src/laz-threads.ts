// Threads for LAZ that are started once, and shared by whoever decodes and encodes one file after the other.
import { Worker } from 'node:worker_threads'

/**
 * Each thread works for one reader or writer at a time. There are as many of them as were ever busy at once. Whoever makes it
 * ends it: until then idle threads wait for more.
 */
export class LazThreads {
  readonly #all = new Set<Worker>()
  readonly #idle: Worker[] = []

  /** A thread that nobody else has; `giveBack` when it has nothing more to do, and nobody listens to it any more. */
  take(): Worker {
    return this.#idle.pop() ?? this.#start()
  }

  /** One that has ended meanwhile is not kept. */
  giveBack(thread: Worker): void {
    if (this.#all.has(thread)) this.#idle.push(thread)
  }

  async end(): Promise<void> {
    await Promise.all([...this.#all].map((thread) => thread.terminate()))
  }

  #start(): Worker {
    // Packed packages hold .js files; there is no .ts beside them.
    const file = import.meta.url.endsWith('.ts') ? './laz-thread.ts' : './laz-thread.js'
    const thread = new Worker(new URL(file, import.meta.url))
    this.#all.add(thread)
    // Whoever has it hears of its failure; `exit` comes after it.
    thread.on('error', () => {})
    thread.on('exit', () => {
      this.#all.delete(thread)
      const place = this.#idle.indexOf(thread)
      if (place >= 0) this.#idle.splice(place, 1)
    })
    return thread
  }
}
