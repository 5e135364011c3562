// Where this process keeps uploads and results, or reaches them: a folder, or an account of Azure Blob Storage.
import { randomUUID } from 'node:crypto'
import { join, resolve } from 'node:path'
import type { Secrets } from '../config/secret-key.ts'
import type { DiskWatch } from '../disk/watch-disk.ts'
import type { ReadinessCheck } from '../http/readiness.ts'
import type { BlobStore, WorkBlobs } from './blob-store.ts'
import { checkBlobAccount, checkBlobFolder } from './check-blob-place.ts'
import { blobFolderReadiness } from './check-folder.ts'
import type { ContainerUrls } from './container-urls.ts'
import { openFolderBlobStore } from './folder-blob-store.ts'
import { keptSizes } from './kept-sizes.ts'

export interface OpenedBlobs {
  readonly store: BlobStore
  /** As agents use it, who wait longer for an account that does not answer. */
  readonly work: WorkBlobs
  /** For those who tell sizes. */
  readonly counted: Pick<BlobStore, 'sizeOf' | 'deleteContainer'>
  /** Undefined: clients go through our own blob routes. */
  readonly containerUrls: ContainerUrls | undefined
  readonly readiness: ReadinessCheck
}

export interface OpenBlobsOptions {
  /** Undefined: none within reach. */
  readonly folder: string | undefined
  /** Goes before the folder. */
  readonly connectionString: string | undefined
  readonly disk: DiskWatch
  readonly secrets: Secrets
  /** Whether other processes keep their blobs in the same place. */
  readonly shared: boolean
  readonly now: () => Date
}

/** With pauses of 0, 1, 3, 7, 15 and then 30 s: more than four minutes without an answer. */
const triesOfAgents = 14

/** Undefined: an agent that reaches blobs through the API. */
export async function openBlobs(options: OpenBlobsOptions): Promise<OpenedBlobs | undefined> {
  const { folder, connectionString } = options
  if (connectionString !== undefined) return await openAccount(connectionString, options)
  return folder === undefined ? undefined : await openFolder(folder, options)
}

/** Undefined: an agent that does not share the folder of the API. */
export function blobFolderOf(options: {
  role: string
  dataDir: string
  blobDir?: string | undefined
}): string | undefined {
  const { role, dataDir, blobDir } = options
  if (blobDir !== undefined) return resolve(blobDir)
  return role === 'agent' ? undefined : join(dataDir, 'blobs')
}

async function openFolder(root: string, { disk, secrets, shared }: OpenBlobsOptions): Promise<OpenedBlobs> {
  const store = await openFolderBlobStore({ root, disk })
  if (shared) await checkBlobFolder(root, secrets)
  const readiness = blobFolderReadiness(root)
  return { store, work: store, counted: store, containerUrls: undefined, readiness }
}

async function openAccount(
  connectionString: string,
  { secrets, now }: OpenBlobsOptions,
): Promise<OpenedBlobs> {
  // Only where it is used: the SDK takes a while to load.
  const { AzureBlobStore } = await import('./azure-blob-store.ts')
  const owner = (await secrets.readOrCreate('blob-owner', randomUUID)).toString()
  const store = new AzureBlobStore({ connectionString, owner, now })
  await checkBlobAccount(store.url, secrets)
  const { sizeOf } = keptSizes(store, { now })
  return {
    store,
    work: new AzureBlobStore({ connectionString, owner, now, maxTries: triesOfAgents }),
    counted: { sizeOf, deleteContainer: (container) => store.deleteContainer(container) },
    containerUrls: store,
    readiness: {
      code: 'BlobStorageUnavailable',
      fault: 'The account of uploads and results does not answer, or refuses its key.',
      check: () => store.check(),
    },
  }
}
