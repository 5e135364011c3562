// What the name of a container in a URL means: a reality data, the bucket of an iTwin, the version of a detector, or what
// an attempt of a job writes.
import type { DetectorLimits } from '@alidade/jobs'
import { resolveDetectorContainer } from '../http/detectors/detector-container.ts'
import type { DetectorStore } from '../store/detector-store.ts'
import type { RealityDataStore } from '../store/reality-data-store.ts'
import { resolveAttemptContainer } from './attempt-container.ts'
import type { BlobRoutesOptions } from './blob-routes.ts'
import { iTwinOfBucket } from './bucket-container.ts'

export interface ContainerResolverOptions {
  realityData: Pick<RealityDataStore, 'resolveContainer' | 'resolveBucket'>
  detectors: Pick<DetectorStore, 'resolveContainer'>
  limits: DetectorLimits
}

export function containerResolver({
  realityData,
  detectors,
  limits,
}: ContainerResolverOptions): BlobRoutesOptions['resolveContainer'] {
  return async (name) => {
    const iTwinId = iTwinOfBucket(name)
    if (iTwinId === undefined)
      return (
        resolveAttemptContainer(name) ??
        (await realityData.resolveContainer(name)) ??
        resolveDetectorContainer(detectors, limits, name)
      )
    const container = await realityData.resolveBucket(iTwinId)
    return container && { container, writable: true }
  }
}
