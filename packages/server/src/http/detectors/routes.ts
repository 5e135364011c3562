// The operations on detectors, of both versions of the API: one library, two ways to speak of it.
import type { DetectorLimits } from '@alidade/jobs'
import type { FastifyInstance } from 'fastify'
import type { BlobStore } from '../../blobs/blob-store.ts'
import type { DetectorStore } from '../../store/detector-store.ts'
import { detectorApiV1, detectorApiV2 } from './detector-faults.ts'
import type { LinkOptions } from './detector-links.ts'
import { detectorV1Routes } from './v1-routes.ts'
import { detectorV2Routes } from './v2-routes.ts'
import { detectorVersionRoutes } from './version-routes.ts'

export interface DetectorDependencies extends LinkOptions {
  detectors: DetectorStore
  blobs: BlobStore
  limits: DetectorLimits
}

/** Registers the operations under `/realitydataanalysis/detectors` and `/reality-analysis/detectors`. */
export function detectorRoutes(app: FastifyInstance, dependencies: DetectorDependencies): void {
  detectorV1Routes(app, dependencies)
  detectorV2Routes(app, dependencies)
  detectorVersionRoutes(app, detectorApiV1, dependencies)
  detectorVersionRoutes(app, detectorApiV2, dependencies)
}
