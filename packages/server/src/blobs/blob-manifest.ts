/**
 * The manifest of a committed blob: two lines of JSON, first its properties, then the files that hold it. Two
 * lines, so that a listing needs only the first and does not read the 50,000 segments of a large blob.
 */
import { open, readFile } from 'node:fs/promises'
import { type BlobProperties, BlobStoreError } from './blob-store.ts'

export interface ManifestSegment {
  /** File name inside the data folder of the blob. */
  readonly file: string
  readonly sizeBytes: number
}

export interface BlobManifest {
  readonly properties: BlobProperties
  /** Blocks with an older stamp that are not listed are dead; see `segment-name.ts`. */
  readonly stamp: string
  readonly segments: readonly ManifestSegment[]
}

const formatVersion = 1

export function encodeManifest({ properties, stamp, segments }: BlobManifest): string {
  const head = { version: formatVersion, stamp, ...properties }
  return `${JSON.stringify(head)}\n${JSON.stringify(segments.map((s) => [s.file, s.sizeBytes]))}\n`
}

/** The manifest, or undefined where there is none. */
export async function readManifest(path: string): Promise<BlobManifest | undefined> {
  const text = await readFile(path, 'utf8').catch(undefinedIfMissing)
  if (text === undefined) return undefined
  const [head = '', tail = ''] = text.split('\n', 2)
  const { stamp, properties } = parseHead(head, path)
  const segments = (JSON.parse(tail) as [string, number][]).map(([file, sizeBytes]) => ({ file, sizeBytes }))
  return { properties, stamp, segments }
}

/** Only the first line. A name has at most 1024 characters, so 16 KiB hold it even when all are escaped. */
export async function readManifestProperties(path: string): Promise<BlobProperties | undefined> {
  const handle = await open(path, 'r').catch(undefinedIfMissing)
  if (handle === undefined) return undefined
  try {
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.allocUnsafe(16_384), position: 0 })
    const end = buffer.subarray(0, bytesRead).indexOf(10)
    return parseHead(buffer.toString('utf8', 0, end === -1 ? bytesRead : end), path).properties
  } finally {
    await handle.close()
  }
}

function parseHead(line: string, path: string): { stamp: string; properties: BlobProperties } {
  const { version, stamp, createdAt, lastModified, ...rest } = JSON.parse(line)
  if (version !== formatVersion) {
    throw new RangeError(`manifest ${path} has version ${version}, this program reads ${formatVersion}`)
  }
  return {
    stamp,
    properties: { ...rest, createdAt: new Date(createdAt), lastModified: new Date(lastModified) },
  }
}

export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}

/** For `.catch()`: what is not there is undefined, everything else is thrown. */
export function undefinedIfMissing(error: unknown): undefined {
  if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined
  throw error
}

/** Gives a full disk its own code, whichever call met it. */
export function namedDiskError(error: unknown): unknown {
  if (!hasCode(error, 'ENOSPC', 'EDQUOT')) return error
  return new BlobStoreError('NoSpace', 'the disk of the blob store is full', { cause: error })
}
