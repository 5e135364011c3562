// A blob as random-access bytes, wherever the store keeps it.
import type { InspectedFile } from '@alidade/jobs'
import type { ContainerKey, WorkBlobs } from '../blobs/blob-store.ts'

/** Undefined when there is no such blob. Reads one version only: a blob overwritten meanwhile fails the read. */
export async function openBlob(
  blobs: WorkBlobs,
  container: ContainerKey,
  name: string,
): Promise<(InspectedFile['source'] & { etag: string }) | undefined> {
  const properties = await blobs.get(container, name)
  if (properties === undefined) return undefined
  return {
    sizeBytes: properties.sizeBytes,
    etag: properties.etag,
    read: async (offset, length) => {
      if (offset < 0 || length < 0 || offset + length > properties.sizeBytes) {
        throw new RangeError(
          `expected a range inside ${properties.sizeBytes} bytes, got ${length} bytes at ${offset}`,
        )
      }
      if (length === 0) return new Uint8Array(0)
      const { stream } = await blobs.read(container, name, {
        offset,
        lengthBytes: length,
        ifMatch: properties.etag,
      })
      const bytes = new Uint8Array(length)
      let done = 0
      for await (const chunk of stream) {
        bytes.set(chunk as Uint8Array, done)
        done += (chunk as Uint8Array).length
      }
      return bytes
    },
    close: async () => undefined,
  }
}
