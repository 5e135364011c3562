// From an attempt's folders into the blob store, under the number of the attempt: invisible until the row binds it.
import { readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { OutputDeclaration } from '@alidade/contract'
import type { ContainerKey, WorkBlobs } from '../blobs/blob-store.ts'
import type { ProgressReporter } from './report-progress.ts'
import { type ResultDocument, resultDocument } from './result-document.ts'

export interface FolderToPublish {
  path: string
  container: ContainerKey
  /** Of an output of the job. */
  declared?: OutputDeclaration | undefined
}

export interface PublishOptions {
  /** That the files are counted in. */
  step: string
  signal: AbortSignal
  progress: Pick<ProgressReporter, 'report'>
}

/** Each is a request where blobs are on another machine, and a tileset has thousands of them. */
const filesAtATime = 8

/** A reality data whose declared type or root document its files do not have. */
export interface WrittenResult extends ResultDocument {
  realityDataId: string
}

/** Moves every file of every folder into its container, counted in files. */
export async function publishFolders(
  blobs: WorkBlobs,
  folders: readonly FolderToPublish[],
  { step, signal, progress }: PublishOptions,
): Promise<WrittenResult[]> {
  const results: WrittenResult[] = []
  const files: { container: ContainerKey; path: string; blobName: string }[] = []
  for (const { path: folder, container, declared } of folders) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    const written = entries
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name)
        return { container, path, blobName: relative(folder, path).split(sep).join('/') }
      })
    files.push(...written)
    const names = written.map(({ blobName }) => blobName)
    const document = declared && resultDocument(declared, names)
    if (document !== undefined) results.push({ realityDataId: container.id, ...document })
  }
  const report = (done: number) => progress.report({ step, part: 'publish', done, total: files.length })
  report(0)
  let next = 0
  let done = 0
  const publishInTurn = async () => {
    try {
      for (let file = files[next++]; file !== undefined; file = files[next++]) {
        signal.throwIfAborted()
        await blobs.publishFile(file.container, file.blobName, file.path)
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
