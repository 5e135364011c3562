/** Properties and conditions of blobs, in our words and in those of the SDK. */
import type { BlobHTTPHeaders } from '@azure/storage-blob'
import type { BlobProperties, ContentProperties, WriteCondition } from './blob-store.ts'
import type { Committed } from './staged-blocks.ts'

interface AzureProperties {
  readonly etag?: string | undefined
  readonly createdOn?: Date | undefined
  readonly lastModified?: Date | undefined
  readonly contentType?: string | undefined
  readonly contentEncoding?: string | undefined
  readonly contentMD5?: Uint8Array | undefined
}

export function propertiesOf(found: AzureProperties): Omit<BlobProperties, 'name' | 'sizeBytes'> {
  const { etag = '', lastModified = new Date(0), createdOn = lastModified, contentMD5 } = found
  return {
    etag,
    createdAt: createdOn,
    lastModified,
    contentType: found.contentType || 'application/octet-stream',
    ...(found.contentEncoding && { contentEncoding: found.contentEncoding }),
    ...(contentMD5?.length && { contentMd5: Buffer.from(contentMD5).toString('base64') }),
  }
}

/** Without another request: the time it was first made is not told, so it is that of this version. */
export function writtenProperties(
  name: string,
  committed: Committed,
  { sizeBytes, ...content }: ContentProperties & { sizeBytes: number },
): BlobProperties {
  const contentMD5 = content.contentMd5 === undefined ? undefined : Buffer.from(content.contentMd5, 'base64')
  return { name, sizeBytes, ...propertiesOf({ ...committed, ...content, contentMD5 }) }
}

export function httpHeaders({
  contentType,
  contentEncoding,
  contentMd5,
}: ContentProperties): BlobHTTPHeaders {
  return {
    ...(contentType !== undefined && { blobContentType: contentType }),
    ...(contentEncoding !== undefined && { blobContentEncoding: contentEncoding }),
    ...(contentMd5 !== undefined && { blobContentMD5: Buffer.from(contentMd5, 'base64') }),
  }
}

/** Of these options the condition alone. */
export function conditions({
  ifMatch,
  ifNoneMatch,
  ifModifiedSince,
  ifUnmodifiedSince,
}: WriteCondition): WriteCondition {
  return {
    ...(ifMatch !== undefined && { ifMatch }),
    ...(ifNoneMatch !== undefined && { ifNoneMatch }),
    ...(ifModifiedSince !== undefined && { ifModifiedSince }),
    ...(ifUnmodifiedSince !== undefined && { ifUnmodifiedSince }),
  }
}
