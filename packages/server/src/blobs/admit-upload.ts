/** Uploads leave the last of the disk to those who free it and to jobs that are about to end. */
import { BlobStoreError } from './blob-store.ts'

/** Of whoever watches the disk. */
export interface UploadSpace {
  look(): Promise<{ readonly freeBytes: number; readonly lowWaterBytes: number }>
}

/** Throws `NoSpace` when so many more bytes would leave less than the low-water mark. */
export async function admitUpload(disk: UploadSpace, bytesToCome: number): Promise<void> {
  const { freeBytes, lowWaterBytes } = await disk.look()
  if (freeBytes - bytesToCome >= lowWaterBytes) return
  const megabytes = (bytes: number) => `${Math.floor(bytes / 1e6)} MB`
  throw new BlobStoreError(
    'NoSpace',
    `the disk has ${megabytes(freeBytes)} free; uploads may not leave less than ${megabytes(lowWaterBytes)}`,
  )
}
