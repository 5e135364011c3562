// What the name of a container in a URL means: a reality data, the bucket of an iTwin, or what an attempt of a job writes.
import type { RealityDataStore } from '../store/reality-data-store.ts'
import { resolveAttemptContainer } from './attempt-container.ts'
import type { BlobRoutesOptions } from './blob-routes.ts'
import { iTwinOfBucket } from './bucket-container.ts'

export function containerResolver(
  realityData: Pick<RealityDataStore, 'resolveContainer' | 'resolveBucket'>,
): BlobRoutesOptions['resolveContainer'] {
  return async (name) => {
    const iTwinId = iTwinOfBucket(name)
    if (iTwinId === undefined) return resolveAttemptContainer(name) ?? realityData.resolveContainer(name)
    const container = await realityData.resolveBucket(iTwinId)
    return container && { container, writable: true }
  }
}
