// From an attempt's folders into the blob store, under the number of the attempt: invisible until the row binds it.
import { readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { WorkBlobs } from '../blobs/blob-store.ts'
import type { JobRecord } from '../store/job-record.ts'
import { lastStepOf } from './plan-run.ts'
import type { ProgressReporter } from './report-progress.ts'

export interface WriteOutputsOptions {
  signal: AbortSignal
  progress: Pick<ProgressReporter, 'report'>
}

/** Moves every file of every output folder into its reality data. */
export async function writeOutputs(
  blobs: WorkBlobs,
  job: JobRecord,
  folders: Record<string, string>,
  { signal, progress }: WriteOutputsOptions,
): Promise<void> {
  const report = (done: number) =>
    progress.report({ step: lastStepOf(job.type), part: 'publish', done, total: job.outputs.length })
  report(0)
  for (const [index, { name, realityDataId }] of job.outputs.entries()) {
    const folder = folders[name]
    if (folder === undefined) throw new TypeError(`output ${name} has no folder`)
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    for (const entry of entries.filter((entry) => entry.isFile())) {
      signal.throwIfAborted()
      const path = join(entry.parentPath, entry.name)
      const blobName = relative(folder, path).split(sep).join('/')
      await blobs.publishFile({ id: realityDataId, attempt: job.attempt }, blobName, path)
    }
    report(index + 1)
  }
}
