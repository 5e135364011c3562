// Where the blobs are: every process on one database has to mean the same place, or uploads to one of them would be
// missing in the others.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { readOrCreateFile } from '../config/read-or-create-file.ts'
import type { Secrets } from '../config/secret-key.ts'

const place = 'blob-folder-id'

/** Throws when the processes that came before, on this database, use another folder, or none. */
export async function checkBlobFolder(root: string, secrets: Secrets): Promise<void> {
  const own = (await readOrCreateFile(join(root, 'folder-id'), randomUUID)).toString()
  const common = (await secrets.readOrCreate(place, () => own)).toString()
  if (own !== common) {
    throw new Error(
      `the blob folder ${root} is not ${isUrl(common) ? `the account ${common}` : 'the one'} that other processes on this ` +
        'database use; give all of them the same --blob-dir or --blob-connection-string (an agent that cannot reach it ' +
        'goes without)',
    )
  }
}

/** The same for an account of Azure Blob Storage, by the URL of its blobs. */
export async function checkBlobAccount(url: string, secrets: Secrets): Promise<void> {
  const common = (await secrets.readOrCreate(place, () => url)).toString()
  if (url !== common) {
    throw new Error(
      `uploads and results of this database are in ${isUrl(common) ? `the account ${common}` : 'a blob folder'}, not in ` +
        `${url}; give all processes the same --blob-connection-string or --blob-dir`,
    )
  }
}

function isUrl(text: string): boolean {
  return /^https?:/.test(text)
}
