// Every file of a linked folder, under the name it has as a blob.
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { compareNames, normaliseBlobName } from '../blobs/blob-name.ts'
import { BlobStoreError } from '../blobs/blob-store.ts'
import { missing, realPathOf } from './open-linked-file.ts'

export interface WalkedFile {
  /** As blobs are named. */
  name: string
  /** Where it lies below the folder; differs from the name where that is spelled otherwise on the disk. */
  path: string
  sizeBytes: number
}

/** A folder with more files is not one to be listed by name. */
export const mostFiles = 1_000_000
const deepest = 64
const parallelLooks = 32

/**
 * Sorted by name. Left out: what is no plain file, links that leave the folder or lead in circles, and what cannot be
 * named as a blob. `onFile` is told of every file as it is found.
 */
export async function walkFolder(folder: string, onFile?: (file: WalkedFile) => void): Promise<WalkedFile[]> {
  const byName = new Map<string, WalkedFile>()

  /** `real` is where `path`, below the folder, leads; `above` are the folders that it was reached through. */
  async function walk(path: string, real: string, above: readonly string[]): Promise<void> {
    if (above.length > deepest || above.includes(real)) return
    const within = [...above, real]
    const entries = (await readdir(real, { withFileTypes: true }).catch(missing)) ?? []
    const folders: { path: string; real: string }[] = []
    let next = 0
    const look = async () => {
      while (next < entries.length) {
        const entry = entries[next++]!
        const entryPath = path === '' ? entry.name : `${path}/${entry.name}`
        const target = entry.isSymbolicLink() ? await realPathOf(folder, entryPath) : join(real, entry.name)
        if (target === undefined) continue
        const stat = await lstat(target).catch(missing)
        if (stat?.isDirectory()) folders.push({ path: entryPath, real: target })
        else if (stat?.isFile()) add(entryPath, stat.size)
      }
    }
    await Promise.all(Array.from({ length: parallelLooks }, look))
    for (const each of folders) await walk(each.path, each.real, within)
  }

  function add(path: string, sizeBytes: number): void {
    const name = nameOf(path)
    if (name === undefined || byName.has(name)) return
    if (byName.size >= mostFiles)
      throw new BlobStoreError('ContainerGone', `the linked folder holds more than ${mostFiles} files`)
    const file = { name, path, sizeBytes }
    byName.set(name, file)
    onFile?.(file)
  }

  await walk('', folder, [])
  return [...byName.values()].sort((a, b) => compareNames(a.name, b.name))
}

function nameOf(path: string): string | undefined {
  try {
    return normaliseBlobName(path)
  } catch (error) {
    if (error instanceof BlobStoreError) return undefined
    throw error
  }
}
