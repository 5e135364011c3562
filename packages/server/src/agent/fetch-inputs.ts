// Prepare_Production: finds the files that the inputs mean and brings them within the runner's reach, counted in
// bytes. Where the blob store is a folder on this machine, its files are read where they lie.
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type JobTypeDeclaration, jobTypes } from '@alidade/contract'
import { findInputFiles, type InputFile, JobError } from '@alidade/jobs'
import { BlobStoreError, type WorkBlobs } from '../blobs/blob-store.ts'
import { v1Name } from '../http/v1/declared-names.ts'
import type { JobRecord } from '../store/job-record.ts'
import type { RealityDataStore } from '../store/reality-data-store.ts'
import { createInputReader } from './input-reader.ts'

export interface FetchInputsOptions {
  job: JobRecord
  blobs: WorkBlobs
  realityData: Pick<RealityDataStore, 'get'>
  /** Where downloads go. */
  folder: string
  signal: AbortSignal
  progress: { report(report: { step: string; done: number; total: number }): void }
}

export async function fetchInputs(options: FetchInputsOptions): Promise<Record<string, InputFile[]>> {
  const { job, blobs, realityData, folder, signal, progress } = options
  const step = 'Prepare_Production'
  progress.report({ step, done: 0, total: 1 })
  const { inputs: declared }: JobTypeDeclaration = jobTypes[job.type]
  const reader = createInputReader({ org: job.org, blobs, realityData })
  const found = await Promise.all(
    job.inputs.map(async ({ name, realityDataId }) => {
      const shown = v1Name(declared, name)
      return { name, shown, files: await findInputFiles(reader, shown, realityDataId) }
    }),
  )
  const total = found.flatMap(({ files }) => files).reduce((sum, file) => sum + file.sizeBytes, 0)
  let done = 0
  const inputs: Record<string, InputFile[]> = {}
  for (const { name, shown, files } of found) {
    for (const [index, file] of files.entries()) {
      signal.throwIfAborted()
      const container = await reader.container(file.realityDataId)
      let segments = await blobs.localSegments?.(container, file.name)
      if (segments === undefined)
        segments = await download(join(folder, name), `${index}`, container, file).catch((error: unknown) => {
          // Deleted since it was found.
          const gone = error instanceof BlobStoreError && error.code === 'BlobNotFound'
          throw gone ? new JobError('InputData_Missing', [shown, file.name], { cause: error }) : error
        })
      else done += file.sizeBytes
      progress.report({ step, done, total })
      inputs[name] ??= []
      inputs[name].push({
        name: file.name,
        segments: [...segments],
        ...(file.sceneCrs && { sceneCrs: file.sceneCrs }),
      })
    }
  }
  progress.report({ step, done: total, total })
  return inputs

  async function download(
    into: string,
    fileName: string,
    container: Parameters<WorkBlobs['read']>[0],
    file: { name: string; sizeBytes: number },
  ) {
    await mkdir(into, { recursive: true })
    const path = join(into, fileName)
    const { stream } = await blobs.read(container, file.name)
    stream.on('data', (bytes: Uint8Array) => {
      done += bytes.length
      progress.report({ step, done, total })
    })
    await pipeline(stream, createWriteStream(path), { signal })
    return [{ path, sizeBytes: file.sizeBytes }]
  }
}
