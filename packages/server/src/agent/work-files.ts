// Files that attempts at the parts of a divided job leave to each other, brought within a runner's reach.
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { WorkFiles } from '@alidade/jobs'
import type { ContainerKey, LocalSegment, WorkBlobs } from '../blobs/blob-store.ts'

export interface LocatedFile {
  container: ContainerKey
  name: string
  sizeBytes: number
  /** Where it lies, if that is within reach. */
  segments: readonly LocalSegment[] | undefined
}

/** Each is a request where blobs are on another machine. */
const filesAtATime = 16

/** All files of a container, or those of these names. */
export async function locateWorkFiles(
  blobs: WorkBlobs,
  container: ContainerKey,
  names?: readonly string[],
): Promise<LocatedFile[]> {
  const wanted = names && new Set(names)
  const found: { name: string; sizeBytes: number }[] = []
  let marker: string | undefined
  do {
    const page = await blobs.list(container, marker === undefined ? {} : { marker })
    found.push(...page.blobs.filter(({ name }) => wanted?.has(name) ?? true))
    marker = page.nextMarker
  } while (marker !== undefined)
  const missing = names?.find((name) => !found.some((file) => file.name === name))
  if (missing !== undefined) throw new Error(`a file that a part of the job needs is gone: ${missing}`)
  const located: LocatedFile[] = []
  for (let first = 0; first < found.length; first += filesAtATime) {
    const some = found.slice(first, first + filesAtATime)
    const segments = await Promise.all(some.map(async ({ name }) => blobs.localSegments?.(container, name)))
    located.push(
      ...some.map(({ name, sizeBytes }, i) => ({ container, name, sizeBytes, segments: segments[i] })),
    )
  }
  return located
}

export function bytesToFetch(files: readonly LocatedFile[]): number {
  return files.reduce((sum, { segments, sizeBytes }) => sum + (segments === undefined ? sizeBytes : 0), 0)
}

/** Downloads what does not lie within reach into `folder`. */
export async function fetchWorkFiles(
  blobs: WorkBlobs,
  files: readonly LocatedFile[],
  folder: string,
  { signal, onBytes }: { signal: AbortSignal; onBytes: (bytes: number) => void },
): Promise<WorkFiles> {
  const fetched: WorkFiles = {}
  for (const [index, { container, name, sizeBytes, segments }] of files.entries()) {
    signal.throwIfAborted()
    if (segments !== undefined) {
      fetched[name] = { name, segments: [...segments] }
      continue
    }
    await mkdir(folder, { recursive: true })
    const path = join(folder, String(index))
    const { stream } = await blobs.read(container, name)
    stream.on('data', (bytes: Uint8Array) => onBytes(bytes.length))
    await pipeline(stream, createWriteStream(path), { signal })
    fetched[name] = { name, segments: [{ path, sizeBytes }] }
  }
  return fetched
}
