/** The conditions of a write, decided under the lock of its blob. */
import { type BlobProperties, BlobStoreError, type WriteCondition } from './blob-store.ts'
import { wholeSeconds } from './conditional-headers.ts'

/** Throws `ConditionNotMet`, or `BlobAlreadyExists` where the blob must be new. */
export function checkWriteCondition(
  current: BlobProperties | undefined,
  { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince }: WriteCondition,
): void {
  if (ifMatch !== undefined && !matches(current, ifMatch)) {
    throw new BlobStoreError(
      'ConditionNotMet',
      `the blob has ${current ? `the ETag ${current.etag}` : 'no version'}`,
    )
  }
  if (ifNoneMatch === '*' && current !== undefined) {
    throw new BlobStoreError('BlobAlreadyExists', 'the blob exists already')
  }
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*' && matches(current, ifNoneMatch)) {
    throw new BlobStoreError('ConditionNotMet', `the blob has the ETag ${ifNoneMatch}`)
  }
  if (current === undefined) return
  const { lastModified } = current
  if (
    (ifModifiedSince !== undefined && wholeSeconds(lastModified) <= ifModifiedSince.getTime()) ||
    (ifUnmodifiedSince !== undefined && wholeSeconds(lastModified) > ifUnmodifiedSince.getTime())
  ) {
    throw new BlobStoreError('ConditionNotMet', `the blob was written ${lastModified.toUTCString()}`)
  }
}

function matches(current: BlobProperties | undefined, etag: string): boolean {
  return current !== undefined && (etag === '*' || etag === current.etag)
}
