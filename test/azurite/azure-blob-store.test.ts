// The Azure adapter of the blob port does what every blob store does.
import { randomUUID } from 'node:crypto'
import { inject } from 'vitest'
import { AzureBlobStore } from '../../packages/server/src/blobs/azure-blob-store.ts'
import { describeBlobStore } from '../../packages/server/src/blobs/blob-store-behaviour.ts'

describeBlobStore(
  'azure',
  async () => {
    const connectionString = inject('connectionString')
    const store = new AzureBlobStore({ connectionString, owner: randomUUID(), now: () => new Date() })
    return { store, close: async () => {} }
  },
  { sweepsByItself: true },
)
