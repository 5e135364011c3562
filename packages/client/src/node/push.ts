// Files to a container: small ones in one request, large ones by blocks. Memory is `concurrency` blocks, whatever
// the size of the files; every block carries its MD5, and the blob that of the whole.
import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { ServiceError } from '../service-error.ts'
import type { ContainerUrlProvider } from './blob-container.ts'
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
    setTotal(files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0))
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
    const body = new Uint8Array(sizeBytes)
    await readExactly(handle, name, 0, body)
    await refuseMore(handle, name, sizeBytes)
    const md5 = md5Of(body)
    if (!journal.has(name, `whole ${md5}`)) {
      const headers = { 'x-ms-blob-type': 'BlockBlob', 'content-md5': md5, ...contentType }
      await put(transfer, name, {}, headers, body)
      sent(sizeBytes)
      await journal.add(name, `whole ${md5}`)
    }
    transfer.report(name, sizeBytes)
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
  const ids: string[] = []
  // Memory that a finished block leaves to the next; the garbage collector is late with blocks of this size.
  const spare: Uint8Array<ArrayBuffer>[] = []
  const whole = createHash('md5')
  await gather(async (start) => {
    for (let offset = 0; offset < sizeBytes; offset += size) {
      // The lane is entered before memory is taken.
      const leave = await transfer.enter()
      try {
        const buffer = spare.pop() ?? new Uint8Array(size)
        const body = buffer.subarray(0, Math.min(size, sizeBytes - offset))
        await readExactly(handle, name, offset, body)
        whole.update(body)
        const md5 = md5Of(body)
        const id = blockId(ids.push('') - 1, md5)
        ids[ids.length - 1] = id
        const done = () => {
          spare.push(buffer)
          leave()
        }
        start(putBlock(id, md5, body).finally(done))
      } catch (error) {
        leave()
        throw error
      }
    }
  })
  await refuseMore(handle, name, sizeBytes)
  const list = ids.map((id) => `<Latest>${id}</Latest>`).join('')
  const body = `<?xml version="1.0" encoding="utf-8"?><BlockList>${list}</BlockList>`
  const headers = {
    'content-type': 'application/xml',
    'x-ms-blob-content-md5': whole.digest('base64'),
    ...contentType,
  }
  await put(transfer, name, { comp: 'blocklist' }, headers, body)

  async function putBlock(id: string, md5: string, body: Uint8Array<ArrayBuffer>): Promise<void> {
    if (!journal.has(name, id)) {
      await put(transfer, name, { comp: 'block', blockid: id }, { 'content-md5': md5 }, body)
      sent(body.byteLength)
      await journal.add(name, id)
    }
    report(name, body.byteLength)
  }
}

const contentType = { 'x-ms-blob-content-type': 'application/octet-stream' }

async function put(
  { container, signal }: Transfer,
  name: string,
  query: Record<string, string>,
  headers: Record<string, string>,
  body: Uint8Array<ArrayBuffer> | string,
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

/** Fills `bytes` from `offset` on. */
async function readExactly(
  handle: FileHandle,
  name: string,
  offset: number,
  bytes: Uint8Array,
): Promise<void> {
  for (let filled = 0; filled < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, offset + filled)
    if (bytesRead === 0) {
      throw new RangeError(`${name} became shorter during the upload: no byte at ${offset + filled}`)
    }
    filled += bytesRead
  }
}

async function refuseMore(handle: FileHandle, name: string, sizeBytes: number): Promise<void> {
  const { size } = await handle.stat()
  if (size !== sizeBytes) {
    throw new RangeError(`${name} changed during the upload: it had ${sizeBytes} bytes, now ${size}`)
  }
}

function md5Of(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('base64')
}
