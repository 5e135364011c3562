// Files and folders to a container, several files at once.
import type { ContainerUrlProvider } from './blob-container.ts'
import { filesToPush } from './files-to-push.ts'
import { pushFile } from './push-file.ts'
import { openPushJournal } from './push-journal.ts'
import { runTransfer, type TransferOptions } from './transfer.ts'

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
