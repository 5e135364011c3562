// A blob store in which some containers are linked folders: these are read where they lie and never written to, all
// others are the store's.
import {
  type BlobProperties,
  type BlobStore,
  BlobStoreError,
  type ContainerKey,
  type WorkBlobs,
} from '../blobs/blob-store.ts'
import type { OpenedBlobs } from '../blobs/open-blobs.ts'
import type { LinkedFolders } from './linked-folders.ts'

/** What an API process has, with linked folders among it. */
export function openedWithLinkedFolders(opened: OpenedBlobs, folders: LinkedFolders): OpenedBlobs {
  const { counted } = opened
  return {
    ...opened,
    store: withLinkedFolders(opened.store, folders),
    counted: {
      sizeOf: sizeIn(counted, folders),
      deleteContainer: (container) => counted.deleteContainer(container),
    },
  }
}

export function withLinkedFolders(store: BlobStore, folders: LinkedFolders): BlobStore {
  return {
    ...readingLinked(store, folders),
    putBlob: async (container, ...rest) => store.putBlob(writable(container), ...rest),
    putBlock: async (container, ...rest) => store.putBlock(writable(container), ...rest),
    commitBlocks: async (container, ...rest) => store.commitBlocks(writable(container), ...rest),
    delete: async (container, ...rest) => store.delete(writable(container), ...rest),
    containers: () => store.containers(),
    sizeOf: sizeIn(store, folders),
    sweep: (options) => store.sweep(options),
  }
}

/**
 * The same for what an agent needs. `elsewhere` is asked for folders that this machine may not show, or does not have.
 */
export function readingLinked(store: WorkBlobs, folders: LinkedFolders, elsewhere?: WorkBlobs): WorkBlobs {
  /** Where the files of a linked folder are read: undefined: here. */
  async function farFrom(linkedFolder: string): Promise<WorkBlobs | undefined> {
    return elsewhere === undefined || (await folders.reaches(linkedFolder)) ? undefined : elsewhere
  }
  return {
    list: async (container, options) => {
      const { linkedFolder } = container
      if (linkedFolder === undefined) return store.list(container, options)
      return (await farFrom(linkedFolder))?.list(container, options) ?? folders.list(linkedFolder, options)
    },
    get: async (container, name): Promise<BlobProperties | undefined> => {
      const { linkedFolder } = container
      if (linkedFolder === undefined) return store.get(container, name)
      const far = await farFrom(linkedFolder)
      return far === undefined ? folders.get(linkedFolder, name) : far.get(container, name)
    },
    read: async (container, name, options) => {
      const { linkedFolder } = container
      if (linkedFolder === undefined) return store.read(container, name, options)
      return (
        (await farFrom(linkedFolder))?.read(container, name, options) ??
        folders.read(linkedFolder, name, options)
      )
    },
    localSegments: async (container, name) => {
      const { linkedFolder } = container
      if (linkedFolder === undefined) return store.localSegments?.(container, name)
      return (await farFrom(linkedFolder)) === undefined
        ? folders.localSegments(linkedFolder, name)
        : undefined
    },
    publishesFar: store.publishesFar ?? store.localSegments === undefined,
    publishFile: async (container, ...rest) => store.publishFile(writable(container), ...rest),
    // Of a linked folder there is nothing to delete: its reality data has no container of its own.
    deleteContainer: (container) => store.deleteContainer(container),
  }
}

function sizeIn(store: Pick<BlobStore, 'sizeOf'>, folders: LinkedFolders): BlobStore['sizeOf'] {
  return ({ linkedFolder, ...container }) =>
    linkedFolder === undefined ? store.sizeOf(container) : folders.sizeOf(linkedFolder)
}

function writable(container: ContainerKey): ContainerKey {
  if (container.linkedFolder === undefined) return container
  throw new BlobStoreError('InvalidContainer', 'a linked folder is read only')
}
