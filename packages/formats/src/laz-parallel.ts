// Coordinates of a LAZ file, its chunks decoded by several threads into the same shared columns.
import { Worker } from 'node:worker_threads'
import type { ByteSource, Segment } from './byte-source.ts'
import { FormatError } from './format-error.ts'
import type { LasHeader } from './las-header.ts'
import { allocateColumns } from './las-columns.ts'
import type { PointColumns, ReadXyzOptions } from './las-columns.ts'
import { readLazChunks } from './laz-chunks.ts'
import { control } from './laz-worker-task.ts'
import type { LazWorkerMessage, LazWorkerTask } from './laz-worker-task.ts'

/** Below this a thread's start (some 60 ms) costs more than it saves. */
export const fewestChunksForThreads = 4

export function canReadInParallel(source: ByteSource, header: LasHeader, threads: number): boolean {
  const chunkPoints = header.laszip?.chunkPoints ?? 50_000
  const manyChunks = header.pointCount > (fewestChunksForThreads - 1) * chunkPoints
  return threads > 1 && header.compressed && source.segments !== undefined && manyChunks
}

/** As `readXyz`; the source must be made of files, which every thread opens for itself. */
export async function readXyzInParallel(
  source: ByteSource,
  header: LasHeader,
  threads: number,
  options: ReadXyzOptions,
): Promise<PointColumns> {
  const { signal, onRead } = options
  const chunks = await readLazChunks(source, header)
  const columns = allocateColumns(header.pointCount, options.rgb)
  const { pointFormat, pointRecordLength, scale, offset } = header
  const task: LazWorkerTask = {
    segments: source.segments as readonly Segment[],
    header: { pointFormat, pointRecordLength, scale, offset },
    chunks,
    columns,
    state: new Int32Array(new SharedArrayBuffer(8)),
  }
  const stop = () => Atomics.store(task.state, control.stop, 1)
  signal?.throwIfAborted()
  signal?.addEventListener('abort', stop, { once: true })
  try {
    const count = Math.min(threads, chunks.offsets.length)
    const workers = Array.from({ length: count }, () => runWorker(task, onRead))
    const results = await Promise.allSettled(
      workers.map((worker) =>
        worker.catch((error: unknown) => {
          stop()
          throw error
        }),
      ),
    )
    signal?.throwIfAborted()
    const failed = results.find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
  } finally {
    signal?.removeEventListener('abort', stop)
  }
  return columns
}

async function runWorker(task: LazWorkerTask, onRead: ReadXyzOptions['onRead']): Promise<void> {
  // Packed packages hold .js files; there is no .ts beside them.
  const file = import.meta.url.endsWith('.ts') ? './laz-worker.ts' : './laz-worker.js'
  const worker = new Worker(new URL(file, import.meta.url), { workerData: task })
  try {
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (message: LazWorkerMessage) => {
        if (message.type === 'read') onRead?.(message.pointCount)
        else if (message.type === 'done') resolve()
        else reject(errorOf(message))
      })
      worker.on('error', reject)
      worker.on('exit', (code) =>
        reject(new Error(`a decoding thread ended with code ${code} before its work`)),
      )
    })
  } finally {
    await worker.terminate()
  }
}

function errorOf({ message, code, place }: Extract<LazWorkerMessage, { type: 'failed' }>): Error {
  if (code === undefined || place === undefined) return new Error(message)
  return new FormatError(code, place, message.slice(place.length + 2))
}
