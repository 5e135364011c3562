// How an analysis finds its input files: reality data of one tenant, the bucket of an iTwin, and the blobs behind them.
import type { InputDeclaration } from '@alidade/contract'
import {
  findGeoJsonFile,
  findInputFiles,
  findSegmentationFiles,
  type FoundFile,
  type InputDetector,
  type InputReader,
  JobError,
} from '@alidade/jobs'
import { type BlobPage, BlobStoreError, type ContainerKey, type WorkBlobs } from '../blobs/blob-store.ts'
import type { Binding } from '../store/job-record.ts'
import { containerOf, type RealityDataStore } from '../store/reality-data-store.ts'

export interface TenantInputReader extends InputReader {
  container(realityDataId: string): Promise<ContainerKey>
}

export interface InputReaderOptions {
  org: string
  /** Of the job. */
  iTwinId: string
  blobs: WorkBlobs
  realityData: Pick<RealityDataStore, 'get' | 'bucket'>
}

/** What an input says that names a file in the bucket of its iTwin. */
const bucketPath = /^bkt:(.+)$/s

export function createInputReader({
  org,
  iTwinId,
  blobs,
  realityData,
}: InputReaderOptions): TenantInputReader {
  async function container(id: string): Promise<ContainerKey> {
    if (bucketPath.test(id)) {
      const bucket = await realityData.bucket(org, iTwinId)
      if (bucket === undefined)
        throw new JobError('InputData_Missing', [id, `a bucket of the iTwin ${iTwinId}`])
      return bucket
    }
    const record = await realityData.get(org, id)
    if (record === undefined) throw new JobError('InputData_Missing', [id, `reality data ${id}`])
    // A result that is not committed yet reads as empty, and whoever looks for files says so with the input's name.
    return containerOf(record)
  }
  return {
    container,
    describe: async (id) => {
      const record = await realityData.get(org, id)
      if (record === undefined) return undefined
      const { type, rootDocument } = record.properties
      return { type, ...(rootDocument !== undefined && { rootDocument }) }
    },
    list: async (id) => {
      const key = await container(id)
      const files: { name: string; sizeBytes: number }[] = []
      let marker: string | undefined
      do {
        const page = await blobs.list(key, marker === undefined ? {} : { marker }).catch(emptyIfGone)
        files.push(...page.blobs.map(({ name, sizeBytes }) => ({ name, sizeBytes })))
        marker = page.nextMarker
      } while (marker !== undefined)
      return files
    },
    read: async (id, name) => {
      const { stream } = await blobs.read(await container(id), name)
      const chunks: Uint8Array[] = []
      for await (const chunk of stream) chunks.push(chunk as Uint8Array)
      return Buffer.concat(chunks)
    },
  }
}

/** The files that the value of an input means; `shownName` is what messages call the input. */
export async function filesOfInput(
  reader: TenantInputReader,
  {
    kind = 'realityData',
    accepts = [],
    segmented,
  }: Partial<Pick<InputDeclaration, 'kind' | 'accepts' | 'segmented'>> = {},
  shownName: string,
  value: string,
): Promise<FoundFile[]> {
  if (accepts.includes('GeoJSON')) return [await findGeoJsonFile(reader, shownName, value)]
  if (segmented) return findSegmentationFiles(reader, shownName, value)
  const [, path] = (kind === 'bucketFile' && bucketPath.exec(value)) || []
  if (path === undefined) return findInputFiles(reader, shownName, value, accepts)
  const file = (await reader.list(value)).find(({ name }) => name === path)
  if (file === undefined) throw new JobError('InputData_Missing', [shownName, value])
  return [{ realityDataId: value, ...file }]
}

/** The inputs that are files, and no detectors: what is known of those is in their pins. */
export function filesIn<T extends Pick<Binding, 'detector'>>(inputs: readonly T[]): T[] {
  return inputs.filter(({ detector }) => detector === undefined)
}

export function detectorsOf(inputs: readonly Binding[]): Record<string, InputDetector> {
  return Object.fromEntries(
    inputs.flatMap(({ name, detector }) => {
      if (detector === undefined) return []
      const { library } = detector
      return [
        [name, library === undefined ? {} : { library: { name: library.name, version: library.version } }],
      ]
    }),
  )
}

/** A linked folder that cannot be reached: whoever looks for files says so with the input's name. */
function emptyIfGone(error: unknown): BlobPage {
  if (error instanceof BlobStoreError && error.code === 'ContainerGone') return { blobs: [] }
  throw error
}
