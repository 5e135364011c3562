/**
 * Names of the files in a blob's data folder: `<block>.<stamp>.<size>`, where block is a hash of the block id
 * or `whole` for a body put in one piece. The name tells everything that a commit needs, so it reads one
 * directory and opens nothing. What is still being written is called `<uuid>.part`.
 */
import { createHash, randomBytes } from 'node:crypto'
import { BlobStoreError } from './blob-store.ts'

export const wholeBody = 'whole'

export interface SegmentName {
  readonly file: string
  /** Hash of the block id, or `whole`. */
  readonly block: string
  readonly stamp: string
  readonly sizeBytes: number
}

export function segmentFile(block: string, stamp: string, sizeBytes: number): string {
  return `${block}.${stamp}.${sizeBytes}`
}

/** Undefined for a file that is not a finished segment. */
export function parseSegmentFile(file: string): SegmentName | undefined {
  const match = /^(whole|[0-9a-f]{32})\.(\d{17}-[0-9a-f]{8})\.(\d{1,16})$/.exec(file)
  if (!match) return undefined
  return { file, block: match[1]!, stamp: match[2]!, sizeBytes: Number(match[3]) }
}

/** Throws `InvalidBlockId` unless the id is base64 of 1 to 64 bytes, as Azure asks. */
export function hashBlockId(blockId: string): string {
  const bytes = Buffer.from(blockId, 'base64')
  const canonical = bytes.toString('base64')
  if (bytes.length < 1 || bytes.length > 64 || blockId !== canonical) {
    throw new BlobStoreError('InvalidBlockId', 'a block id must be base64 of 1 to 64 bytes')
  }
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32)
}

/** Stamps sort by the time they were taken; two stamps of one clock are never equal and never go back. */
export function stampClock(now: () => Date): () => string {
  let last = 0
  return () => {
    last = Math.max(last + 1, now().getTime() * 1000)
    return `${String(last).padStart(17, '0')}-${randomBytes(4).toString('hex')}`
  }
}
