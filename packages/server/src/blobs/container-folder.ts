/**
 * Where things lie under the root of a folder store. The only place that makes paths, and it makes them from
 * GUIDs, numbers and hashes alone:
 *
 *     containers/<guid>/<attempt>/blobs/<sha256 of the name>.json    manifest: the blob exists
 *     containers/<guid>/<attempt>/data/<sha256 of the name>/...      its segments and uncommitted blocks
 *     trash/<uuid>/                                                  manifests of removed containers
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { normaliseBlobName } from './blob-name.ts'
import { BlobStoreError, type ContainerKey } from './blob-store.ts'

export interface ContainerFolder {
  readonly path: string
  readonly manifests: string
  readonly data: string
}

export interface BlobFolder {
  readonly name: string
  readonly container: ContainerFolder
  readonly manifest: string
  readonly data: string
}

export function containersFolder(root: string): string {
  return join(root, 'containers')
}

export function trashFolder(root: string): string {
  return join(root, 'trash')
}

/** The folder of all attempts of a container. */
export function containerIdFolder(root: string, id: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) {
    throw new BlobStoreError('InvalidContainer', 'a container id must be a GUID')
  }
  return join(containersFolder(root), id.toLowerCase())
}

export function containerFolder(root: string, { id, attempt }: ContainerKey): ContainerFolder {
  if (!Number.isSafeInteger(attempt) || attempt < 0) {
    throw new BlobStoreError('InvalidContainer', `an attempt must be a whole number >= 0, got ${attempt}`)
  }
  const path = join(containerIdFolder(root, id), String(attempt))
  return { path, manifests: join(path, 'blobs'), data: join(path, 'data') }
}

export function blobFolder(container: ContainerFolder, anyName: string): BlobFolder {
  const name = normaliseBlobName(anyName)
  const key = createHash('sha256').update(name, 'utf8').digest('hex')
  return {
    name,
    container,
    manifest: join(container.manifests, `${key}.json`),
    data: join(container.data, key),
  }
}
