// One file to a container: a small one in one request, a large one by blocks. It is read in small pieces, so memory does
// not depend on its size; every block carries its MD5, and the blob that of the whole.
import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { ServiceError } from '../service-error.ts'
import type { BlobBody } from './blob-container.ts'
import { md5OfRange, piecesOf } from './file-range.ts'
import { changedWhileSent, stampOf } from './file-stamp.ts'
import type { FileToPush } from './files-to-push.ts'
import type { Acknowledged, PushJournal } from './push-journal.ts'
import { gather, type Transfer } from './transfer.ts'

export interface PushContext {
  readonly transfer: Transfer
  readonly journal: PushJournal
  readonly sent: (bytes: number) => void
}

/** A file while it is sent. */
interface Source {
  readonly handle: FileHandle
  readonly name: string
  readonly sizeBytes: number
  /** Of the blocks it goes in. */
  readonly blockBytes: number
  readonly stamp: string
}

/** The dialect's limit of blocks in a blob. */
const maxBlocks = 50_000

export async function pushFile({ path, name, sizeBytes }: FileToPush, context: PushContext): Promise<void> {
  const handle = await open(path, 'r')
  try {
    const blockBytes = blockSizeFor(sizeBytes, context.transfer.blockBytes)
    const source = { handle, name, sizeBytes, blockBytes, stamp: await stampOf(handle, blockBytes) }
    // It may have grown since the folder was listed.
    if ((await handle.stat()).size !== sizeBytes) throw changedWhileSent(name)
    await (sizeBytes <= blockBytes ? putWhole(source, context) : putAllBlocks(source, context)).catch(
      async (error: unknown) => {
        // What was sent is not what was looked at before.
        if (error instanceof ServiceError && error.code === 'Md5Mismatch') await refuseChanged(source, error)
        throw error
      },
    )
    context.transfer.fileDone(name)
  } finally {
    await handle.close()
  }
}

async function putWhole(source: Source, { transfer, journal, sent }: PushContext): Promise<void> {
  const { name, sizeBytes, stamp } = source
  const leave = await transfer.enter()
  try {
    const range = { ...source, offset: 0 }
    const md5 = await md5OfRange(range)
    const block = { name, place: 0, id: `whole ${md5}`, stamp }
    const known = journal.has(block)
    await refuseChanged(source)
    if (!known) {
      const headers = { 'x-ms-blob-type': 'BlockBlob', 'content-md5': md5, ...contentType }
      await put(transfer, name, {}, headers, { sizeBytes, pieces: () => piecesOf(range) })
      sent(sizeBytes)
      await journal.add(block)
    }
    transfer.report(name, sizeBytes, !known)
  } finally {
    leave()
  }
}

async function putAllBlocks(source: Source, context: PushContext): Promise<void> {
  try {
    await putBlocks(source, context, context.transfer.report)
  } catch (error) {
    // Blocks from an earlier run that the service has swept since: send them all, once.
    if (!(error instanceof ServiceError && error.code === 'InvalidBlockList')) throw error
    context.journal.forget(source.name)
    await putBlocks(source, context, () => {})
  }
}

async function putBlocks(
  source: Source,
  { transfer, journal, sent }: PushContext,
  report: Transfer['report'],
): Promise<void> {
  const { name, sizeBytes, blockBytes, stamp } = source
  const ids: string[] = []
  const whole = createHash('md5')
  let readWhole = true
  await gather(async (start) => {
    for (let place = 0; place * blockBytes < sizeBytes; place++) {
      const offset = place * blockBytes
      const range = { ...source, offset, sizeBytes: Math.min(blockBytes, sizeBytes - offset) }
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
  const md5 = readWhole ? whole.digest('base64') : await md5OfRange({ ...source, offset: 0 })
  await refuseChanged(source)
  const list = ids.map((id) => `<Latest>${id}</Latest>`).join('')
  const body = `<?xml version="1.0" encoding="utf-8"?><BlockList>${list}</BlockList>`
  const headers = { 'content-type': 'application/xml', 'x-ms-blob-content-md5': md5, ...contentType }
  await put(transfer, name, { comp: 'blocklist' }, headers, body)

  async function putBlock(block: Acknowledged, md5: string, body: Exclude<BlobBody, string>): Promise<void> {
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

async function refuseChanged({ handle, name, blockBytes, stamp }: Source, cause?: unknown): Promise<void> {
  if ((await stampOf(handle, blockBytes)) !== stamp) throw changedWhileSent(name, { cause })
}
