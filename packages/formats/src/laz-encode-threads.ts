// Encodes LAZ chunks on several threads, which are taken when there is work for them.
import type { Worker } from 'node:worker_threads'
import type { LazChunkFormat } from './laz-encode-chunk.ts'
import type { LazEncodeTask } from './laz-thread.ts'
import { LazThreads } from './laz-threads.ts'

type Pending = {
  readonly task: LazEncodeTask
  readonly resolve: (chunk: Uint8Array) => void
  readonly reject: (error: Error) => void
}

type Taken = { readonly thread: Worker; readonly leave: () => void }

export class LazEncodeThreads {
  private readonly format: LazChunkFormat
  private readonly threads: number
  private readonly pool: LazThreads
  private readonly isOwnPool: boolean
  private readonly taken = new Set<Taken>()
  private readonly idle: Taken[] = []
  private readonly waiting: Pending[] = []
  private readonly working = new Map<Taken, Pending>()
  private failure: Error | undefined

  /** `shared`: threads that others use too; absent: some of its own. */
  constructor(format: LazChunkFormat, threads: number, shared: LazThreads | undefined) {
    this.format = format
    this.threads = threads
    this.pool = shared ?? new LazThreads()
    this.isOwnPool = shared === undefined
  }

  /** The records must stay as they are until the chunk is there. */
  encode(records: Uint8Array<SharedArrayBuffer>, count: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.failure) return reject(this.failure)
      if (this.idle.length === 0 && this.taken.size < this.threads) this.take()
      const task: LazEncodeTask = { kind: 'encode', format: this.format, records, count }
      this.waiting.push({ task, resolve, reject })
      this.assign()
    })
  }

  /** Gives all threads back, and ends those that work; chunks that are not ready are refused. */
  async end(): Promise<void> {
    const working = [...this.working.keys()].map(({ thread }) => thread)
    this.fail(new Error('the encoding threads were ended'))
    for (const { thread, leave } of this.taken) {
      leave()
      if (!working.includes(thread)) this.pool.giveBack(thread)
    }
    this.taken.clear()
    await Promise.all(working.map((thread) => thread.terminate()))
    if (this.isOwnPool) await this.pool.end()
  }

  private take(): void {
    const thread = this.pool.take()
    const onMessage = (chunk: Uint8Array) => {
      this.working.get(taken)!.resolve(chunk)
      this.working.delete(taken)
      this.idle.push(taken)
      this.assign()
    }
    const onError = (error: Error) => this.fail(error)
    const onExit = (code: number) =>
      this.fail(new Error(`an encoding thread ended with code ${code} before its work`))
    thread.on('message', onMessage).on('error', onError).on('exit', onExit)
    const leave = () => void thread.off('message', onMessage).off('error', onError).off('exit', onExit)
    const taken: Taken = { thread, leave }
    this.taken.add(taken)
    this.idle.push(taken)
  }

  private assign(): void {
    while (this.idle.length > 0 && this.waiting.length > 0) {
      const [taken, pending] = [this.idle.pop()!, this.waiting.shift()!]
      this.working.set(taken, pending)
      taken.thread.postMessage(pending.task)
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
