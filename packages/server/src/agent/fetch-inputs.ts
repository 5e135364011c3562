// Prepare_Production: finds the files that the inputs mean and brings them within the runner's reach, counted in
// bytes. Where the blob store is a folder on this machine, its files are read where they lie.
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type JobTypeDeclaration, jobTypes } from '@alidade/contract'
import { type FoundFile, type InputFile, type InspectedFile, JobError } from '@alidade/jobs'
import { BlobStoreError, type WorkBlobs } from '../blobs/blob-store.ts'
import { nameIn } from '../http/jobs/declared-names.ts'
import type { JobRecord } from '../store/job-record.ts'
import type { RealityDataStore } from '../store/reality-data-store.ts'
import { endInTime } from './end-in-time.ts'
import { createInputReader, filesOfInput, type TenantInputReader } from './input-reader.ts'
import { openBlob } from './open-blob.ts'
import { firstStep, planRun } from './plan-run.ts'
import type { ProgressReporter } from './report-progress.ts'

export interface FetchInputsOptions {
  job: JobRecord
  blobs: WorkBlobs
  realityData: Pick<RealityDataStore, 'get' | 'bucket'>
  /** Where downloads go. */
  folder: string
  threadsPerJob: number
  signal: AbortSignal
  progress: Pick<ProgressReporter, 'plan' | 'report'>
}

/** Each is a request where blobs are on another machine. */
const filesAtATime = 16

export interface FetchedInputs {
  inputs: Record<string, InputFile[]>
  /** What the run is going to cost, as it is planned. */
  plannedSeconds: number
  /** Another one where a file is another one, or another version of it. */
  version: string
}

export async function fetchInputs(options: FetchInputsOptions): Promise<FetchedInputs> {
  const { job, blobs, realityData, folder, signal, progress } = options
  const { inputs: declared }: JobTypeDeclaration = jobTypes[job.type]
  const reader = createInputReader({ org: job.org, iTwinId: job.iTwinId, blobs, realityData })
  // Lists and headers may come from another machine, or from a drive that does not answer any more.
  const heeding = async <T>(work: Promise<T>): Promise<T> => {
    const came = await endInTime(
      work.then((value) => ({ value })),
      signal,
      0,
    )
    if (came === undefined) throw signal.reason
    return came.value
  }
  const lookUp = Promise.all(
    job.inputs.map(async ({ name, realityDataId }) => {
      const shown = nameIn('v1', declared, name)
      return { name, shown, files: await filesOfInput(reader, declared[name], shown, realityDataId) }
    }),
  )
  const found = await heeding(lookUp)
  const sizeBytes = found.flatMap(({ files }) => files).reduce((sum, file) => sum + file.sizeBytes, 0)
  const total = blobs.localSegments === undefined ? sizeBytes : 0
  // Before the bytes: should a file be replaced in between, they are newer than this version says, and the version that is
  // found next time is another one.
  const opened = await heeding(openFound(blobs, reader, found))
  const parts = await heeding(
    planRun({
      type: job.type,
      options: job.options,
      inputs: opened.files,
      outputs: job.outputs.map(({ name }) => name),
      threads: options.threadsPerJob,
      bytesToFetch: total,
    }),
  )
  progress.plan(parts)
  const report = (done: number) => progress.report({ step: firstStep, part: 'fetch', done, total })
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
      report(done)
      inputs[name] ??= []
      inputs[name].push({
        name: file.name,
        segments: [...segments],
        ...(file.sceneCrs && { sceneCrs: file.sceneCrs }),
      })
    }
  }
  report(total)
  const plannedSeconds = parts.reduce((sum, { total, secondsEach }) => sum + total * secondsEach, 0)
  return { inputs, plannedSeconds, version: opened.version }

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
      report(done)
    })
    await pipeline(stream, createWriteStream(path), { signal })
    return [{ path, sizeBytes: file.sizeBytes }]
  }
}

/** Those that are there: what is missing is told when it is fetched. */
async function openFound(
  blobs: WorkBlobs,
  reader: TenantInputReader,
  found: { name: string; files: FoundFile[] }[],
): Promise<{ files: Record<string, InspectedFile[]>; version: string }> {
  const version = createHash('sha256')
  const open = async (file: FoundFile) => {
    const { realityDataId, name } = file
    const source = await openBlob(blobs, await reader.container(realityDataId), name)
    return source === undefined ? [] : [{ name, source, is: JSON.stringify([file, source.etag]) }]
  }
  const files: Record<string, InspectedFile[]> = {}
  for (const { name, files: wanted } of found) {
    version.update(`${name}\n`)
    files[name] = []
    for (let first = 0; first < wanted.length; first += filesAtATime) {
      const some = (await Promise.all(wanted.slice(first, first + filesAtATime).map(open))).flat()
      for (const { is, ...opened } of some) {
        version.update(`${is}\n`)
        files[name].push(opened)
      }
    }
  }
  return { files, version: version.digest('hex') }
}
