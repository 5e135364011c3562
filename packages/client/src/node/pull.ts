// A container to a folder, by ranged reads in parallel. A file gets its name only when it is whole; until then it
// is `<name>.alidade.part`, and `<name>.alidade.ranges` says which ranges of which version are in it.
import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ConflictError, ServiceError } from '../service-error.ts'
import type { ContainerUrlProvider } from './blob-container.ts'
import { checkFileName, checkTogether } from './file-names.ts'
import { md5OfRange } from './file-range.ts'
import { type ListedBlob, listBlobs } from './list-blobs.ts'
import { gather, runTransfer, type Transfer, type TransferOptions } from './transfer.ts'

export interface PullOptions extends TransferOptions {
  /** Only blobs whose names begin so. The names stay whole. */
  readonly prefix?: string
}

export interface PullResult {
  readonly files: readonly { readonly name: string; readonly path: string; readonly sizeBytes: number }[]
  /** What came over the line; less than the sum of the files after an interruption. */
  readonly receivedBytes: number
}

/**
 * Downloads all blobs into `folder`, which is made if it is not there; files of the same name are replaced.
 * Called again after an interruption it fetches what is missing; a file already there with the size and the MD5
 * of the list is not fetched again. Before anything is written, all names are checked: one that could reach
 * outside the folder is a RangeError. Rejects with a ServiceError otherwise, or with the reason of `signal`.
 */
export async function pull(
  containerUrl: ContainerUrlProvider,
  folder: string,
  options: PullOptions = {},
): Promise<PullResult> {
  return runTransfer(containerUrl, options, async (transfer, setTotal) => {
    const blobs: ListedBlob[] = []
    const { container, signal } = transfer
    for await (const blob of listBlobs(container, { prefix: options.prefix, signal })) {
      checkFileName(blob.name)
      blobs.push(blob)
    }
    checkTogether(blobs.map(({ name }) => name))
    setTotal(blobs)
    let receivedBytes = 0
    const received = (bytes: number) => {
      receivedBytes += bytes
    }
    const pathOf = (name: string) => join(folder, ...name.split('/'))
    await mkdir(folder, { recursive: true })
    await transfer.forEach(blobs, (blob) => pullBlob(blob, pathOf(blob.name), transfer, received))
    const files = blobs.map(({ name, sizeBytes }) => ({ name, path: pathOf(name), sizeBytes }))
    return { files, receivedBytes }
  })
}

async function pullBlob(
  blob: ListedBlob,
  path: string,
  transfer: Transfer,
  received: (bytes: number) => void,
): Promise<void> {
  const { name, sizeBytes, contentMd5 } = blob
  const { blockBytes } = transfer
  if (await alreadyThere(path, blob)) {
    transfer.report(name, sizeBytes, false)
    return transfer.fileDone(name)
  }
  await mkdir(dirname(path), { recursive: true })
  const part = `${path}.alidade.part`
  const ranges = `${path}.alidade.ranges`
  const done = await rangesDone(ranges, part, blob, blockBytes)
  const file = await open(part, done.size > 0 ? 'r+' : 'w')
  try {
    const journal = await open(ranges, done.size > 0 ? 'a' : 'w')
    try {
      // After an earlier run only the end of its last line, which may be cut.
      await journal.appendFile(done.size > 0 ? '\n' : `${versionOf(blob, blockBytes)}\n`)
      await gather((start) => fetchRanges(file, journal, start))
    } finally {
      await journal.close()
    }
    await file.sync()
  } finally {
    await file.close()
  }
  const found = contentMd5 === undefined ? undefined : await md5OfFile(part)
  await rm(ranges)
  if (found !== contentMd5) {
    await rm(part)
    throw new RangeError(`${name} arrived damaged: expected MD5 ${contentMd5}, got ${found}`)
  }
  await rename(part, path)
  transfer.fileDone(name)

  async function fetchRanges(file: FileHandle, journal: FileHandle, start: (task: Promise<void>) => void) {
    for (let offset = 0; offset < sizeBytes; offset += blockBytes) {
      const length = Math.min(blockBytes, sizeBytes - offset)
      if (done.has(offset)) {
        transfer.report(name, length, false)
        continue
      }
      const leave = await transfer.enter()
      start(fetchRange(file, journal, offset, length).finally(leave))
    }
  }

  async function fetchRange(file: FileHandle, journal: FileHandle, offset: number, length: number) {
    await copyRange(transfer, blob, file, offset, length)
    received(length)
    await journal.appendFile(`${offset}\n`)
    transfer.report(name, length, true)
  }
}

/** Writes as it comes, so that a range is never in memory as a whole; a second try writes over the first. */
async function copyRange(
  { container, signal }: Transfer,
  { name, sizeBytes, etag }: ListedBlob,
  file: FileHandle,
  offset: number,
  length: number,
): Promise<void> {
  const last = offset + length - 1
  const headers = { 'x-ms-range': `bytes=${offset}-${last}`, 'if-match': etag }
  const expected = `bytes ${offset}-${last}/${sizeBytes}`
  return container.request({ method: 'GET', name, headers, expect: 206, read, signal }).catch((error) => {
    if (!(error instanceof ServiceError && error.status === 412)) throw error
    const { request, code, status, correlationId } = error
    const message = `${name} was replaced during the download; pull again`
    throw new ConflictError({ request, code, status, correlationId, message, cause: error })
  })

  async function read(response: Response): Promise<void> {
    const came = response.headers.get('content-range')
    if (came !== expected) {
      await response.body?.cancel()
      throw new Error(`expected ${expected}, got ${came ?? 'no Content-Range'}`)
    }
    let written = 0
    for await (const chunk of response.body ?? []) {
      if (written + chunk.byteLength > length) throw new Error(`expected ${length} bytes, got more`)
      await writeAll(file, chunk, offset + written)
      written += chunk.byteLength
    }
    if (written !== length) throw new Error(`expected ${length} bytes, got ${written}`)
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    done += (await file.write(bytes, done, bytes.byteLength - done, position + done)).bytesWritten
  }
}

/** Offsets of the ranges an earlier run has written, if they are of this version of the blob. */
async function rangesDone(
  path: string,
  part: string,
  blob: ListedBlob,
  blockBytes: number,
): Promise<Set<number>> {
  const [text, size] = await Promise.all([
    readFile(path, 'utf8').catch(() => ''),
    stat(part).then(
      ({ size }) => size,
      () => undefined,
    ),
  ])
  const [version, ...offsets] = text.split('\n')
  if (version !== versionOf(blob, blockBytes) || size === undefined) return new Set()
  // The last line may be cut, and a cut number is another number: only lines with an end count.
  const whole = offsets
    .slice(0, -1)
    .filter((line) => /^\d+$/.test(line))
    .map(Number)
  return new Set(whole.filter((offset) => Math.min(offset + blockBytes, blob.sizeBytes) <= size))
}

function versionOf({ etag, sizeBytes }: ListedBlob, blockBytes: number): string {
  return JSON.stringify({ etag, sizeBytes, blockBytes })
}

async function alreadyThere(path: string, { sizeBytes, contentMd5 }: ListedBlob): Promise<boolean> {
  if (contentMd5 === undefined) return false
  const info = await stat(path).catch(() => undefined)
  return info?.isFile() === true && info.size === sizeBytes && (await md5OfFile(path)) === contentMd5
}

async function md5OfFile(path: string): Promise<string> {
  const handle = await open(path, 'r')
  try {
    const { size: sizeBytes } = await handle.stat()
    return await md5OfRange({ handle, name: path, offset: 0, sizeBytes })
  } finally {
    await handle.close()
  }
}
