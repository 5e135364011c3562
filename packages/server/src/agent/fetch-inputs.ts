// Prepare_Production: finds the files that the inputs mean and brings them within the runner's reach, counted in
// bytes. Where the blob store is a folder on this machine, its files are read where they lie.
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type JobTypeDeclaration, jobTypes } from '@alidade/contract/jobs'
import {
  type FoundFile,
  type InputDetector,
  type InputFile,
  type InspectedFile,
  JobError,
  type PlannedPart,
  type PlannedRun,
} from '@alidade/jobs'
import { BlobStoreError, type ContainerKey, type LocalSegment, type WorkBlobs } from '../blobs/blob-store.ts'
import { nameIn } from '../http/jobs/declared-names.ts'
import type { DetectorStore } from '../store/detector-store.ts'
import type { JobRecord } from '../store/job-record.ts'
import type { RealityDataStore } from '../store/reality-data-store.ts'
import { findDetectorFiles, holdToPin, type PinnedFile } from './detector-files.ts'
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
  detectors?: Pick<DetectorStore, 'resolveContainer'> | undefined
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
  /** By the internal names of the inputs that are detectors, with their files. */
  detectors: Record<string, InputDetector>
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
      const wants = (file: { name: string }) => options.wants?.(name, file.name) ?? true
      const wanted = files.filter(wants).map(({ waveforms, ...file }) => ({
        ...file,
        ...(waveforms && wants(waveforms) && { waveforms }),
      }))
      return { name, shown, files: wanted }
    }),
  )
  const found = await heeding(lookUp)
  const pinned = await heeding(findDetectorFiles({ ...options, reader }))
  // Before the bytes: should a file be replaced in between, they are newer than this version says, and the version that is
  // found next time is another one.
  const opened = await heeding(openFound(blobs, reader, found))
  const located = [
    ...(await heeding(locate(blobs, reader, found))),
    ...(await heeding(locatePinned(blobs, pinned))),
  ]
  const total = located.reduce((sum, { segments, file }) => sum + (segments ? 0 : file.sizeBytes), 0)
  const parts = await heeding(
    options.plan(
      {
        options: job.options,
        inputs: opened.files,
        detectors: withFiles(
          job,
          pinned.map(({ name, file }) => ({ name, file: sized(file) })),
        ),
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
  const ofDetectors: { name: string; file: InputFile }[] = []
  for (const [
    index,
    { name, shown, file, container, segments: local, pin, isWaveforms },
  ] of located.entries()) {
    signal.throwIfAborted()
    const segments =
      local ??
      (await download(join(folder, name), `${index}`, container, file).catch((error: unknown) => {
        throw transferFault(error, shown, file.name)
      }))
    report(done)
    if (pin !== undefined) {
      ofDetectors.push({ name, file: { name: file.name, segments: [...segments] } })
      continue
    }
    inputs[name] ??= []
    if (isWaveforms) {
      inputs[name].at(-1)!.waveforms = [...segments]
      continue
    }
    inputs[name].push({
      name: file.name,
      segments: [...segments],
      ...('sceneCrs' in file && file.sceneCrs && { sceneCrs: file.sceneCrs }),
    })
  }
  report(total)
  const detectors = withFiles(job, ofDetectors)
  for (const { name, shown, pin } of new Map(pinned.map((one) => [one.name, one])).values())
    await heeding(holdToPin(pin, shown, detectors[name]!.files!))
  const plannedSeconds = parts.reduce((sum, { total, secondsEach }) => sum + total * secondsEach, 0)
  return { inputs, detectors, plannedSeconds, version: opened.version }

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

/** What is known of the detectors of a job, and the files that are there of them. */
function withFiles(
  job: JobRecord,
  files: readonly { name: string; file: InputFile }[],
): Record<string, InputDetector> {
  const known = Object.entries(detectorsOf(job.inputs))
  return Object.fromEntries(
    known.map(([name, detector]) => {
      const own = files.filter((one) => one.name === name).map(({ file }) => file)
      return [name, own.length === 0 ? detector : { ...detector, files: own }]
    }),
  )
}

/** A file that is not here yet: a plan asks for its size alone. */
function sized({ name, sizeBytes }: { name: string; sizeBytes: number }): InputFile {
  return { name, segments: [{ path: '', sizeBytes }] }
}

interface Located {
  name: string
  shown: string
  file: FoundFile | PinnedFile['file']
  container: ContainerKey
  segments: readonly LocalSegment[] | undefined
  /** Of a file of a detector. */
  pin?: PinnedFile['pin']
  /** Those of the file before it. */
  isWaveforms?: boolean
}

async function locatePinned(blobs: WorkBlobs, pinned: readonly PinnedFile[]): Promise<Located[]> {
  return Promise.all(
    pinned.map(async (one) => ({
      ...one,
      segments: await blobs.localSegments?.(one.container, one.file.name),
    })),
  )
}

/** Every file with its container, and where it lies if that is within reach. */
async function locate(
  blobs: WorkBlobs,
  reader: TenantInputReader,
  found: { name: string; shown: string; files: FoundFile[] }[],
): Promise<Located[]> {
  const files = found.flatMap(({ name, shown, files }) =>
    files.flatMap((file) => [
      { name, shown, file, isWaveforms: false },
      ...(file.waveforms ? [{ name, shown, file: { ...file, ...file.waveforms }, isWaveforms: true }] : []),
    ]),
  )
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
