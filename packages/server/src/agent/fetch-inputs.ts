// Prepare_Production: finds the files that the inputs mean and brings them within the runner's reach, counted in
// bytes. Where the blob store is a folder on this machine, its files are read where they lie.
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type JobTypeDeclaration, jobTypes } from '@alidade/contract'
import {
  type FoundFile,
  type InputFile,
  type InspectedFile,
  JobError,
  type PlannedPart,
  type PlannedRun,
} from '@alidade/jobs'
import { BlobStoreError, type WorkBlobs } from '../blobs/blob-store.ts'
import { nameIn } from '../http/jobs/declared-names.ts'
import type { JobRecord } from '../store/job-record.ts'
import type { RealityDataStore } from '../store/reality-data-store.ts'
import { endInTime } from './end-in-time.ts'
import {
  createInputReader,
  detectorsOf,
  filesIn,
  filesOfInput,
  type TenantInputReader,
} from './input-reader.ts'
import { openBlob } from './open-blob.ts'
import type { ProgressReporter } from './report-progress.ts'

export interface FetchInputsOptions {
  job: JobRecord
  blobs: WorkBlobs
  realityData: Pick<RealityDataStore, 'get' | 'bucket'>
  /** Where downloads go. */
  folder: string
  threadsPerJob: number
  memoryLimitMegabytes: number
  signal: AbortSignal
  /** Of the files behind the inputs, those that are wanted; default: all. */
  wants?: (input: string, fileName: string) => boolean
  /** Plans the run, the first part of which is that of bringing so many bytes here. */
  plan(run: PlannedRun, bytesToFetch: number): Promise<PlannedPart[]>
  progress: Pick<ProgressReporter, 'report'>
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
    filesIn(job.inputs).map(async ({ name, realityDataId }) => {
      const shown = nameIn('v1', declared, name)
      const files = await filesOfInput(reader, declared[name], shown, realityDataId)
      return { name, shown, files: files.filter((file) => options.wants?.(name, file.name) ?? true) }
    }),
  )
  const found = await heeding(lookUp)
  // Before the bytes: should a file be replaced in between, they are newer than this version says, and the version that is
  // found next time is another one.
  const opened = await heeding(openFound(blobs, reader, found))
  const located = await heeding(locate(blobs, reader, found))
  const total = located.reduce((sum, { segments, file }) => sum + (segments ? 0 : file.sizeBytes), 0)
  const parts = await heeding(
    options.plan(
      {
        options: job.options,
        inputs: opened.files,
        detectors: detectorsOf(job.inputs),
        outputs: job.outputs.map(({ name }) => name),
        threads: options.threadsPerJob,
        memoryLimitMegabytes: options.memoryLimitMegabytes,
      },
      total,
    ),
  )
  const report = (done: number) => progress.report({ step: parts[0]!.step, part: 'fetch', done, total })
  let done = 0
  const inputs: Record<string, InputFile[]> = {}
  for (const [index, { name, shown, file, container, segments: local }] of located.entries()) {
    signal.throwIfAborted()
    const segments =
      local ??
      (await download(join(folder, name), `${index}`, container, file).catch((error: unknown) => {
        throw transferFault(error, shown, file.name)
      }))
    report(done)
    inputs[name] ??= []
    inputs[name].push({
      name: file.name,
      segments: [...segments],
      ...(file.sceneCrs && { sceneCrs: file.sceneCrs }),
    })
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
    const { properties, stream } = await blobs.read(container, file.name)
    stream.on('data', (bytes: Uint8Array) => {
      done += bytes.length
      report(done)
    })
    await pipeline(stream, createWriteStream(path), { signal })
    return [{ path, sizeBytes: properties.sizeBytes }]
  }
}

/** Every file with its container, and where it lies if that is within reach. */
async function locate(
  blobs: WorkBlobs,
  reader: TenantInputReader,
  found: { name: string; shown: string; files: FoundFile[] }[],
) {
  const files = found.flatMap(({ name, shown, files }) => files.map((file) => ({ name, shown, file })))
  const locateOne = async (each: (typeof files)[number]) => {
    const container = await reader.container(each.file.realityDataId)
    return { ...each, container, segments: await blobs.localSegments?.(container, each.file.name) }
  }
  const located: Awaited<ReturnType<typeof locateOne>>[] = []
  for (let first = 0; first < files.length; first += filesAtATime)
    located.push(...(await Promise.all(files.slice(first, first + filesAtATime).map(locateOne))))
  return located
}

function transferFault(error: unknown, input: string, fileName: string): unknown {
  if (!(error instanceof BlobStoreError)) return error
  // Deleted since it was found; or written to, where others than we may.
  if (error.code === 'BlobNotFound')
    return new JobError('InputData_Missing', [input, fileName], { cause: error })
  if (error.code === 'ConditionNotMet')
    return new JobError('InputData_Changed', [fileName, input], { cause: error })
  return error
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
