/** Put Block List with blocks that are told to be committed or not, which the SDK cannot say. */
import { BlobSASPermissions, type BlockBlobClient } from '@azure/storage-blob'
import { AzureStorageError, askAzure, azureFaultOf } from './azure-fault.ts'
import { BlobStoreError, type BlockReference, type CommitBlocksOptions } from './blob-store.ts'

const tags = { committed: 'Committed', uncommitted: 'Uncommitted', latest: 'Latest' } as const

export async function commitAzureBlocks(
  blob: BlockBlobClient,
  blocks: readonly BlockReference[],
  options: CommitBlocksOptions,
  now: Date,
): Promise<void> {
  const { contentType, contentEncoding, contentMd5 } = options
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = options
  const url = await blob.generateSasUrl({
    permissions: BlobSASPermissions.parse('cw'),
    expiresOn: new Date(now.getTime() + 10 * 60_000),
  })
  const list = blocks.map(({ id, from }) => `<${tags[from]}>${id}</${tags[from]}>`)
  const headers = {
    'content-type': 'application/xml',
    ...(contentType !== undefined && { 'x-ms-blob-content-type': contentType }),
    ...(contentEncoding !== undefined && { 'x-ms-blob-content-encoding': contentEncoding }),
    ...(contentMd5 !== undefined && { 'x-ms-blob-content-md5': contentMd5 }),
    ...(ifMatch !== undefined && { 'if-match': ifMatch }),
    ...(ifNoneMatch !== undefined && { 'if-none-match': ifNoneMatch }),
    ...(ifModifiedSince !== undefined && { 'if-modified-since': ifModifiedSince.toUTCString() }),
    ...(ifUnmodifiedSince !== undefined && { 'if-unmodified-since': ifUnmodifiedSince.toUTCString() }),
  }
  const body = `<?xml version="1.0" encoding="utf-8"?><BlockList>${list.join('')}</BlockList>`
  const response = await fetch(`${url}&comp=blocklist`, { method: 'PUT', headers, body }).catch(() => {
    throw new AzureStorageError({ status: undefined, code: 'no connection', requestId: undefined })
  })
  await response.arrayBuffer()
  if (response.status !== 201) {
    throw azureFaultOf({
      status: response.status,
      code: response.headers.get('x-ms-error-code') ?? 'no reason given',
      requestId: response.headers.get('x-ms-request-id') ?? undefined,
    })
  }
}

/** A block that is missing is for the commit to tell. */
export async function checkSizeOfBlocks(
  blob: BlockBlobClient,
  blocks: readonly BlockReference[],
  maxSizeBytes: number,
): Promise<void> {
  const { committedBlocks = [], uncommittedBlocks = [] } = await askAzure(blob.getBlockList('all'))
  const sizes = (found: { name: string; size: number }[]) =>
    new Map(found.map(({ name, size }) => [name, Number(size)]))
  const [committed, uncommitted] = [sizes(committedBlocks), sizes(uncommittedBlocks)]
  const sizeOf = ({ id, from }: BlockReference) =>
    (from === 'committed' ? undefined : uncommitted.get(id)) ??
    (from === 'uncommitted' ? undefined : committed.get(id)) ??
    0
  const sizeBytes = blocks.reduce((sum, block) => sum + sizeOf(block), 0)
  if (sizeBytes > maxSizeBytes)
    throw new BlobStoreError('TooLarge', `the blocks are ${sizeBytes} bytes, at most ${maxSizeBytes} may be`)
}
