// From an attempt's folders into the blob store, under the number of the attempt: invisible until the row binds it.
import { readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { WorkBlobs } from '../blobs/blob-store.ts'
import type { JobRecord } from '../store/job-record.ts'

/** Moves every file of every output folder into its reality data; calls `onPublished` after each. */
export async function writeOutputs(
  blobs: WorkBlobs,
  job: JobRecord,
  folders: Record<string, string>,
  { signal, onPublished }: { signal: AbortSignal; onPublished: () => void },
): Promise<void> {
  for (const { name, realityDataId } of job.outputs) {
    const folder = folders[name]
    if (folder === undefined) throw new TypeError(`output ${name} has no folder`)
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    for (const entry of entries.filter((entry) => entry.isFile())) {
      signal.throwIfAborted()
      const path = join(entry.parentPath, entry.name)
      const blobName = relative(folder, path).split(sep).join('/')
      await blobs.publishFile({ id: realityDataId, attempt: job.attempt }, blobName, path)
      onPublished()
    }
  }
}
