// From an attempt's folders into the blob store, under the number of the attempt: invisible until the row binds it.
import { readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { jobTypes, type OutputDeclaration } from '@alidade/contract'
import type { WorkBlobs } from '../blobs/blob-store.ts'
import type { JobRecord } from '../store/job-record.ts'
import { lastStepOf } from './plan-run.ts'
import type { ProgressReporter } from './report-progress.ts'
import { type ResultDocument, resultDocument } from './result-document.ts'

export interface WriteOutputsOptions {
  signal: AbortSignal
  progress: Pick<ProgressReporter, 'report'>
}

/** Each is a request where blobs are on another machine, and a tileset has thousands of them. */
const filesAtATime = 8

/** A reality data whose declared type or root document its files do not have. */
export interface WrittenResult extends ResultDocument {
  realityDataId: string
}

/** Moves every file of every output folder into its reality data, counted in files. */
export async function writeOutputs(
  blobs: WorkBlobs,
  job: JobRecord,
  folders: Record<string, string>,
  { signal, progress }: WriteOutputsOptions,
): Promise<WrittenResult[]> {
  const declared: Record<string, OutputDeclaration> = jobTypes[job.type].outputs
  const results: WrittenResult[] = []
  const files: { realityDataId: string; path: string; blobName: string }[] = []
  for (const { name, realityDataId } of job.outputs) {
    const folder = folders[name]
    if (folder === undefined) throw new TypeError(`output ${name} has no folder`)
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    const written = entries
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name)
        return { realityDataId, path, blobName: relative(folder, path).split(sep).join('/') }
      })
    files.push(...written)
    const names = written.map(({ blobName }) => blobName)
    const document = declared[name] && resultDocument(declared[name], names)
    if (document !== undefined) results.push({ realityDataId, ...document })
  }
  const step = lastStepOf(job.type)
  const report = (done: number) => progress.report({ step, part: 'publish', done, total: files.length })
  report(0)
  let next = 0
  let done = 0
  const publishInTurn = async () => {
    try {
      for (let file = files[next++]; file !== undefined; file = files[next++]) {
        signal.throwIfAborted()
        await blobs.publishFile({ id: file.realityDataId, attempt: job.attempt }, file.blobName, file.path)
        report(++done)
      }
    } catch (error) {
      next = files.length
      throw error
    }
  }
  const { publishesFar: far = blobs.localSegments === undefined } = blobs
  const lanes = Array.from({ length: far ? filesAtATime : 1 }, publishInTurn)
  // Nothing is still written when this returns.
  for (const outcome of await Promise.allSettled(lanes)) {
    if (outcome.status === 'rejected') throw outcome.reason
  }
  return results
}
