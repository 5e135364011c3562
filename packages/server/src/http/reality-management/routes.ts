// The operations of Reality Management that jobs need.
import type { FastifyInstance } from 'fastify'
import type { BlobStore } from '../../blobs/blob-store.ts'
import type { ContainerUrls } from '../../blobs/container-urls.ts'
import type { RealityDataStore } from '../../store/reality-data-store.ts'
import { containerAccessRoutes } from './container-access.ts'
import { createRealityDataRoute } from './create-reality-data.ts'
import { deleteRealityDataRoute } from './delete-reality-data.ts'
import { getRealityDataRoute } from './get-reality-data.ts'
import { iTwinRoutes } from './itwins.ts'
import { listRealityDataRoute } from './list-reality-data.ts'
import { updateRealityDataRoute } from './update-reality-data.ts'

export interface RealityManagementDependencies {
  realityData: RealityDataStore
  blobs: Pick<BlobStore, 'sizeOf' | 'deleteContainer'>
  /** What clients are given to reach containers; default our own blob routes. */
  containerUrls?: ContainerUrls | undefined
  /** Sign container URLs, the first of them; 32 bytes each, the same as those of the blob routes. */
  sasKeys: readonly Uint8Array[]
  /** Scheme, host and prefix under which clients reach this service, without a slash at the end. */
  publicUrl: () => string
  now: () => Date
  /** Signs continuation tokens; the same in every process that serves them. */
  tokenKey: Uint8Array
}

/** Registers the operations under `/reality-management/reality-data` on an app made by `buildApp`. */
export function realityManagementRoutes(
  app: FastifyInstance,
  dependencies: RealityManagementDependencies,
): void {
  createRealityDataRoute(app, dependencies)
  getRealityDataRoute(app, dependencies)
  listRealityDataRoute(app, dependencies)
  updateRealityDataRoute(app, dependencies)
  deleteRealityDataRoute(app, dependencies)
  containerAccessRoutes(app, dependencies)
  iTwinRoutes(app, dependencies)
}
