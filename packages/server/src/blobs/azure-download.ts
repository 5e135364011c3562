/**
 * One version of a blob in ranges: the next comes while the one before is read, and one that breaks off is asked for
 * again. The SDK takes a broken connection for the end of the download.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { BlobDownloadResponseParsed, BlockBlobClient } from '@azure/storage-blob'
import { AzureStorageError, askAzure } from './azure-fault.ts'

/** Memory is two of them. */
export const rangeBytes = 8 * 2 ** 20

const longestPauseMilliseconds = 30_000

export interface AzureDownload {
  readonly blob: BlockBlobClient
  /** The version that is read. */
  readonly etag: string
  readonly maxTries: number
}

/** The bytes from `offset` to before `end`; `first` is the answer that begins there. */
export async function* downloadRanges(
  download: AzureDownload,
  first: BlobDownloadResponseParsed,
  offset: number,
  end: number,
): AsyncGenerator<Buffer> {
  const stopping = new AbortController()
  const range = (from: number, begun?: BlobDownloadResponseParsed) => {
    const lengthBytes = Math.min(rangeBytes, end - from)
    const bytes = readRange(download, { from, lengthBytes, begun, signal: stopping.signal })
    bytes.catch(() => {}) // heard of when its turn comes
    return bytes
  }
  try {
    let next: Promise<Buffer> | undefined = range(offset, first)
    for (let from = offset; next !== undefined; ) {
      const bytes: Buffer = await next
      from += bytes.length
      next = from < end ? range(from) : undefined
      yield bytes
    }
  } finally {
    stopping.abort(new Error('nobody reads on'))
  }
}

interface Range {
  readonly from: number
  readonly lengthBytes: number
  /** Of the first try, where there is one already. */
  readonly begun: BlobDownloadResponseParsed | undefined
  readonly signal: AbortSignal
}

async function readRange(
  { blob, etag, maxTries }: AzureDownload,
  { from, lengthBytes, begun, signal }: Range,
): Promise<Buffer> {
  for (let tried = 1; ; tried++) {
    const answer =
      tried === 1 && begun !== undefined
        ? begun
        : await askAzure(
            blob.download(from, lengthBytes, { conditions: { ifMatch: etag }, abortSignal: signal }),
          )
    const bytes = Buffer.allocUnsafe(lengthBytes)
    if ((await fill(bytes, answer.readableStreamBody!)) === lengthBytes) return bytes
    signal.throwIfAborted()
    if (tried >= maxTries) {
      throw new AzureStorageError({
        status: undefined,
        code: 'a download broke off',
        requestId: answer.requestId,
      })
    }
    await delay(Math.min((2 ** (tried - 1) - 1) * 1000, longestPauseMilliseconds), undefined, { signal })
  }
}

/** How many bytes came before it ended or broke off. */
async function fill(bytes: Buffer, stream: NodeJS.ReadableStream): Promise<number> {
  let filled = 0
  try {
    for await (const chunk of stream) {
      bytes.set(chunk as Buffer, filled)
      filled += (chunk as Buffer).length
    }
  } catch {
    // What came is not enough, and says so.
  }
  return filled
}
