// The files of the detectors that a job was created with: found by their pins, and held to them.
import { createHash } from 'node:crypto'
import { builtInDetectorNamed, type JobTypeDeclaration, jobTypes } from '@alidade/contract/jobs'
import { type InputFile, JobError, openInputFile } from '@alidade/jobs'
import type { ContainerKey, WorkBlobs } from '../blobs/blob-store.ts'
import { nameIn } from '../http/jobs/declared-names.ts'
import type { DetectorStore } from '../store/detector-store.ts'
import type { DetectorPin, JobRecord } from '../store/job-record.ts'
import type { TenantInputReader } from './input-reader.ts'

export interface PinnedFile {
  /** Internal name of the input, and as messages show it. */
  name: string
  shown: string
  pin: DetectorPin
  file: { name: string; sizeBytes: number }
  container: ContainerKey
}

export interface DetectorFilesOptions {
  job: Pick<JobRecord, 'type' | 'inputs'>
  reader: TenantInputReader
  blobs: Pick<WorkBlobs, 'list'>
  /** Absent: there is no library, and what is pinned to it is gone. */
  detectors?: Pick<DetectorStore, 'resolveContainer'> | undefined
}

/** A detector of more files was refused when the job was created. */
const mostFiles = 1000

/** Of detectors that are part of the service there are none. JobError `InputData_Missing` for what was deleted since. */
export async function findDetectorFiles(options: DetectorFilesOptions): Promise<PinnedFile[]> {
  const { job, reader, blobs, detectors } = options
  const { inputs: declared }: JobTypeDeclaration = jobTypes[job.type]
  const found: PinnedFile[] = []
  for (const { name, realityDataId, detector: pin } of job.inputs) {
    if (pin === undefined) continue
    const { library } = pin
    if (library !== undefined && builtInDetectorNamed(library.name) !== undefined) continue
    const shown = nameIn('v1', declared, name)
    const container = library
      ? (await detectors?.resolveContainer(library.versionId))?.container
      : await reader.container(realityDataId)
    const listed = container && (await blobs.list(container, { maxResults: mostFiles })).blobs
    if (container === undefined || listed!.length === 0) {
      const gone = library
        ? `the detector ${library.name}/${library.version}`
        : `reality data ${realityDataId}`
      throw new JobError('InputData_Missing', [shown, gone])
    }
    for (const { name: fileName, sizeBytes } of listed!)
      found.push({ name, shown, pin, container, file: { name: fileName, sizeBytes } })
  }
  return found
}

/** JobError `InputData_Changed` where the files are not those that the job was created with. */
export async function holdToPin(
  { library, sha256 }: DetectorPin,
  shown: string,
  files: readonly InputFile[],
): Promise<void> {
  const whole = createHash('sha256')
  for (const file of files) {
    const hash = await hashOf(file)
    if (library !== undefined) {
      if (hash !== sha256) throw new JobError('InputData_Changed', [file.name, shown])
    } else whole.update(`${hash}  ${file.name}\n`)
  }
  if (library === undefined && whole.digest('hex') !== sha256)
    throw new JobError('InputData_Changed', [files[0]!.name, shown])
}

const pieceBytes = 1024 * 1024

async function hashOf(file: InputFile): Promise<string> {
  const { source } = await openInputFile(file)
  try {
    const hash = createHash('sha256')
    for (let done = 0; done < source.sizeBytes; done += pieceBytes)
      hash.update(await source.read(done, Math.min(pieceBytes, source.sizeBytes - done)))
    return hash.digest('hex')
  } finally {
    await source.close()
  }
}
