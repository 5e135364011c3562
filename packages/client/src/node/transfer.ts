// What push and pull share: options, and many requests at once under one limit.
import { systemClock, type Clock } from '../clock.ts'
import { type BlobContainer, type ContainerUrlProvider, openContainer } from './blob-container.ts'
import { transferRate } from './transfer-rate.ts'

export interface TransferProgress {
  /** The file that just moved on. */
  readonly name: string
  /** Bytes done of all files, those found done at the start included. */
  readonly doneBytes: number
  readonly totalBytes: number
  readonly doneFiles: number
  readonly totalFiles: number
  /** What goes over the line, over the last seconds. */
  readonly bytesPerSecond: number
}

export interface TransferOptions {
  readonly signal?: AbortSignal
  /** Called after each block, range and file. */
  readonly onBytes?: (progress: TransferProgress) => void
  /** Requests at once, default 4. */
  readonly concurrency?: number
  /** Bytes in one request, default 4 MiB. A kill costs up to `concurrency` times this; memory does not depend on it. */
  readonly blockBytes?: number
  /** How often one request is tried, with pauses of 1, 2, 4 ... 30 s; default 10. */
  readonly maxAttempts?: number
  readonly fetch?: typeof globalThis.fetch
  readonly clock?: Clock
}

export interface Transfer {
  readonly container: BlobContainer
  /** Aborted by the caller, or by the first failure of any part. */
  readonly signal: AbortSignal
  readonly blockBytes: number
  /** Waits for a free lane; call what it gives when done. */
  enter(): Promise<() => void>
  /** `moved`: over the line, and not found done. */
  report(name: string, sizeBytes: number, moved: boolean): void
  fileDone(name: string): void
  /** All files, several at once. */
  forEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void>
}

/** Runs `body`; when a part of it fails, the rest is stopped and awaited, and the first failure is thrown. */
export async function runTransfer<R>(
  provider: ContainerUrlProvider,
  options: TransferOptions,
  body: (transfer: Transfer, setTotal: (files: readonly { sizeBytes: number }[]) => void) => Promise<R>,
): Promise<R> {
  const {
    concurrency = 4,
    blockBytes = 4 * 2 ** 20,
    maxAttempts = 10,
    clock = systemClock,
    signal: outer,
    onBytes,
  } = options
  for (const [name, value] of Object.entries({ concurrency, blockBytes, maxAttempts })) {
    if (Number.isSafeInteger(value) && value >= 1) continue
    throw new RangeError(`${name} must be a whole number of at least 1, got ${value}`)
  }
  const fetch: typeof globalThis.fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init))
  const controller = new AbortController()
  const { signal } = controller
  const stop = () => controller.abort(outer?.reason)
  if (outer?.aborted) stop()
  outer?.addEventListener('abort', stop, { once: true })

  const enter = createLanes(concurrency, signal)
  const rate = transferRate(clock)
  const done = { bytes: 0, files: 0 }
  const total = { bytes: 0, files: 0 }
  const tell = (name: string) =>
    onBytes?.({
      name,
      doneBytes: done.bytes,
      totalBytes: total.bytes,
      doneFiles: done.files,
      totalFiles: total.files,
      bytesPerSecond: rate.bytesPerSecond(),
    })
  const transfer: Transfer = {
    container: openContainer(provider, { fetch, clock, maxAttempts }),
    signal,
    blockBytes,
    enter,
    report(name, sizeBytes, moved) {
      done.bytes += sizeBytes
      if (moved) rate.add(sizeBytes)
      tell(name)
    },
    fileDone(name) {
      done.files++
      tell(name)
    },
    async forEach(items, work) {
      const left = items[Symbol.iterator]()
      const lane = async () => {
        for (const item of left) {
          signal.throwIfAborted()
          await work(item).catch((error: unknown) => {
            controller.abort(error)
            throw error
          })
        }
      }
      await Promise.allSettled(Array.from({ length: concurrency }, lane))
      signal.throwIfAborted()
    },
  }
  try {
    signal.throwIfAborted()
    return await body(transfer, (files) => {
      total.files = files.length
      total.bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    })
  } finally {
    outer?.removeEventListener('abort', stop)
  }
}

/**
 * Awaits all tasks that a file has started, also when one fails or `produce` does; then throws the first failure.
 * Nothing may be left running when the file is closed.
 */
export async function gather(
  produce: (start: (task: Promise<void>) => void) => Promise<void>,
): Promise<void> {
  const tasks = new Set<Promise<void>>()
  let failure: { error: unknown } | undefined
  const note = (error: unknown) => {
    failure ??= { error }
  }
  await produce((task) => {
    const settled: Promise<void> = task.catch(note).finally(() => tasks.delete(settled))
    tasks.add(settled)
    if (failure) throw failure.error
  }).catch(note)
  await Promise.all(tasks)
  if (failure) throw failure.error
}

function createLanes(count: number, signal: AbortSignal): () => Promise<() => void> {
  let free = count
  const waiting: (() => void)[] = []
  const leave = () => {
    const next = waiting.shift()
    if (next) next()
    else free++
  }
  return async () => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    if (signal.aborted) {
      leave()
      throw signal.reason
    }
    let left = false
    return () => {
      if (!left) leave()
      left = true
    }
  }
}
