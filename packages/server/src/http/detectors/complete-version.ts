// From what was uploaded to a version that is ready: taken into a container that no client writes to, and looked at
// there. So what was found good is what is kept, whatever is still being uploaded meanwhile.
import { createHash } from 'node:crypto'
import { taskOfDetectorType } from '@alidade/contract'
import { type DetectorLimits, FormatError, readDetector } from '@alidade/jobs'
import { openBlob } from '../../agent/open-blob.ts'
import { type BlobStore, BlobStoreError, type ContainerKey } from '../../blobs/blob-store.ts'
import type {
  DetectorRecord,
  DetectorStore,
  DetectorVersionRecord,
  ReadyVersion,
} from '../../store/detector-store.ts'
import { fileNameOf } from './detector-links.ts'

export interface CompleteOptions {
  detectors: Pick<DetectorStore, 'nextAttempt' | 'complete'>
  blobs: BlobStore
  limits: DetectorLimits
}

/** `gone`: deleted meanwhile, or ready by another request. Otherwise one sentence that says what is wrong with the file. */
export type Completion = 'ready' | 'gone' | { problem: string }

export async function completeVersion(
  detector: DetectorRecord,
  version: DetectorVersionRecord,
  { detectors, blobs, limits }: CompleteOptions,
): Promise<Completion> {
  const name = fileNameOf(detector, version.number)
  const uploads = { id: version.id, attempt: 0 }
  const uploaded = await blobs.get(uploads, name)
  if (uploaded === undefined) return { problem: 'Expected a file at the uploadUrl of the version, got none.' }
  if (uploaded.sizeBytes > limits.mostFileBytes) {
    return { problem: `file: expected at most ${limits.mostFileBytes} bytes, got ${uploaded.sizeBytes}` }
  }
  const attempt = await detectors.nextAttempt(version.id)
  if (attempt === undefined) return 'gone'
  const taken = { id: version.id, attempt }
  let kept = false
  try {
    const sha256 = await take(blobs, { from: uploads, to: taken, name, etag: uploaded.etag })
    const description = await describe(blobs, taken, name, { detector, version, limits })
    const ready: ReadyVersion = { attempt, sizeBytes: uploaded.sizeBytes, sha256, description }
    kept = await detectors.complete(version.id, ready)
  } catch (error) {
    if (error instanceof FormatError) return { problem: error.message }
    if (wasOverwritten(error))
      return { problem: 'The file was overwritten while it was looked at; complete the version again.' }
    throw error
  } finally {
    if (!kept) await blobs.deleteContainer(taken)
  }
  if (!kept) return 'gone'
  await blobs.deleteContainer(uploads)
  return 'ready'
}

/** Copies one version of the blob; returns the SHA-256 of its bytes. */
async function take(
  blobs: BlobStore,
  { from, to, name, etag }: { from: ContainerKey; to: ContainerKey; name: string; etag: string },
): Promise<string> {
  const hash = createHash('sha256')
  const { stream, properties } = await blobs.read(from, name, { ifMatch: etag })
  async function* hashed() {
    for await (const chunk of stream) {
      hash.update(chunk as Uint8Array)
      yield chunk as Uint8Array
    }
  }
  await blobs.putBlob(to, name, hashed(), {
    sizeBytes: properties.sizeBytes,
    contentType: properties.contentType,
  })
  return hash.digest('hex')
}

async function describe(
  blobs: BlobStore,
  container: ContainerKey,
  name: string,
  {
    detector,
    version,
    limits,
  }: { detector: DetectorRecord; version: DetectorVersionRecord; limits: DetectorLimits },
) {
  const source = await openBlob(blobs, container, name)
  if (source === undefined) throw new BlobStoreError('BlobNotFound', `there is no blob "${name}"`)
  try {
    const declared = { task: taskOfDetectorType[detector.type], labels: version.labels }
    return await readDetector(source, declared, limits)
  } finally {
    await source.close()
  }
}

function wasOverwritten(error: unknown): boolean {
  return (
    error instanceof BlobStoreError && (error.code === 'ConditionNotMet' || error.code === 'BlobNotFound')
  )
}
