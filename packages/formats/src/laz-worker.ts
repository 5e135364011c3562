// A thread that decodes LAZ chunks into shared columns: takes the next chunk that nobody has, until none is left.
import { parentPort, workerData } from 'node:worker_threads'
import { openFile } from './byte-source.ts'
import { FormatError } from './format-error.ts'
import { decodeRgb, decodeXyz } from './las-columns.ts'
import { LazChunkDecoder } from './laz-decoder.ts'
import { control } from './laz-worker-task.ts'
import type { LazWorkerMessage, LazWorkerTask } from './laz-worker-task.ts'

const task = workerData as LazWorkerTask

async function decodeChunks(): Promise<void> {
  const { header, chunks, columns, state } = task
  const source = await openFile(task.segments)
  const decoder = new LazChunkDecoder(header)
  try {
    for (;;) {
      const chunk = Atomics.add(state, control.nextChunk, 1)
      if (chunk >= chunks.offsets.length) return
      const [offset, pointCount] = [chunks.offsets[chunk]!, chunks.pointCounts[chunk]!]
      if (pointCount === 0) continue
      await decoder.open(chunk, offset, await source.read(offset, chunks.sizes[chunk]!))
      for (let first = 0; first < pointCount; first += decoder.pointsPerPass) {
        if (Atomics.load(state, control.stop) !== 0) return
        const count = Math.min(decoder.pointsPerPass, pointCount - first)
        const firstIndex = chunks.firstPoints[chunk]! + first
        const batch = { firstIndex, count, records: decoder.next(count) }
        decodeXyz(batch, header, columns.x, columns.y, columns.z, firstIndex)
        if (columns.rgb) decodeRgb(batch, header, columns.rgb, firstIndex)
        post({ type: 'read', pointCount: count })
      }
    }
  } finally {
    decoder.close()
    await source.close()
  }
}

function post(message: LazWorkerMessage): void {
  parentPort?.postMessage(message)
}

decodeChunks().then(
  () => post({ type: 'done' }),
  (error: unknown) => {
    const { message } = error instanceof Error ? error : { message: String(error) }
    const known = error instanceof FormatError ? { code: error.code, place: error.place } : {}
    post({ type: 'failed', message, ...known })
  },
)
