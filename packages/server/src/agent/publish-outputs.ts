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

/** Moves every file of every output folder into its reality data, counted in files. */
export async function writeOutputs(
  blobs: WorkBlobs,
  job: JobRecord,
  folders: Record<string, string>,
  { signal, progress }: WriteOutputsOptions,
): Promise<void> {
  const files: { realityDataId: string; path: string; blobName: string }[] = []
  for (const { name, realityDataId } of job.outputs) {
    const folder = folders[name]
    if (folder === undefined) throw new TypeError(`output ${name} has no folder`)
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    for (const entry of entries.filter((entry) => entry.isFile())) {
      const path = join(entry.parentPath, entry.name)
      files.push({ realityDataId, path, blobName: relative(folder, path).split(sep).join('/') })
    }
  }
  const step = lastStepOf(job.type)
  const report = (done: number) => progress.report({ step, part: 'publish', done, total: files.length })
  report(0)
  for (const [index, { realityDataId, path, blobName }] of files.entries()) {
    signal.throwIfAborted()
    await blobs.publishFile({ id: realityDataId, attempt: job.attempt }, blobName, path)
    report(index + 1)
  }
}
