/** Whether a blob folder takes files: it may have been mounted away, or read-only after a fault of the disk. */
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ReadinessCheck } from '../http/readiness.ts'
import { hasCode } from './blob-manifest.ts'

/**
 * Rejects when no file can be made in `root`. A full disk is no reason: reading and deleting go on, and who takes the
 * service away takes away the means to make room.
 */
export async function checkFolder(root: string): Promise<void> {
  // Always the same name, so that a crash in between leaves one empty file at most.
  const probe = join(root, '.writable')
  try {
    await (await open(probe, 'w')).close()
    await rm(probe, { force: true })
  } catch (error) {
    if (!hasCode(error, 'ENOSPC', 'EDQUOT')) throw error
  }
}

export function blobFolderReadiness(root: string): ReadinessCheck {
  return {
    code: 'BlobFolderUnavailable',
    fault: 'No file can be made in the folder of uploads and results.',
    check: () => checkFolder(root),
  }
}
