// Files to a container: small ones in one request, large ones by blocks. Files are read in small pieces, so memory does
// not depend on their size; every block carries its MD5, and the blob that of the whole.
import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { ServiceError } from '../service-error.ts'
import type { BlobBody, ContainerUrlProvider } from './blob-container.ts'
import { md5OfRange, piecesOf } from './file-range.ts'
import { type FileToPush, filesToPush } from './files-to-push.ts'
import { openPushJournal, type PushJournal } from './push-journal.ts'
import { gather, runTransfer, type Transfer, type TransferOptions } from './transfer.ts'

export interface PushOptions extends TransferOptions {
  /**
   * File that remembers what was acknowledged; given again after an interruption, only the rest is sent. It is
   * removed when all is done. Without it an interrupted push starts anew.
   */
  readonly journal?: string
}

export interface PushResult {
  readonly files: readonly { readonly name: string; readonly sizeBytes: number }[]
  /** What went over the line; less than the sum of the files after an interruption. */
  readonly sentBytes: number
}

/** The dialect's limit of blocks in a blob. */
const maxBlocks = 50_000

/**
 * Uploads a file (under its own name), a folder (names relative to it, with `/`), or a list of these.
 * A file appears in the container as a whole or not at all. Rejects with a ServiceError, with a RangeError for a
 * name the service could not keep or a file that changes meanwhile, or with the reason of `signal`.
 */
export async function push(
  containerUrl: ContainerUrlProvider,
  source: string | readonly (string | { readonly path: string; readonly name: string })[],
  options: PushOptions = {},
): Promise<PushResult> {
  return runTransfer(containerUrl, options, async (transfer, setTotal) => {
    const files = await filesToPush(source)
    setTotal(files)
    const journal = await openPushJournal(options.journal, await transfer.container.address(transfer.signal))
    let sentBytes = 0
    const sent = (bytes: number) => {
      sentBytes += bytes
    }
    try {
      await transfer.forEach(files, (file) => pushFile(file, { transfer, journal, sent }))
      await journal.remove()
    } finally {
      await journal.close()
    }
    return { files: files.map(({ name, sizeBytes }) => ({ name, sizeBytes })), sentBytes }
  })
}

interface Context {
  readonly transfer: Transfer
  readonly journal: PushJournal
  readonly sent: (bytes: number) => void
}

async function pushFile(file: FileToPush, context: Context): Promise<void> {
  const handle = await open(file.path, 'r')
  try {
    if (file.sizeBytes <= context.transfer.blockBytes) return await putWhole(file, handle, context)
    try {
      await putBlocks(file, handle, context, context.transfer.report)
    } catch (error) {
      // Blocks from an earlier run that the service has swept since: send them all, once.
      if (!(error instanceof ServiceError && error.code === 'InvalidBlockList')) throw error
      context.journal.forget(file.name)
      await putBlocks(file, handle, context, () => {})
    }
    context.transfer.fileDone(file.name)
  } finally {
    await handle.close()
  }
}

async function putWhole(
  { name, sizeBytes }: FileToPush,
  handle: FileHandle,
  { transfer, journal, sent }: Context,
): Promise<void> {
  const leave = await transfer.enter()
  try {
    const stamp = await stampOf(handle, sizeBytes)
    const range = { handle, name, offset: 0, sizeBytes }
    const md5 = await md5OfRange(range)
    const block = { name, place: 0, id: `whole ${md5}`, stamp }
    const known = journal.has(block)
    await refuseChanged(handle, name, stamp, sizeBytes)
    if (!known) {
      const headers = { 'x-ms-blob-type': 'BlockBlob', 'content-md5': md5, ...contentType }
      await put(transfer, name, {}, headers, { sizeBytes, pieces: () => piecesOf(range) })
      sent(sizeBytes)
      await journal.add(block)
    }
    transfer.report(name, sizeBytes, !known)
    transfer.fileDone(name)
  } finally {
    leave()
  }
}

async function putBlocks(
  { name, sizeBytes }: FileToPush,
  handle: FileHandle,
  { transfer, journal, sent }: Context,
  report: Transfer['report'],
): Promise<void> {
  const size = blockSizeFor(sizeBytes, transfer.blockBytes)
  const stamp = await stampOf(handle, size)
  const ids: string[] = []
  const whole = createHash('md5')
  let readWhole = true
  await gather(async (start) => {
    for (let place = 0; place * size < sizeBytes; place++) {
      const offset = place * size
      const range = { handle, name, offset, sizeBytes: Math.min(size, sizeBytes - offset) }
      const known = journal.idAt({ name, place, stamp })
      if (known !== undefined) {
        readWhole = false
        ids.push(known)
        report(name, range.sizeBytes, false)
        continue
      }
      const leave = await transfer.enter()
      try {
        const md5 = await md5OfRange(range, ...(readWhole ? [whole] : []))
        const id = blockId(place, md5)
        ids.push(id)
        const body = { sizeBytes: range.sizeBytes, pieces: () => piecesOf(range) }
        start(putBlock({ name, place, id, stamp }, md5, body).finally(leave))
      } catch (error) {
        leave()
        throw error
      }
    }
  })
  const md5 = readWhole ? whole.digest('base64') : await md5OfRange({ handle, name, offset: 0, sizeBytes })
  await refuseChanged(handle, name, stamp, size)
  const list = ids.map((id) => `<Latest>${id}</Latest>`).join('')
  const body = `<?xml version="1.0" encoding="utf-8"?><BlockList>${list}</BlockList>`
  const headers = { 'content-type': 'application/xml', 'x-ms-blob-content-md5': md5, ...contentType }
  await put(transfer, name, { comp: 'blocklist' }, headers, body)

  async function putBlock(
    block: Parameters<PushJournal['add']>[0],
    md5: string,
    body: Exclude<BlobBody, string>,
  ): Promise<void> {
    const known = journal.has(block)
    if (!known) {
      await put(transfer, name, { comp: 'block', blockid: block.id }, { 'content-md5': md5 }, body)
      sent(body.sizeBytes)
      await journal.add(block)
    }
    report(name, body.sizeBytes, !known)
  }
}

const contentType = { 'x-ms-blob-content-type': 'application/octet-stream' }

async function put(
  { container, signal }: Transfer,
  name: string,
  query: Record<string, string>,
  headers: Record<string, string>,
  body: BlobBody,
): Promise<void> {
  const read = async (response: Response) => void (await response.arrayBuffer())
  await container.request({ method: 'PUT', name, query, headers, body, expect: 201, read, signal })
}

/**
 * Place and content, 38 bytes before base64: ids of one blob must be of one length, and a block with the same id
 * holds the same bytes, so that ids of an earlier run can be trusted.
 */
function blockId(index: number, md5: string): string {
  const place = String(index).padStart(5, '0')
  return Buffer.from(`${place}-${Buffer.from(md5, 'base64').toString('hex')}`).toString('base64')
}

/** `blockBytes`, or more in whole MiB where 50,000 of these would not do. */
function blockSizeFor(sizeBytes: number, blockBytes: number): number {
  const mebibyte = 2 ** 20
  if (sizeBytes <= blockBytes * maxBlocks) return blockBytes
  return Math.ceil(sizeBytes / maxBlocks / mebibyte) * mebibyte
}

/**
 * Another one as soon as somebody has written to the file, or replaced it: the system sets the time of the last change
 * itself. The size of the blocks is part of it, as another one makes other blocks.
 */
async function stampOf(handle: FileHandle, blockBytes: number): Promise<string> {
  const { size, ino, mtimeNs, ctimeNs } = await handle.stat({ bigint: true })
  return [size, ino, mtimeNs, ctimeNs, blockBytes].join('-')
}

async function refuseChanged(
  handle: FileHandle,
  name: string,
  stamp: string,
  blockBytes: number,
): Promise<void> {
  if ((await stampOf(handle, blockBytes)) === stamp) return
  throw new RangeError(`${name} changed during the upload; push again when nobody writes to it`)
}
