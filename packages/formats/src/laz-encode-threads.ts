// Encodes LAZ chunks on several threads, which are started when there is work for them.
import { Worker } from 'node:worker_threads'
import type { LazChunkFormat } from './laz-encode-chunk.ts'
import type { LazEncodeTask } from './laz-encode-worker.ts'

type Pending = {
  readonly task: LazEncodeTask
  readonly resolve: (chunk: Uint8Array) => void
  readonly reject: (error: Error) => void
}

export class LazEncodeThreads {
  private readonly format: LazChunkFormat
  private readonly threads: number
  private readonly workers: Worker[] = []
  private readonly idle: Worker[] = []
  private readonly waiting: Pending[] = []
  private readonly working = new Map<Worker, Pending>()
  private failure: Error | undefined

  constructor(format: LazChunkFormat, threads: number) {
    this.format = format
    this.threads = threads
  }

  /** The records must stay as they are until the chunk is there. */
  encode(records: Uint8Array<SharedArrayBuffer>, count: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.failure) return reject(this.failure)
      if (this.idle.length === 0 && this.workers.length < this.threads) this.start()
      this.waiting.push({ task: { records, count }, resolve, reject })
      this.assign()
    })
  }

  /** Ends all threads; chunks that are not ready are refused. */
  async end(): Promise<void> {
    this.fail(new Error('the encoding threads were ended'))
    await Promise.all(this.workers.map((worker) => worker.terminate()))
  }

  private start(): void {
    // Packed packages hold .js files; there is no .ts beside them.
    const file = import.meta.url.endsWith('.ts') ? './laz-encode-worker.ts' : './laz-encode-worker.js'
    const worker = new Worker(new URL(file, import.meta.url), { workerData: this.format })
    worker.on('message', (chunk: Uint8Array) => {
      this.working.get(worker)!.resolve(chunk)
      this.working.delete(worker)
      this.idle.push(worker)
      this.assign()
    })
    worker.on('error', (error: Error) => this.fail(error))
    worker.on('exit', (code) =>
      this.fail(new Error(`an encoding thread ended with code ${code} before its work`)),
    )
    this.workers.push(worker)
    this.idle.push(worker)
  }

  private assign(): void {
    while (this.idle.length > 0 && this.waiting.length > 0) {
      const [worker, pending] = [this.idle.pop()!, this.waiting.shift()!]
      this.working.set(worker, pending)
      worker.postMessage(pending.task)
    }
  }

  private fail(error: Error): void {
    this.failure ??= error
    for (const { reject } of [...this.working.values(), ...this.waiting]) reject(this.failure)
    this.working.clear()
    this.waiting.length = 0
    this.idle.length = 0
  }
}
