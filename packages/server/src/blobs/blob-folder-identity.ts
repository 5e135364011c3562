// Which folder it is: every process on one database has to mean the same one, or uploads to one of them would be
// missing in the others.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { readOrCreateFile } from '../config/read-or-create-file.ts'
import type { Secrets } from '../config/secret-key.ts'

/** Throws when the processes that came before, on this database, use another folder. */
export async function checkBlobFolder(root: string, secrets: Secrets): Promise<void> {
  const own = (await readOrCreateFile(join(root, 'folder-id'), randomUUID)).toString()
  const common = (await secrets.readOrCreate('blob-folder-id', () => own)).toString()
  if (own !== common) {
    throw new Error(
      `the blob folder ${root} is not the one that other processes on this database use; give all of them the same ` +
        '--blob-dir (an agent that cannot reach it goes without)',
    )
  }
}
