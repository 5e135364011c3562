/**
 * Removes what half uploads, crashes and slow readers left: files in data folders that no manifest names,
 * half written manifests, removed containers. A file goes when its last byte is older than the limit and
 * nobody in this process works on it.
 */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readManifest, undefinedIfMissing } from './blob-manifest.ts'
import { halfUploadLifetimeMilliseconds, type SweepOptions, type SweepResult } from './blob-store.ts'

export interface SweptFolder {
  readonly containers: string
  readonly trash: string
  readonly inUse: (path: string) => boolean
  /** Runs the task while no commit to the blob of this manifest can happen. */
  readonly locked: <T>(manifest: string, task: () => Promise<T>) => Promise<T>
  readonly removeFile: (path: string) => Promise<void>
  readonly removeIfEmpty: (directory: string) => Promise<void>
}

export async function sweepFolder(options: SweepOptions, folder: SweptFolder): Promise<SweepResult> {
  const { removeIfEmpty } = folder
  const { now, olderThanMilliseconds = halfUploadLifetimeMilliseconds, signal } = options
  const limit = now.getTime() - olderThanMilliseconds
  let filesRemoved = 0
  let bytesRemoved = 0

  const removeIfOld = async (path: string): Promise<void> => {
    if (folder.inUse(path)) return
    const status = await stat(path).catch(undefinedIfMissing)
    if (status === undefined || !status.isFile() || status.mtimeMs > limit) return
    await folder.removeFile(path)
    filesRemoved++
    bytesRemoved += status.size
  }

  for (const id of await entries(folder.containers)) {
    for (const attempt of await entries(join(folder.containers, id))) {
      const container = join(folder.containers, id, attempt)
      const manifests = join(container, 'blobs')
      for (const file of await entries(manifests)) {
        if (file.endsWith('.part')) await removeIfOld(join(manifests, file))
      }
      for (const key of await entries(join(container, 'data'))) {
        signal?.throwIfAborted()
        const data = join(container, 'data', key)
        const manifest = join(manifests, `${key}.json`)
        await folder.locked(manifest, async () => {
          const committed = new Set((await readManifest(manifest))?.segments.map(({ file }) => file))
          for (const file of await entries(data))
            if (!committed.has(file)) await removeIfOld(join(data, file))
          await removeIfEmpty(data)
        })
      }
      for (const empty of [join(container, 'data'), manifests, container]) await removeIfEmpty(empty)
    }
    await removeIfEmpty(join(folder.containers, id))
  }
  for (const removed of await entries(folder.trash)) {
    for (const file of await entries(join(folder.trash, removed)))
      await removeIfOld(join(folder.trash, removed, file))
    await removeIfEmpty(join(folder.trash, removed))
  }
  return { filesRemoved, bytesRemoved }
}

async function entries(directory: string): Promise<string[]> {
  return (await readdir(directory).catch(undefinedIfMissing)) ?? []
}
