/**
 * What a container is called in an account of Azure Blob Storage, which takes 3 to 63 lower-case letters, digits and
 * single hyphens: `<guid>` for uploads, `<attempt>-<guid>` for what a job's attempt writes. Clients cut container URLs
 * at the GUID to put a blob's name behind it, so the GUID stands last.
 */
import { BlobStoreError, type ContainerKey } from './blob-store.ts'

/** Throws `InvalidContainer`. */
export function azureContainerName({ id, attempt }: ContainerKey): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id) || id.endsWith('\n')) {
    throw new BlobStoreError('InvalidContainer', 'a container id must be a GUID')
  }
  if (!Number.isSafeInteger(attempt) || attempt < 0) {
    throw new BlobStoreError('InvalidContainer', `an attempt must be a whole number >= 0, got ${attempt}`)
  }
  return attempt === 0 ? id.toLowerCase() : `${attempt}-${id.toLowerCase()}`
}

/** Undefined for a name that we do not give. */
export function containerOfAzureName(name: string): ContainerKey | undefined {
  const [, attempt = '0', id] =
    /^(?:([1-9]\d{0,14})-)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(name) ?? []
  return id === undefined ? undefined : { id, attempt: Number(attempt) }
}
