// How an analysis finds its input files: reality data of one tenant, and the blobs behind them.
import { type InputReader, JobError } from '@alidade/jobs'
import type { ContainerKey, WorkBlobs } from '../blobs/blob-store.ts'
import type { RealityDataStore } from '../store/reality-data-store.ts'

export interface TenantInputReader extends InputReader {
  container(realityDataId: string): Promise<ContainerKey>
}

export interface InputReaderOptions {
  org: string
  blobs: WorkBlobs
  realityData: Pick<RealityDataStore, 'get'>
}

export function createInputReader({ org, blobs, realityData }: InputReaderOptions): TenantInputReader {
  async function container(id: string): Promise<ContainerKey> {
    const record = await realityData.get(org, id)
    if (record === undefined) throw new JobError('InputData_Missing', [id, `reality data ${id}`])
    // A result that is not committed yet reads as empty, and whoever looks for files says so with the input's name.
    return { id: record.id, attempt: record.attempt ?? 0 }
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
        const page = await blobs.list(key, marker === undefined ? {} : { marker })
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
