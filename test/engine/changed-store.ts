// The real blob store with some of its operations in another's place: disks do not fail or hang when one wants them to.
import type { BlobStore } from '../../packages/server/src/blobs/blob-store.ts'

/** An operation given as undefined is one that this store does not have. */
export function changedStore(
  blobs: BlobStore,
  operations: { [K in keyof BlobStore]?: BlobStore[K] | undefined },
): BlobStore {
  return new Proxy(blobs, {
    get: (target, name) => {
      if (Object.hasOwn(operations, name)) return operations[name as keyof BlobStore]
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
